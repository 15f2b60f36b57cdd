import { Injectable } from '@nestjs/common';
import type { Counter, Histogram } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics.js';

/** What others may build alerts on. */
@Injectable()
export class PagingMetrics {
  readonly pages: Counter<'outcome'>;
  readonly recordToPageSeconds: Histogram;

  constructor(metrics: Metrics) {
    this.pages = metrics.counter('silowatch_pages_total', 'Attempts to page a person, by what became of them', [
      'outcome',
    ]);
    const outcomes = ['sent', 'sent_late', 'failed', 'expired', 'acknowledged'];
    metrics.beginAtZero(this.pages, { outcome: outcomes });
    this.recordToPageSeconds = metrics.histogram(
      'silowatch_record_to_page_seconds',
      'From the record that caused an incident to its first page accepted by the mail server',
      [0.5, 1, 2, 5, 10, 30, 60, 300],
    );
  }
}
