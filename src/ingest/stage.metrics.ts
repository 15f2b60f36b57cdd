import { Injectable } from '@nestjs/common';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics.js';

/** What both stages measure. Series with a silo's name go to the registry of their own. */
@Injectable()
export class StageMetrics {
  readonly events: Counter<'stream' | 'outcome'>;
  readonly matches: Counter<'level'>;
  readonly alerts: Counter<'level'>;
  readonly shadowAlerts: Counter<'level'>;
  readonly deadLetters: Counter<'reason'>;
  readonly lagRecords: Gauge<'stage'>;
  readonly stoppedPartitions: Gauge<'stage'>;
  readonly failures: Counter<'stage'>;
  readonly recordToAlertSeconds: Histogram;
  readonly batchSeconds: Histogram<'stage'>;
  readonly duplicates: Counter<'kind'>;
  readonly siloEvents: Counter<'silo' | 'stream' | 'outcome'>;
  readonly siloLagRecords: Gauge<'silo' | 'stream'>;
  readonly siloDeadLetters: Counter<'silo' | 'stream'>;

  constructor(metrics: Metrics) {
    const seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300];
    this.events = metrics.counter('silowatch_events_total', 'Records read from silos', ['stream', 'outcome']);
    this.matches = metrics.counter('silowatch_matches_total', 'Single rule matches', ['level']);
    this.alerts = metrics.counter('silowatch_alerts_total', 'Alerts raised', ['level']);
    this.shadowAlerts = metrics.counter('silowatch_shadow_alerts_total', 'Alerts of experimental rules, counted only', [
      'level',
    ]);
    this.deadLetters = metrics.counter('silowatch_dead_letters_total', 'Records put aside', ['reason']);
    this.lagRecords = metrics.gauge('silowatch_lag_records', 'Records in the log that a stage has not handled yet', [
      'stage',
    ]);
    this.stoppedPartitions = metrics.gauge(
      'silowatch_stopped_partitions',
      'Partitions that wait after a failure or stay stopped',
      ['stage'],
    );
    this.failures = metrics.counter('silowatch_partition_failures_total', 'Batches that failed and are tried again', [
      'stage',
    ]);
    this.recordToAlertSeconds = metrics.histogram(
      'silowatch_record_to_alert_seconds',
      'From the arrival of the deciding record in the log to its alert in the database',
      seconds,
    );
    this.batchSeconds = metrics.histogram(
      'silowatch_batch_seconds',
      'Time a stage needs for a batch',
      [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      ['stage'],
    );
    this.duplicates = metrics.counter('silowatch_duplicates_total', 'Signals dropped since they were taken before', [
      'kind',
    ]);
    this.siloEvents = metrics.siloCounter('silowatch_silo_events_total', 'Records read', ['silo', 'stream', 'outcome']);
    this.siloLagRecords = metrics.siloGauge('silowatch_silo_lag_records', 'Records not read yet', ['silo', 'stream']);
    this.siloDeadLetters = metrics.siloCounter('silowatch_silo_dead_letters_total', 'Records put aside', [
      'silo',
      'stream',
    ]);
  }
}
