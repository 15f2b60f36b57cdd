import { Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics.js';

const OUTCOMES = [
  'received',
  'joined',
  'repeated',
  'acknowledged',
  'not_acknowledged',
  'answered',
  'incident',
] as const;

@Injectable()
export class DisclosureMetrics {
  readonly reports: Counter<'outcome'>;

  constructor(metrics: Metrics) {
    this.reports = metrics.counter('silowatch_reports_total', 'Mails and forms of the disclosure desk, by outcome', [
      'outcome',
    ]);
    metrics.beginAtZero(this.reports, { outcome: OUTCOMES });
  }
}
