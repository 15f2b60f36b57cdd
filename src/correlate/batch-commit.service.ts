import { Injectable } from '@nestjs/common';
import { RuleSet } from '../detect/rule-set.service.js';
import { SignalsTopic } from '../detect/signals-topic.service.js';
import type { SignalMessage } from '../detect/signal-message.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { AlertWriter } from './alert-writer.service.js';
import type { WrittenAlert } from './alert.repository.js';
import { BatchCorrelation, type ConsumerInRules } from './correlate-batch.js';
import { GroupRepository } from './group.repository.js';
import type { PartitionMemory } from './partition-memory.js';
import { PartitionRepository } from './partition.repository.js';
import { StageBooks } from './stage-books.service.js';

/** A signal that was not taken before, with what it feeds. */
export interface NewSignal {
  readonly kind: 'signal';
  readonly key: string;
  readonly known: ConsumerInRules;
  readonly message: SignalMessage;
}

/** A step of a batch, in the order of the log. */
export type BatchStep = NewSignal | { readonly kind: 'progress'; readonly apply: () => void };

export interface Committed {
  readonly work: BatchCorrelation;
  readonly alerts: readonly WrittenAlert[];
}

const CLOSE_AT_ONCE = 2_000;
/** A group whose time has come while its silo's watermark is behind is looked at again after this. */
const LOOK_AGAIN_MS = 10_000;

/** A bug of ours that one signal brings out. */
export class SignalProcessingError extends Error {
  constructor(cause: unknown) {
    super('Counting a signal failed', { cause });
    this.name = 'SignalProcessingError';
  }
}

/** The one transaction: groups, marks, position, outbox, alerts, incidents, jobs and what is announced commit together or not at all. */
@Injectable()
export class BatchCommit {
  constructor(
    private readonly database: Database,
    private readonly alertWriter: AlertWriter,
    private readonly books: StageBooks,
    private readonly groups: GroupRepository,
    private readonly partitions: PartitionRepository,
    private readonly rules: RuleSet,
    private readonly signalsTopic: SignalsTopic,
  ) {}

  /** Carries the steps out and moves the position. Throws Fenced when another owns the partition; after any throw the memory is stale. */
  async commit(memory: PartitionMemory, steps: readonly BatchStep[], position: number): Promise<Committed> {
    memory.isStale = true;
    const committed = await this.database.transaction(system('correlate'), async (tx) => {
      await this.partitions.lock(tx, memory.partition, memory.epoch);
      const work = await this.correlate(tx, memory, steps);
      await this.groups.save(tx, memory.partition, work.changed);
      if (memory.relayedTo > memory.clearedTo)
        await this.partitions.clearOutbox(tx, memory.partition, memory.relayedTo);
      await this.partitions.saveOutbox(tx, memory.partition, work.outbox);
      const stored = {
        position,
        outboxSequence: memory.outboxSequence + work.outbox.length,
        clockMs: memory.watermarks.clockMs,
        watermarks: memory.watermarks.stored(),
      };
      await this.partitions.save(tx, memory.partition, stored, memory.marks.changes());
      // Alerts and what was seen of entities lock the same rows: one order for all partitions.
      if (work.drafts.size > 0 || memory.seen.length > 0) await this.alertWriter.lock(tx);
      await this.books.write(tx, memory);
      memory.nextDueMs = await this.nextDue(tx, memory, work);
      const alerts = await this.alertWriter.write(tx, [...work.drafts.values()]);
      return { work, alerts };
    });
    this.remember(memory, committed.work, position);
    return committed;
  }

  private async correlate(tx: Tx, memory: PartitionMemory, steps: readonly BatchStep[]): Promise<BatchCorrelation> {
    const keys = new Set(steps.flatMap((step) => (step.kind === 'signal' ? [step.key] : [])));
    const missing = [...keys].filter((key) => memory.groups.get(key) === undefined);
    const loaded = await this.groups.load(tx, memory.partition, missing);
    const { partition, watermarks, outboxSequence } = memory;
    const context = { partition, watermarks, outboxSequence, signalsPartitions: this.signalsTopic.partitions };
    const work = new BatchCorrelation(context, (key) => memory.groups.get(key) ?? loaded.get(key));
    try {
      for (const step of steps) {
        if (step.kind === 'progress') step.apply();
        else work.take(step.key, step.known, step.message);
      }
    } catch (error) {
      throw new SignalProcessingError(error);
    }
    if (isDue(memory)) await this.closeDue(tx, memory, work);
    return work;
  }

  private async closeDue(tx: Tx, memory: PartitionMemory, work: BatchCorrelation): Promise<void> {
    const { clockMs } = memory.watermarks;
    for (const [key, group] of await this.groups.due(tx, memory.partition, clockMs, CLOSE_AT_ONCE)) {
      const known = await this.rules.find(group.consumer);
      if (work.changed.has(key)) continue;
      if (known === undefined) work.changed.set(key, { group, dueMs: undefined });
      else work.close(key, known, group);
    }
    for (const [key, { group, dueMs }] of work.changed) {
      if (dueMs !== undefined && dueMs <= clockMs) work.changed.set(key, { group, dueMs: clockMs + LOOK_AGAIN_MS });
    }
  }

  private async nextDue(tx: Tx, memory: PartitionMemory, work: BatchCorrelation): Promise<number | undefined> {
    if (isDue(memory)) return this.groups.nextDue(tx, memory.partition);
    let next = memory.nextDueMs;
    for (const { dueMs } of work.changed.values()) {
      if (dueMs !== undefined && (next === undefined || dueMs < next)) next = dueMs;
    }
    return next;
  }

  private remember(memory: PartitionMemory, work: BatchCorrelation, position: number): void {
    for (const [key, { group }] of work.changed) memory.groups.set(key, group);
    memory.groups.trim();
    memory.outboxSequence += work.outbox.length;
    memory.outbox.push(...work.outbox);
    memory.position = position;
    memory.clearedTo = memory.relayedTo;
    memory.committedMs = memory.watermarks.clockMs;
    memory.isStale = false;
  }
}

/** Whether a group's time has come. */
export const isDue = ({ nextDueMs, watermarks }: PartitionMemory): boolean =>
  nextDueMs !== undefined && nextDueMs <= watermarks.clockMs;
