import { Injectable } from '@nestjs/common';
import type { Source } from '../ingest/source.js';
import { StageMetrics } from '../ingest/stage.metrics.js';
import { Clock } from '../platform/clock/clock.js';
import {
  EventLog,
  type OutgoingMessage,
  type ReaderPosition,
  type RecordBatch,
} from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { Ids } from '../platform/ids/ids.js';
import type { DetectedBatch } from './detect-batch.js';
import { encodeMessage, type ProgressMessage, type SeenEntity, type StreamCounts } from './signal-message.js';
import { SignalsTopic } from './signals-topic.service.js';
import { SourceClock } from './source-clock.js';

type Counts = { -readonly [K in keyof StreamCounts]: StreamCounts[K] };

interface SourceProgress {
  readonly source: Source;
  readonly clock: SourceClock;
  /** Arrival of the last record that was handled. */
  arrivalMs: number;
}

/** How far this instance has come with each source, told to every correlator once a second. */
@Injectable()
export class DetectProgress {
  private readonly instance: string;
  private sequence = 0;
  private readonly sources = new Map<string, SourceProgress>();
  private counts = new Map<string, Counts>();
  private seen = new Map<string, SeenEntity>();

  constructor(
    private readonly clock: Clock,
    private readonly eventLog: EventLog,
    private readonly signalsTopic: SignalsTopic,
    private readonly metrics: StageMetrics,
    ids: Ids,
  ) {
    this.instance = ids.uuid();
  }

  /** A batch was handled and what it gave is acknowledged. */
  handled(batch: RecordBatch, source: Source, result: DetectedBatch): void {
    const progress = this.progressOf(batch, source);
    if (result.latestMs > 0) progress.clock.sawEvents(result.latestMs);
    progress.arrivalMs = batch.records.at(-1)?.timestampMs ?? progress.arrivalMs;
    const refused = [...result.deadLetters.values()].reduce((sum, count) => sum + count, 0);
    const counts = this.countsOf(source);
    counts.events += result.events;
    counts.deadLetters += refused;
    counts.parseFailures += refused;
    if (result.lastEventMs !== null) counts.lastEventMs = Math.max(counts.lastEventMs ?? 0, result.lastEventMs);
    this.measure(source, result, refused);
    for (const [text, { entity, lastMs, count }] of result.seen) {
      const key = `${source.tenant} ${text}`;
      const before = this.seen.get(key);
      this.seen.set(key, {
        tenant: source.tenant,
        entity,
        lastMs: Math.max(lastMs, before?.lastMs ?? 0),
        count: count + (before?.count ?? 0),
      });
    }
  }

  /** Tells every signals partition; what is counted goes to the first. Counts that cannot be sent are kept for the next time. */
  async send(positions: readonly ReaderPosition[]): Promise<void> {
    const nowMs = this.clock.nowMs();
    this.lookAt(positions, nowMs);
    const counts = this.counts;
    const seen = this.seen;
    this.counts = new Map();
    this.seen = new Map();
    this.sequence += 1;
    try {
      await this.eventLog.append(this.messages(positions, nowMs, [...counts.values()], [...seen.values()]));
    } catch (error) {
      for (const [key, value] of counts) this.counts.set(key, mergeCounts(value, this.counts.get(key)));
      for (const [key, value] of seen) if (!this.seen.has(key)) this.seen.set(key, value);
      throw error;
    }
  }

  private messages(
    positions: readonly ReaderPosition[],
    nowMs: number,
    counts: readonly StreamCounts[],
    seen: readonly SeenEntity[],
  ): OutgoingMessage[] {
    const watermarks: ProgressMessage['watermarks'] = [];
    for (const { topic, partition } of positions) {
      const key = `${topic}/${partition}`;
      const progress = this.sources.get(key);
      if (progress !== undefined) watermarks.push([key, progress.source.tenant, progress.clock.watermarkMs]);
    }
    const common = {
      v: 1,
      kind: 'progress',
      instance: this.instance,
      sequence: this.sequence,
      clockMs: nowMs,
    } as const;
    const plain = encodeMessage({ ...common, watermarks, counts: [], seen: [] });
    const counting = encodeMessage({ ...common, watermarks, counts: [...counts], seen: [...seen] });
    return Array.from({ length: this.signalsTopic.partitions }, (_, partition) => {
      return { topic: SIGNALS_TOPIC, partition, key: null, value: partition === 0 ? counting : plain };
    });
  }

  /** Learns from the positions which sources have caught up, and how far behind the others are. */
  private lookAt(positions: readonly ReaderPosition[], nowMs: number): void {
    let lagTotal = 0;
    for (const counts of this.counts.values()) Object.assign(counts, { lagRecords: 0, lagSeconds: 0 });
    for (const { topic, partition, position, highWatermark } of positions) {
      const progress = this.sources.get(`${topic}/${partition}`);
      if (progress === undefined) continue;
      const lag = Math.max(0, highWatermark - position);
      lagTotal += lag;
      if (lag === 0) progress.clock.caughtUp(nowMs);
      const counts = this.countsOf(progress.source);
      counts.lagRecords += lag;
      if (lag > 0) counts.lagSeconds = Math.max(counts.lagSeconds, (nowMs - progress.arrivalMs) / 1000);
      this.metrics.siloLagRecords.set({ silo: counts.tenant, stream: counts.stream }, counts.lagRecords);
    }
    this.metrics.lagRecords.set({ stage: 'detect' }, lagTotal);
  }

  /** Makes a source known, so that one without a record has a watermark too. */
  progressOf(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    source: Source,
  ): SourceProgress {
    const key = `${topic}/${partition}`;
    const known = this.sources.get(key);
    if (known?.source.incarnation === source.incarnation) return known;
    const made = { source, clock: new SourceClock(), arrivalMs: this.clock.nowMs() };
    this.sources.set(key, made);
    return made;
  }

  private countsOf({ tenant, stream }: Source): Counts {
    const key = `${tenant} ${stream}`;
    const known = this.counts.get(key);
    if (known !== undefined) return known;
    const none = { events: 0, parseFailures: 0, deadLetters: 0, lastEventMs: null, lagRecords: 0, lagSeconds: 0 };
    const made: Counts = { tenant, stream, ...none };
    this.counts.set(key, made);
    return made;
  }

  private measure({ tenant, stream }: Source, result: DetectedBatch, refused: number): void {
    const good = result.events - refused;
    if (good > 0) {
      this.metrics.events.inc({ stream, outcome: 'parsed' }, good);
      this.metrics.siloEvents.inc({ silo: tenant, stream, outcome: 'parsed' }, good);
    }
    if (refused > 0) {
      this.metrics.events.inc({ stream, outcome: 'dead_letter' }, refused);
      this.metrics.siloEvents.inc({ silo: tenant, stream, outcome: 'dead_letter' }, refused);
      this.metrics.siloDeadLetters.inc({ silo: tenant, stream }, refused);
    }
    for (const [reason, count] of result.deadLetters) this.metrics.deadLetters.inc({ reason }, count);
    for (const [level, count] of result.matches) this.metrics.matches.inc({ level }, count);
  }
}

const mergeCounts = (older: Counts, newer: Counts | undefined): Counts => ({
  ...older,
  ...newer,
  events: older.events + (newer?.events ?? 0),
  deadLetters: older.deadLetters + (newer?.deadLetters ?? 0),
  parseFailures: older.parseFailures + (newer?.parseFailures ?? 0),
  lastEventMs: Math.max(older.lastEventMs ?? 0, newer?.lastEventMs ?? 0) || null,
});
