import { Injectable } from '@nestjs/common';
import { groupKey, type GroupedBy, partitionOf } from '../detect/correlation-key.js';
import { RuleSet } from '../detect/rule-set.service.js';
import { SignalsTopic } from '../detect/signals-topic.service.js';
import { decodeMessage, type SentSignal, signalsIn, type SignalsTopicMessage } from '../detect/signal-message.js';
import { deadLetter, type DeadLetterReason } from '../ingest/dead-letter.js';
import { FirstBatchGuard } from '../ingest/first-batch-guard.service.js';
import { StageMetrics } from '../ingest/stage.metrics.js';
import { Clock } from '../platform/clock/clock.js';
import { EventLog, Fenced, type LogRecord, type RecordBatch } from '../platform/event-log/event-log.js';
import { Log } from '../platform/logging/logging.js';
import { span } from '../platform/tracing/tracing.js';
import { BatchCommit } from './batch-commit.service.js';
import { heldToLog } from './held-to-log.js';
import { OutboxRelay } from './outbox-relay.service.js';
import { type BatchStep, type Committed, SignalProcessingError } from './partition-commit.js';
import { isDue, type PartitionMemory, takeProgress, takeRelayed } from './partition-memory.js';
import { PartitionOwner } from './partition-owner.service.js';
import type { PutAside } from './put-aside.js';
import { formerSource } from './signals-layout.repository.js';
import { StageBooks } from './books/stage-books.service.js';

/** Progress alone is committed this often, by its own clock: reading it again after a crash changes nothing. */
const COMMIT_PROGRESS_EVERY_MS = 10_000;
/** Groups whose time has come are closed for so long before the next signals get their turn. */
const CLOSE_FOR_MS = 500;
/** Tries, alone in its batch, after which a signal is put aside: of a bug of ours, and of rules that no process knows (some eight minutes). */
const MOST_ATTEMPTS = { bug: 5, unknownRules: 20 } as const;

/** The rules of a signal are not known here: a process with newer rules made it, and this one has to be brought up to date. */
class UnknownRules extends Error {
  constructor(hash: string) {
    super(`No rule with the hash ${hash} is known`);
    this.name = 'UnknownRules';
  }
}

/** Handles batches of signals: each is taken once, in effect, whatever happens at whatever moment. */
@Injectable()
export class SignalBatches {
  constructor(
    private readonly clock: Clock,
    private readonly books: StageBooks,
    private readonly commits: BatchCommit,
    private readonly eventLog: EventLog,
    private readonly guard: FirstBatchGuard,
    private readonly metrics: StageMetrics,
    private readonly owner: PartitionOwner,
    private readonly log: Log,
    private readonly relay: OutboxRelay,
    private readonly rules: RuleSet,
    private readonly signalsTopic: SignalsTopic,
  ) {}

  async handle(batch: RecordBatch): Promise<void> {
    await this.guard.run('correlate', batch, {
      whole: () => this.take(batch, batch.records),
      one: (record) => this.take(batch, [record]),
      putAside: (record) => this.pass(batch, record, 'process_died', 'all'),
    });
  }

  private async take(batch: RecordBatch, records: readonly LogRecord[]): Promise<void> {
    const memory = this.memoryOf(batch);
    try {
      await this.correlate(memory, batch, records);
    } catch (error) {
      memory.isStale = true;
      const [only, ...others] = records;
      const most = attemptsFor(error);
      if (only === undefined || others.length > 0 || most === undefined || batch.attempt < most) throw error;
      await this.reload(batch);
      await this.passOne(batch, only);
    }
  }

  /** What Postgres refuses may be of any of the record's signals: then all of them are put aside. */
  private async passOne(batch: RecordBatch, record: LogRecord): Promise<void> {
    try {
      await this.pass(batch, record, 'processing_failed', 'faulty');
    } catch (error) {
      if (!(error instanceof SignalProcessingError)) throw error;
      await this.reload(batch);
      await this.pass(batch, record, 'processing_failed', 'all');
    }
  }

  /** Loads the partition anew: what a failed try left in memory is not to be used. Throws Fenced when another has taken it over meanwhile. */
  private async reload({ partition }: RecordBatch): Promise<void> {
    if (!(await this.owner.holds(partition))) throw new Fenced();
    await this.owner.take([partition]);
  }

