import { Injectable } from '@nestjs/common';
import { isParseFailure } from '../ingest/dead-letter.js';
import type { Source } from '../ingest/source.js';
import type { StreamLag } from '../ingest/stream-lag.js';
import { StageMetrics } from '../ingest/stage.metrics.js';
import { StageWork } from '../ingest/stage-work.service.js';
import { Clock } from '../platform/clock/clock.js';
import {
  EventLog,
  type OutgoingMessage,
  type ReaderPosition,
  type RecordBatch,
} from '../platform/event-log/event-log.js';
import { Ids } from '../platform/ids/ids.js';
import type { DetectedBatch } from './detect-batch.js';
import { type Counted, progressMessages } from './progress-messages.js';
import type { ProgressMessage, SeenEntity } from './signal-message.js';
import { SignalsTopic } from './signals-topic.service.js';
import { SourceClock } from './source-clock.js';
import { type BatchTimes, StreamTally } from './stream-tally.js';

interface SourceProgress {
  readonly source: Source;
  readonly clock: SourceClock;
  /** Arrival of the last record that was handled. */
  arrivalMs: number;
  /** When the log's end was last reached. */
  caughtUpMs: number;
}

/** How far this instance has come with each source, told to every correlator once a second. */
@Injectable()
export class DetectProgress {
  /** As messages and the log name it. */
  readonly instance: string;
  private sequence = 0;
  private readonly sources = new Map<string, SourceProgress>();
  private readonly tally = new StreamTally();
  private seen = new Map<string, SeenEntity>();
  /** When batches began whose signals are not acknowledged yet. */
  private readonly underWay = new Set<{ readonly sinceMs: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly eventLog: EventLog,
    private readonly signalsTopic: SignalsTopic,
    private readonly metrics: StageMetrics,
    private readonly work: StageWork,
    ids: Ids,
  ) {
    this.instance = ids.uuid();
  }

  /** A batch is detected from now on; to be called once its signals are acknowledged, or will be detected again. */
  began(sinceMs: number): () => void {
    const batch = { sinceMs };
    this.underWay.add(batch);
    return () => this.underWay.delete(batch);
  }

  /** A batch was handled and what it gave is acknowledged. */
  handled(batch: RecordBatch, source: Source, result: DetectedBatch, took: BatchTimes): void {
    const progress = this.progressOf(batch, source);
    if (result.latestMs > 0) progress.clock.sawEvents(result.latestMs);
    progress.arrivalMs = batch.records.at(-1)?.timestampMs ?? progress.arrivalMs;
    this.tally.handled(source, batch, result, took);
    this.measure(source, result, took);
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

  /** The log shared these streams out anew, and they came to this instance. */
  takenUp(sources: readonly Source[]): void {
    for (const source of sources) {
      this.tally.takenUp(source);
      this.metrics.siloRebalances.inc({ silo: source.tenant, stream: source.stream });
    }
  }

  /** Tells every signals partition; what is counted goes to the first. Counts that cannot be sent are kept for the next time. */
  async send(positions: readonly ReaderPosition[]): Promise<void> {
    const work = await this.work.take('detect');
    const nowMs = this.clock.nowMs();
    this.lookAt(positions, nowMs);
    const counts = this.tally.take();
    const seen = this.seen;
    this.seen = new Map();
    this.sequence += 1;
    try {
      await this.eventLog.append(this.messages(positions, nowMs, { counts, seen: [...seen.values()], work }));
    } catch (error) {
      this.tally.giveBack(counts);
      this.work.giveBack('detect', work);
      for (const [key, value] of seen) if (!this.seen.has(key)) this.seen.set(key, value);
      throw error;
    }
  }

  private messages(positions: readonly ReaderPosition[], nowMs: number, counted: Counted): OutgoingMessage[] {
    const watermarks: ProgressMessage['watermarks'] = [];
    for (const { topic, partition } of positions) {
      const key = `${topic}/${partition}`;
      const progress = this.sources.get(key);
      if (progress !== undefined) watermarks.push([key, progress.source.tenant, progress.clock.watermarkMs]);
    }
    const times = {
      instance: this.instance,
      sequence: this.sequence,
      clockMs: nowMs,
      sentMs: Math.min(nowMs, ...[...this.underWay].map(({ sinceMs }) => sinceMs)),
    };
    return progressMessages(times, watermarks, counted, this.signalsTopic.partitions);
  }

  /** Learns from the positions which sources have caught up, and how far behind the others are. */
  private lookAt(positions: readonly ReaderPosition[], nowMs: number): void {
    const known = positions.flatMap((position) => {
      const place = this.sources.get(`${position.topic}/${position.partition}`);
      return place === undefined ? [] : [{ ...position, place }];
    });
    for (const { place, position, highWatermark, endSeenMs } of known) {
      place.clock.clockSays(nowMs);
      place.caughtUpMs = Math.min(place.caughtUpMs, nowMs);
      if (position < highWatermark) continue;
      const atMs = Math.min(nowMs, endSeenMs);
      place.clock.caughtUp(atMs);
      place.caughtUpMs = atMs;
    }
    this.showLags(this.tally.lookAt(known, nowMs), positions.length);
  }

  /** Others read now: what this instance told of lags is no longer its own to tell. */
  readsNothing(): void {
    this.showLags([], 0);
  }

  private showLags(lags: readonly StreamLag[], partitions: number): void {
    this.metrics.streamLags = lags;
    this.metrics.partitions.set({ stage: 'detect' }, partitions);
    this.metrics.lagRecords.set(
      { stage: 'detect' },
      lags.reduce((sum, { records }) => sum + records, 0),
    );
    this.metrics.lagSeconds.set(
      { stage: 'detect' },
      lags.reduce((most, { seconds }) => Math.max(most, seconds), 0),
    );
  }

  /** Makes a source known, so that one without a record has a watermark too. */
  progressOf(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    source: Source,
  ): SourceProgress {
    const key = `${topic}/${partition}`;
    const known = this.sources.get(key);
    if (known?.source.incarnation === source.incarnation) return known;
    const nowMs = this.clock.nowMs();
    const made = { source, clock: new SourceClock(), arrivalMs: nowMs, caughtUpMs: nowMs };
    this.sources.set(key, made);
    this.metrics.beginSilo(source);
    return made;
  }

  private measure({ tenant, stream }: Source, result: DetectedBatch, took: BatchTimes): void {
    const labels = { silo: tenant, stream };
    this.metrics.siloBatches.inc(labels);
    this.metrics.siloStepSeconds.inc({ ...labels, step: 'match' }, took.matchSeconds);
    if (took.sendSeconds > 0) this.metrics.siloStepSeconds.inc({ ...labels, step: 'send' }, took.sendSeconds);
    let [refused, unreadable] = [0, 0];
    for (const { reason, count } of result.refused.values()) {
      refused += count;
      if (isParseFailure(reason)) unreadable += count;
      this.metrics.deadLetters.inc({ reason }, count);
    }
    const good = result.events - refused;
    if (good > 0) {
      this.metrics.events.inc({ stream, outcome: 'parsed' }, good);
      this.metrics.siloEvents.inc({ ...labels, outcome: 'parsed' }, good);
    }
    if (refused > 0) {
      this.metrics.events.inc({ stream, outcome: 'dead_letter' }, refused);
      this.metrics.siloEvents.inc({ ...labels, outcome: 'dead_letter' }, refused);
      this.metrics.siloDeadLetters.inc(labels, refused);
    }
    if (unreadable > 0) this.metrics.siloParseFailures.inc(labels, unreadable);
    for (const [level, count] of result.matches) this.metrics.matches.inc({ level }, count);
  }
}
