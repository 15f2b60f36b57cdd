import { Injectable } from '@nestjs/common';
import type { Counter, Histogram } from 'prom-client';
import { STREAMS } from '../../platform/event-log/topics.js';
import { Metrics } from '../../platform/metrics/metrics.js';

const FORMS = ['lines', 'otlp', 'bulk', 'hec'] as const;

/** What comes in over HTTP. */
@Injectable()
export class IntakeMetrics {
  readonly requests: Counter<'form' | 'outcome'>;
  readonly records: Counter<'stream' | 'outcome'>;
  readonly bytes: Counter;
  readonly throttled: Counter<'why'>;
  readonly appendSeconds: Histogram;
  readonly siloRecords: Counter<'silo' | 'stream' | 'outcome'>;
  readonly siloThrottled: Counter<'silo' | 'why'>;
  readonly siloRejected: Counter<'silo' | 'reason'>;
  private readonly inFlight;

  constructor(metrics: Metrics) {
    this.requests = metrics.counter('silowatch_intake_requests_total', 'Requests that carry records, by form', [
      'form',
      'outcome',
    ]);
    this.records = metrics.counter('silowatch_intake_records_total', 'Records received over HTTP', [
      'stream',
      'outcome',
    ]);
    this.bytes = metrics.counter('silowatch_intake_bytes_total', 'Bytes of bodies received over HTTP, unpacked');
    this.throttled = metrics.counter(
      'silowatch_intake_throttled_total',
      'Requests answered with 429, by the bound that was met',
      ['why'],
    );
    this.inFlight = metrics.gauge('silowatch_intake_bytes_in_flight', 'Bytes of bodies that wait for the log');
    this.appendSeconds = metrics.histogram(
      'silowatch_intake_append_seconds',
      "Until the log acknowledged a body's records",
      [0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 20],
    );
    this.siloRecords = metrics.siloCounter('silowatch_silo_intake_records_total', 'Records received over HTTP', [
      'silo',
      'stream',
      'outcome',
    ]);
    this.siloThrottled = metrics.siloCounter('silowatch_silo_intake_throttled_total', 'Requests answered with 429', [
      'silo',
      'why',
    ]);
    const rejected = 'Requests refused for what they were, by the code of the answer';
    this.siloRejected = metrics.siloCounter('silowatch_silo_intake_rejected_total', rejected, ['silo', 'reason']);
    metrics.beginAtZero(this.requests, { form: FORMS, outcome: ['taken', 'throttled', 'refused'] });
    metrics.beginAtZero(this.records, { stream: STREAMS, outcome: ['accepted', 'rejected'] });
    metrics.beginAtZero(this.throttled, { why: ['silo_rate', 'silo_in_flight', 'in_flight', 'log_silent'] });
  }

  setInFlight(bytes: number): void {
    this.inFlight.set(bytes);
  }
}