  /** Gets past a record: puts aside all of its signals, or those that cannot be counted and counts the others. */
  private async pass(
    batch: RecordBatch,
    record: LogRecord,
    reason: PutAside['reason'],
    which: 'all' | 'faulty',
  ): Promise<void> {
    const memory = this.memoryOf(batch);
    if (record.offset < memory.position) return;
    const message = this.read(record);
    if (message?.kind !== 'signals') await this.refuse(batch, record, reason);
    // Marks move before the commit does.
    memory.isStale = true;
    const steps: BatchStep[] = [];
    for (const sent of message?.kind === 'signals' ? signalsIn(message) : []) {
      steps.push(...(await this.stepOrAside(memory, sent, reason, which)));
    }
    this.measure(await this.commits.commit(memory, steps, record.offset + 1, true));
    await this.sendOn(memory);
  }

  private async stepOrAside(
    memory: PartitionMemory,
    sent: SentSignal,
    reason: PutAside['reason'],
    which: 'all' | 'faulty',
  ): Promise<readonly BatchStep[]> {
    try {
      const steps = await this.signalSteps(memory, [sent]);
      return steps.length > 0 && which === 'all' ? [{ kind: 'aside', sent, reason }] : steps;
    } catch (error) {
      if (!(error instanceof UnknownRules)) throw error;
      return [{ kind: 'aside', sent, reason }];
    }
  }

  private async correlate(memory: PartitionMemory, batch: RecordBatch, records: readonly LogRecord[]): Promise<void> {
    const steps: BatchStep[] = [];
    let hasSignals = false;
    for (const record of records) {
      // A position that was committed covers what lies before it, whatever the log delivers again.
      if (record.offset < memory.position) continue;
      // Before anything is taken for due by a clock that was stored while it was ahead.
      memory.watermarks.readAt(record.timestampMs);
      const message = this.read(record);
      hasSignals ||= message === undefined || message.kind === 'signals';
      if (message === undefined) await this.refuse(batch, record, 'unreadable_signal');
      else if (message.kind === 'progress')
        steps.push({ kind: 'progress', apply: () => takeProgress(memory, message, record.timestampMs) });
      else if (message.kind === 'relayed')
        steps.push({ kind: 'progress', apply: () => takeRelayed(memory, message, record.timestampMs) });
      else steps.push(...(await this.signalSteps(memory, signalsIn(message))));
    }
    const position = Math.max(memory.position, (records.at(-1)?.offset ?? -1) + 1);
    // Signals move the position also when none of them is new: a drain waits for that, and no progress comes meanwhile.
    if (!hasSignals) {
      for (const step of steps) if (step.kind === 'progress') step.apply();
      if (this.isTimeToCommit(memory)) await this.commit(memory, batch, [], position);
      await this.sendOn(memory);
      return;
    }
    const attributes = {
      'messaging.destination.partition.id': String(batch.partition),
      'silowatch.signals': steps.length,
    };
    await span('correlate.batch', attributes, async () => {
      const committed = this.metrics.stepSeconds.startTimer({ stage: 'correlate', step: 'commit' });
      await this.commit(memory, batch, steps, position);
      committed();
      const relayed = this.metrics.stepSeconds.startTimer({ stage: 'correlate', step: 'relay' });
      await this.sendOn(memory);
      relayed();
    });
  }

  /** Commits, and again while groups are due and no signals wait: one transaction closes only so many, and others wait for what they set off. */
  private async commit(
    memory: PartitionMemory,
    { highWatermark }: RecordBatch,
    steps: readonly BatchStep[],
    position: number,
  ): Promise<void> {
    this.measure(await this.commits.commit(memory, steps, position));
    const until = performance.now() + CLOSE_FOR_MS;
    while (isDue(memory) && position >= highWatermark && performance.now() < until) {
      this.measure(await this.commits.commit(memory, [], position));
    }
  }

  /** Sends on what was committed: then all that was read up to here has had its effect. */
  private async sendOn(memory: PartitionMemory): Promise<void> {
    await this.relay.send(memory);
    // What could be counted or closed and waits for its turn has not had its effect yet.
    if (!isDue(memory)) memory.settledMs = memory.relayClock.heardMs;
  }

