import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { FirstBatchGuard } from '../ingest/first-batch-guard.service.js';
import type { Source } from '../ingest/source.js';
import { SourceDirectory } from '../ingest/source-directory.service.js';
import { StageMetrics } from '../ingest/stage.metrics.js';
import { Clock } from '../platform/clock/clock.js';
import {
  EventLog,
  type LogRecord,
  type OutOfRange,
  type ReaderPosition,
  type RecordBatch,
} from '../platform/event-log/event-log.js';
import { isTracing, note, span } from '../platform/tracing/tracing.js';
import {
  detectBatch,
  type DetectContext,
  type DetectedBatch,
  putAside,
  RecordProcessingError,
  reportFinding,
} from './detect-batch.js';
import { DetectProgress } from './detect-progress.service.js';
import { LagWatch } from './lag-watch.js';
import { RecordTraces } from './record-traces.js';
import { RuleSet } from './rule-set.service.js';
import { SignalPacing } from './signal-pacing.service.js';
import { SignalsTopic } from './signals-topic.service.js';
import { WatchedEntities } from './watched-entities.service.js';

/** A record whose processing failed so often, alone in its batch, is put aside: nothing but the record can be at fault. */
const MOST_ATTEMPTS = 3;

/** Handles batches of the silos' records: returns when the signals of the batch are acknowledged, and not before. */
@Injectable()
export class BatchDetection {
  /** Next offset expected of each source partition: what comes from before it may be of a topic that was made anew. */
  private readonly expected = new Map<string, number>();
  private readonly lags = new LagWatch();

  constructor(
    private readonly clock: Clock,
    private readonly eventLog: EventLog,
    private readonly guard: FirstBatchGuard,
    private readonly metrics: StageMetrics,
    private readonly pacing: SignalPacing,
    private readonly progress: DetectProgress,
    private readonly rules: RuleSet,
    private readonly signalsTopic: SignalsTopic,
    private readonly sources: SourceDirectory,
    private readonly watched: WatchedEntities,
  ) {}

  async handle(batch: RecordBatch): Promise<void> {
    const taken = this.sources.takenUp(batch.topic);
    // Batches without signals wait for nothing: whatever else this process does gets its turn between them.
    await setImmediate();
    await this.signalsTopic.confirm();
    const source = await this.sourceOf(batch, taken);
    const mostMessages = this.pacing.roomFor(source.tenant);
    let doneTo = batch.records.at(-1)?.offset ?? 0;
    await this.guard.run('detect', batch, {
      whole: async () => {
        const last = await this.detectAndSend(batch, source, (context) => {
          return this.detect(batch, { ...context, mostMessages });
        });
        doneTo = last?.offset ?? doneTo;
      },
      one: async (record) => {
        const only = alone(batch, record);
        await this.detectAndSend(only, source, (context) => this.detect(only, context));
      },
      putAside: async (record) => {
        const only = alone(batch, record);
        await this.detectAndSend(only, source, (context) => putAside(batch, record, context, 'process_died'));
      },
    });
    this.expected.set(keyOf(batch), doneTo + 1);
    if (doneTo !== batch.records.at(-1)?.offset) this.pacing.putOff(source.tenant, doneTo);
  }

  /** Retention overtook the reader: what is lost is lost, an alert says so and reading goes on. A position beyond the end stays stopped. */
  async outOfRange({ topic, partition, position, start, end }: OutOfRange): Promise<number | 'stop'> {
    await this.sources.refresh();
    const source = this.sources.find(topic);
    if (source === undefined) return 'stop';
    const finding = { 'silowatch.finding': 'out_of_range' };
    await this.eventLog.append(reportFinding({ topic, partition, position }, finding, this.contextOf(source)));
    return position > end ? 'stop' : start;
  }

  /** Says which silos have fallen behind, as findings under their names. */
  async reportLags(positions: readonly ReaderPosition[]): Promise<void> {
    const messages = this.lags.late(positions, this.clock.nowMs()).flatMap((lag) => {
      const source = this.sources.find(lag.topic);
      if (source === undefined) return [];
      const fields = {
        'silowatch.finding': 'lag',
        'silowatch.stream': source.stream,
        'silowatch.lag_records': String(lag.records),
        'silowatch.lag_seconds': String(Math.round(lag.seconds)),
      };
      return reportFinding(lag, fields, this.contextOf(source));
    });
    if (messages.length > 0) await this.eventLog.append(messages);
  }

  private async detectAndSend(
    batch: RecordBatch,
    source: Source,
    detect: (context: DetectContext) => DetectedBatch,
  ): Promise<LogRecord | undefined> {
    const { topic, partition } = batch;
    const { tenant } = source;
    const context = this.contextOf(source);
    const traces = isTracing() ? new RecordTraces({ topic, partition, tenant, nowMs: context.nowMs }) : undefined;
    const ended = this.progress.began(context.nowMs);
    const place = { 'messaging.destination.name': topic, 'messaging.destination.partition.id': String(partition) };
    try {
      return await span('detect.batch', place, async () => {
        const matched = this.metrics.stepSeconds.startTimer({ stage: 'detect', step: 'match' });
        const result = detect(traces === undefined ? context : { ...context, traces });
        const matchSeconds = matched();
        const done = result.records === batch.records.length ? batch : firstOf(batch, result.records);
        note({ 'silowatch.records': done.records.length, 'silowatch.messages': result.messages.length });
        await this.send(done, source, result, matchSeconds);
        return done.records.at(-1);
      });
    } finally {
      ended();
      traces?.end();
    }
  }

  private detect(batch: RecordBatch, context: DetectContext): DetectedBatch {
    try {
      return detectBatch(batch, context);
    } catch (error) {
      const [only, ...others] = batch.records;
      const isHopeless = error instanceof RecordProcessingError && batch.attempt >= MOST_ATTEMPTS;
      if (!isHopeless || only === undefined || others.length > 0) throw error;
      return putAside(batch, only, context, 'processing_failed');
    }
  }

  private async send(batch: RecordBatch, source: Source, result: DetectedBatch, matchSeconds: number): Promise<void> {
    let sendSeconds = 0;
    if (result.messages.length > 0) {
      const sent = this.metrics.stepSeconds.startTimer({ stage: 'detect', step: 'send' });
      this.pacing.sent(source.tenant, await this.eventLog.append(result.messages));
      sendSeconds = sent();
    }
    this.progress.handled(batch, source, result, { matchSeconds, sendSeconds });
    this.lags.handled(batch.topic, batch.partition, batch.records.at(-1)?.timestampMs ?? 0);
  }

  private contextOf(source: Source): DetectContext {
    return {
      source,
      rules: this.rules.current(),
      signalsPartitions: this.signalsTopic.partitions,
      mostMessages: Infinity,
      nowMs: this.clock.nowMs(),
      watched: this.watched.ofTenant(source.tenant),
    };
  }

  private sourceOf(batch: RecordBatch, taken: number | undefined): Promise<Source> {
    const expected = this.expected.get(keyOf(batch));
    const isForward = expected !== undefined && (batch.records[0]?.offset ?? 0) >= expected;
    return this.sources.sourceOf(batch.topic, !isForward, taken);
  }
}

const keyOf = ({ topic, partition }: RecordBatch): string => `${topic}/${partition}`;
const firstOf = (batch: RecordBatch, count: number): RecordBatch => ({
  ...batch,
  records: batch.records.slice(0, count),
});
const alone = (batch: RecordBatch, record: LogRecord): RecordBatch => ({ ...batch, records: [record] });
