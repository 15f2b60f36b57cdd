import { Injectable } from '@nestjs/common';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics.js';
import { STREAMS } from '../platform/event-log/topics.js';
import { ClockSkews } from './clock-skews.js';
import { DEAD_LETTER_REASONS } from './dead-letter.js';
import type { Source } from './source.js';
import { type StreamLag, worstLags } from './stream-lag.js';

/** Series of single silos that /metrics carries: so many, however many silos there are. */
const WORST_LAGS = 10;

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;

const EVENT_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300];
const WORK_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** What both stages measure. Series with a silo's name go to the registry of their own, but for the ten worst lags. */
@Injectable()
export class StageMetrics {
  readonly events: Counter<'stream' | 'outcome'>;
  readonly matches: Counter<'level'>;
  readonly alerts: Counter<'level'>;
  readonly shadowAlerts: Counter<'level'>;
  readonly deadLetters: Counter<'reason'>;
  readonly lagRecords: Gauge<'stage'>;
  readonly lagSeconds: Gauge<'stage'>;
  readonly partitions: Gauge<'stage'>;
  readonly stoppedPartitions: Gauge<'stage'>;
  readonly failures: Counter<'stage'>;
  /** Of an instance that reads silos; 0 of any other. */
  readonly progressAgeSeconds: Gauge;
  readonly recordToAlertSeconds: Histogram;
  readonly batchSeconds: Histogram<'stage'>;
  /** Parts of a batch: `match` (parse and match) and `send` of detect, `commit` and `relay` of correlate. */
  readonly stepSeconds: Histogram<'stage' | 'step'>;
  readonly rebalanceSeconds: Histogram<'stage'>;
  readonly duplicates: Counter<'kind'>;
  readonly siloEvents: Counter<'silo' | 'stream' | 'outcome'>;
  readonly siloDeadLetters: Counter<'silo' | 'stream'>;
  /** Dead letters, but for those that were read and could not be handled. */
  readonly siloParseFailures: Counter<'silo' | 'stream'>;
  readonly siloBatches: Counter<'silo' | 'stream'>;
  /** Steps of detect alone: of correlate's, which carry the signals of many silos, each has a share. */
  readonly siloStepSeconds: Counter<'silo' | 'stream' | 'step'>;
  readonly siloRebalances: Counter<'silo' | 'stream'>;
  readonly siloSignals: Counter<'silo'>;
  readonly siloPostponed: Counter<'silo'>;
  readonly siloCommitSeconds: Counter<'silo'>;
  /** Of the streams that this instance reads, as of the last look. Turned into series at a scrape, and at no other time. */
  streamLags: readonly StreamLag[] = [];
  /** Of the detecting instances, by their progress. */
  readonly clockSkews = new ClockSkews();