  private isTimeToCommit(memory: PartitionMemory): boolean {
    const sinceMs = memory.watermarks.clockMs - memory.committedMs;
    return isDue(memory) || memory.seen.length > 0 || this.books.isTime(memory) || sinceMs >= COMMIT_PROGRESS_EVERY_MS;
  }

  /** Undefined when it is none of ours. */
  private read({ value, timestampMs }: LogRecord): SignalsTopicMessage | undefined {
    const message = decodeMessage(value);
    if (message === undefined) return undefined;
    if (message.kind === 'progress') {
      const skewMs = message.clockMs - timestampMs;
      const place = { instance: message.instance, aheadSeconds: skewMs / 1000 };
      if (this.metrics.clockSkews.heard(message.instance, skewMs, performance.now()))
        this.log.warn({ event: 'correlate.clock_skewed', ...place }, 'the clock of an instance is not the log’s');
    }
    return heldToLog(message, timestampMs);
  }

  /** The steps of those that were not taken before. Moves their marks. */
  private async signalSteps(memory: PartitionMemory, signals: readonly SentSignal[]): Promise<readonly BatchStep[]> {
    const steps: BatchStep[] = [];
    for (const sent of signals) {
      const { consumer, group } = sent.signal;
      const known = this.rules.recall(consumer) ?? (await this.rules.find(consumer));
      if (known === undefined) throw new UnknownRules(consumer);
      const isFleet = known.consumer.correlation.silowatch.scope === 'fleet';
      const place = { tenant: isFleet ? null : sent.tenant, group };
      if (this.isTaken(memory, sent, place) || !memory.marks.take(sent.origin, known.consumer.hash)) {
        this.metrics.duplicates.inc({ kind: 'signal' });
        continue;
      }
      steps.push({ kind: 'signal', key: groupKey({ consumer, ...place }), known, message: sent });
    }
    return steps;
  }

  /**
   * Taken under a former layout of the partitions; or written for another one by an instance that slept through a resize: others have read its
   * partitions again since, and sent all its signals to where they belong now. One of the sleeper's would let its mark pass over those.
   */
  private isTaken(memory: PartitionMemory, { origin, layout, signal }: SentSignal, place: GroupedBy): boolean {
    const { partitions, formerPartitions } = this.signalsTopic;
    if (layout !== partitions) return true;
    return formerPartitions.some((former) =>
      memory.marks.has(origin, formerSource(origin.source, former, partitionOf(place, former)), signal.consumer),
    );
  }

  private async refuse(batch: RecordBatch, record: LogRecord, reason: DeadLetterReason): Promise<void> {
    await this.eventLog.append([deadLetter('correlate', { ...batch, record }, reason)]);
    this.metrics.deadLetters.inc({ reason });
  }

  private memoryOf({ partition }: RecordBatch): PartitionMemory {
    const memory = this.owner.find(partition);
    // The reader asks for it again, and it is loaded anew.
    if (memory === undefined) throw new Fenced('The state of this partition is not loaded');
    return memory;
  }

  private measure({ work, alerts }: Committed): void {
    const nowMs = this.clock.nowMs();
    const drafts = [...work.drafts.values()];
    for (const [index, { alert, isNew }] of alerts.entries()) {
      if (!isNew) continue;
      this.metrics.alerts.inc({ level: alert.level });
      const arrivalMs = drafts[index]?.arrivalMs ?? nowMs;
      this.metrics.recordToAlertSeconds.observe(Math.max(0, nowMs - arrivalMs) / 1000);
    }
    for (const { level } of work.shadow) this.metrics.shadowAlerts.inc({ level });
    for (const { sent, reason } of work.aside) {
      this.metrics.deadLetters.inc({ reason });
      const { origin, signal, tenant } = sent;
      this.log.error(
        { event: 'correlate.put_aside', reason, tenant, origin, consumer: signal.consumer },
        'a signal was put aside',
      );
    }
    if (work.repeats > 0) this.metrics.duplicates.inc({ kind: 'audit_record' }, work.repeats);
  }
}

function attemptsFor(error: unknown): number | undefined {
  if (error instanceof SignalProcessingError) return MOST_ATTEMPTS.bug;
  return error instanceof UnknownRules ? MOST_ATTEMPTS.unknownRules : undefined;
}
