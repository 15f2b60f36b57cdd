import { Injectable } from '@nestjs/common';
import { isDataFault } from '../platform/database/data-fault.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Fenced } from '../platform/event-log/event-log.js';
import type { WrittenAlert } from './alerts/alert.repository.js';
import { BatchAlerts } from './batch-alerts.service.js';
import { BatchCounting } from './batch-counting.service.js';
import { SiloShares } from './books/silo-shares.service.js';
import { StageBooks } from './books/stage-books.service.js';
import { CommitQueue } from './commit-queue.js';
import type { BatchCorrelation } from './correlate-batch.js';
import {
  type BatchStep,
  type Committed,
  type PartitionCommit,
  SignalProcessingError,
  type Worked,
} from './partition-commit.js';
import type { PartitionMemory } from './partition-memory.js';
import { type MovedPartition, PartitionRepository } from './partition.repository.js';

/** Signals in one transaction, and how long it may last, since the others wait for it. */
const MOST_STEPS = 2_000;
const MOST_MS = 500;

/**
 * The one transaction: groups, marks, positions, outbox, alerts, incidents, jobs and what is announced commit together or not at all. It takes
 * along all partitions that wait for it.
 */
@Injectable()
export class BatchCommit {
  private readonly queue = new CommitQueue<PartitionCommit, Committed>({
    run: (commits) => this.transact(commits),
    partitionOf: ({ memory }) => memory.partition,
    weightOf: ({ steps }) => steps.length,
    mostWeight: MOST_STEPS,
    mostMs: MOST_MS,
    now: () => performance.now(),
  });

  constructor(
    private readonly alerts: BatchAlerts,
    private readonly books: StageBooks,
    private readonly counting: BatchCounting,
    private readonly database: Database,
    private readonly partitions: PartitionRepository,
    private readonly shares: SiloShares,
  ) {}

  /**
   * Carries the steps out and moves the position. Throws Fenced when another owns the partition, SignalProcessingError where a signal is at fault
   * (of this partition, or of one that shared the transaction); after any throw the memory is stale.
   */
  async commit(
    memory: PartitionMemory,
    steps: readonly BatchStep[],
    position: number,
    putsAside = false,
  ): Promise<Committed> {
    memory.isStale = true;
    const committed = await this.queue.commit({ memory, steps, position, putsAside }).catch((error: unknown) => {
      throw isDataFault(error) ? new SignalProcessingError(error) : error;
    });
    this.remember(memory, committed.work, position);
    return committed;
  }

  private async transact(commits: readonly PartitionCommit[]): Promise<readonly PromiseSettledResult<Committed>[]> {
    const startedMs = performance.now();
    const results = await this.database.transaction(system('correlate'), async (tx) => {
      const memories = commits.map(({ memory }) => memory);
      const owned = await this.partitions.lock(tx, memories);
      const ours = commits.filter(({ memory }) => owned.has(memory));
      const { worked, failed } = await this.counting.count(tx, ours);
      const alerts = worked.length > 0 ? await this.save(tx, worked) : [];
      const committed = new Map(worked.map(({ memory, work }, at) => [memory, { work, alerts: alerts[at] ?? [] }]));
      return memories.map((memory) => {
        const value = committed.get(memory);
        if (value !== undefined) return { status: 'fulfilled' as const, value };
        return { status: 'rejected' as const, reason: failed.get(memory) ?? new Fenced() };
      });
    });
    const counted = commits.filter((_commit, at) => results[at]?.status === 'fulfilled');
    this.shares.shareOut(counted.flatMap(tenantsOf), (performance.now() - startedMs) / 1000);
    return results;
  }

  /** Writes what was made of the groups; gives the alerts of each. */
  private async save(tx: Tx, worked: readonly Worked[]): Promise<readonly (readonly WrittenAlert[])[]> {
    await this.counting.save(tx, worked);
    await this.partitions.saveOutbox(
      tx,
      worked.flatMap(({ memory: { partition }, work }) => work.outbox.map((message) => ({ partition, ...message }))),
    );
    await this.partitions.save(tx, worked.map(movedBy));
    await this.alerts.lock(tx, worked);
    for (const { memory } of worked) await this.books.write(tx, memory);
    await this.counting.findNextDue(tx, worked);
    return this.alerts.write(tx, worked);
  }

  private remember(memory: PartitionMemory, work: BatchCorrelation, position: number): void {
    for (const [key, { group }] of work.changed) memory.groups.set(key, group);
    memory.groups.trim();
    memory.outboxSequence += work.outbox.length;
    memory.outbox.push(...work.outbox);
    memory.position = position;
    memory.committedMs = memory.watermarks.clockMs;
    memory.isStale = false;
  }
}

/** The silo of each signal. */
const tenantsOf = ({ steps }: PartitionCommit): string[] =>
  steps.flatMap((step) => (step.kind === 'signal' ? [step.message.tenant] : []));

function movedBy({ memory, work, position }: Worked): MovedPartition {
  const { partition, watermarks, marks } = memory;
  const outboxSequence = memory.outboxSequence + work.outbox.length;
  const { clockMs } = watermarks;
  return { partition, position, outboxSequence, clockMs, watermarks: watermarks.changes(), marks: marks.changes() };
}