  constructor(metrics: Metrics) {
    this.events = metrics.counter('silowatch_events_total', 'Records read from silos', ['stream', 'outcome']);
    this.matches = metrics.counter('silowatch_matches_total', 'Single rule matches', ['level']);
    this.alerts = metrics.counter('silowatch_alerts_total', 'Alerts raised', ['level']);
    const shadow = 'Alerts of experimental rules, counted only';
    this.shadowAlerts = metrics.counter('silowatch_shadow_alerts_total', shadow, ['level']);
    this.deadLetters = metrics.counter('silowatch_dead_letters_total', 'Records put aside', ['reason']);
    const behind = 'Records in the log that a stage has not handled yet';
    this.lagRecords = metrics.gauge('silowatch_lag_records', behind, ['stage']);
    const late = 'How long a stage has been behind the end of its log, on the partition where it is longest';
    this.lagSeconds = metrics.gauge('silowatch_lag_seconds', late, ['stage']);
    this.partitions = metrics.gauge('silowatch_partitions', 'Partitions that this instance reads', ['stage']);
    const stopped = 'Partitions that wait after a failure or stay stopped';
    this.stoppedPartitions = metrics.gauge('silowatch_stopped_partitions', stopped, ['stage']);
    const failed = 'Batches that failed and are tried again';
    this.failures = metrics.counter('silowatch_partition_failures_total', failed, ['stage']);
    const untold = 'How long ago this instance last told how far it has come with the silos that it reads';
    this.progressAgeSeconds = metrics.gauge('silowatch_progress_age_seconds', untold);
    const skew = 'The furthest that the clock of an instance which reads silos is from the time of the log';
    metrics.gauge('silowatch_clock_skew_seconds', skew, [], (gauge) =>
      gauge.set(this.clockSkews.furthestMs(performance.now()) / 1000),
    );
    this.recordToAlertSeconds = metrics.histogram(
      'silowatch_record_to_alert_seconds',
      'From the arrival of the deciding record in the log to its alert in the database',
      EVENT_SECONDS,
    );
    const batch = 'Time a stage needs for a batch';
    this.batchSeconds = metrics.histogram('silowatch_batch_seconds', batch, WORK_SECONDS, ['stage']);
    const step = 'Time a stage needs for a part of a batch';
    this.stepSeconds = metrics.histogram('silowatch_step_seconds', step, WORK_SECONDS, ['stage', 'step']);
    this.rebalanceSeconds = metrics.histogram(
      'silowatch_rebalance_seconds',
      'From the word that partitions move until they are read again',
      [0.05, 0.1, 0.5, 1, 5, 10, 30, 60],
      ['stage'],
    );
    const dropped = 'Signals dropped since they were taken before';
    this.duplicates = metrics.counter('silowatch_duplicates_total', dropped, ['kind']);
    this.siloEvents = metrics.siloCounter('silowatch_silo_events_total', 'Records read', ['silo', 'stream', 'outcome']);
    const both = ['silo', 'stream'] as const;
    this.siloDeadLetters = metrics.siloCounter('silowatch_silo_dead_letters_total', 'Records put aside', both);
    const unreadable = 'Records put aside since they could not be read';
    this.siloParseFailures = metrics.siloCounter('silowatch_silo_parse_failures_total', unreadable, both);
    this.siloBatches = metrics.siloCounter('silowatch_silo_batches_total', 'Batches of records that were read', both);
    const spent = 'Time that its batches took: match (parse and match) and send';
    this.siloStepSeconds = metrics.siloCounter('silowatch_silo_step_seconds_total', spent, [...both, 'step']);
    const taken = 'How often this instance took it up as the log shared partitions out anew';
    this.siloRebalances = metrics.siloCounter('silowatch_silo_rebalances_total', taken, both);
    const postponed =
      'How often its records were put off, since more of its signals waited to be counted than is its share';
    this.siloPostponed = metrics.siloCounter('silowatch_silo_postponed_total', postponed, ['silo']);
    this.siloSignals = metrics.siloCounter('silowatch_silo_signals_total', 'Signals that were counted', ['silo']);
    const share = 'Its share, by signals, of the time that transactions took which counted them';
    this.siloCommitSeconds = metrics.siloCounter('silowatch_silo_commit_seconds_total', share, ['silo']);
    this.beginAtZero(metrics);
    this.declareLags(metrics);
  }

  private beginAtZero(metrics: Metrics): void {
    metrics.beginAtZero(this.events, { stream: STREAMS, outcome: ['parsed', 'dead_letter'] });
    for (const counter of [this.matches, this.alerts, this.shadowAlerts])
      metrics.beginAtZero(counter, { level: LEVELS });
    metrics.beginAtZero(this.deadLetters, { reason: DEAD_LETTER_REASONS });
    metrics.beginAtZero(this.failures, { stage: ['detect', 'correlate'] });
    metrics.beginAtZero(this.duplicates, { kind: ['signal', 'audit_record'] });
    for (const stage of ['detect', 'correlate']) this.rebalanceSeconds.zero({ stage });
  }

  /** Lets the series of a stream that this instance takes up begin at nought, as those without a silo do. */
  beginSilo({ tenant: silo, stream }: Source): void {
    for (const outcome of ['parsed', 'dead_letter']) this.siloEvents.inc({ silo, stream, outcome }, 0);
    for (const step of ['match', 'send']) this.siloStepSeconds.inc({ silo, stream, step }, 0);
    for (const counter of [this.siloSignals, this.siloCommitSeconds, this.siloPostponed]) counter.inc({ silo }, 0);
    for (const counter of [this.siloDeadLetters, this.siloParseFailures, this.siloBatches, this.siloRebalances]) {
      counter.inc({ silo, stream }, 0);
    }
  }

  private declareLags(metrics: Metrics): void {
    const labels = ['silo', 'stream'] as const;
    const fill = (
      gauge: Gauge<'silo' | 'stream'>,
      lags: readonly StreamLag[],
      read: (lag: StreamLag) => number,
    ): void => {
      for (const lag of lags) gauge.set({ silo: lag.tenant, stream: lag.stream }, read(lag));
    };
    const worst = (): readonly StreamLag[] => worstLags(this.streamLags, WORST_LAGS);
    const most = `of the ${WORST_LAGS} streams that are longest behind`;
    metrics.gauge('silowatch_worst_lag_records', `Records not read yet, ${most}`, labels, (gauge) =>
      fill(gauge, worst(), ({ records }) => records),
    );
    metrics.gauge('silowatch_worst_lag_seconds', `Seconds behind, ${most}`, labels, (gauge) =>
      fill(gauge, worst(), ({ seconds }) => seconds),
    );
    metrics.siloGauge('silowatch_silo_lag_records', 'Records not read yet', labels, (gauge) =>
      fill(gauge, this.streamLags, ({ records }) => records),
    );
    metrics.siloGauge('silowatch_silo_lag_seconds', 'How long the stream has been behind', labels, (gauge) =>
      fill(gauge, this.streamLags, ({ seconds }) => seconds),
    );
  }
}
