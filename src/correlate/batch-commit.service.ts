import { Injectable } from '@nestjs/common';
import { RuleSet } from '../detect/rule-set.service.js';
import { SignalsTopic } from '../detect/signals-topic.service.js';
import type { SentSignal } from '../detect/signal-message.js';
import { isDataFault } from '../platform/database/data-fault.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Fenced } from '../platform/event-log/event-log.js';
import { Clock } from '../platform/clock/clock.js';
import { AlertService } from './alert.service.js';
import { AlertWriter } from './alert-writer.service.js';
import type { WrittenAlert } from './alert.repository.js';
import { type Group, heldOf } from './group.js';
import { CommitQueue } from './commit-queue.js';
import { BatchCorrelation, type ConsumerInRules } from './correlate-batch.js';
import {
  type DueGroup,
  type GroupPlace,
  GroupRepository,
  type NextDue,
  type PartitionClock,
} from './group.repository.js';
import type { PartitionMemory } from './partition-memory.js';
import { type MovedPartition, PartitionRepository } from './partition.repository.js';
import type { PutAside } from './put-aside.js';
import { StageBooks } from './stage-books.service.js';

/** A signal that was not taken before, with what it feeds. */
export interface NewSignal {
  readonly kind: 'signal';
  readonly key: string;
  readonly known: ConsumerInRules;
  readonly message: SentSignal;
}

/** A step of a batch, in the order of the log. */
export type BatchStep =
  NewSignal | { readonly kind: 'progress'; readonly apply: () => void } | (PutAside & { readonly kind: 'aside' });

export interface Committed {
  readonly work: BatchCorrelation;
  readonly alerts: readonly WrittenAlert[];
}

/** Signals in one transaction, and how long it may last, since the others wait for it. */
const MOST_STEPS = 2_000;
const MOST_MS = 500;
/** Groups that are closed in one transaction, over all its partitions. */
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

/** What one partition asks to be committed. */
interface PartitionCommit {
  readonly memory: PartitionMemory;
  readonly steps: readonly BatchStep[];
  readonly position: number;
  /** What cannot be counted is put aside. Else nothing of the batch is counted. */
  readonly putsAside: boolean;
}

interface Worked extends PartitionCommit {
  readonly work: BatchCorrelation;
}

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
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly alerts: AlertService,
    private readonly alertWriter: AlertWriter,
    private readonly books: StageBooks,
    private readonly groups: GroupRepository,
    private readonly partitions: PartitionRepository,
    private readonly rules: RuleSet,
    private readonly signalsTopic: SignalsTopic,
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
      const { worked, failed } = await this.correlate(tx, ours);
      const alerts = worked.length > 0 ? await this.save(tx, worked) : [];
      const committed = new Map(worked.map(({ memory, work }, at) => [memory, { work, alerts: alerts[at] ?? [] }]));
      return memories.map((memory) => {
        const value = committed.get(memory);
        if (value !== undefined) return { status: 'fulfilled' as const, value };
        return { status: 'rejected' as const, reason: failed.get(memory) ?? new Fenced() };
      });
    });
    const counted = commits.filter((_commit, at) => results[at]?.status === 'fulfilled');
    this.books.shareOut(counted.flatMap(tenantsOf), (performance.now() - startedMs) / 1000);
    return results;
  }

  /** Writes what was made of the groups; gives the alerts of each. */
  private async save(tx: Tx, worked: readonly Worked[]): Promise<readonly (readonly WrittenAlert[])[]> {
    await this.groups.save(
      tx,
      worked.flatMap(({ memory: { partition }, work }) =>
        [...work.changed].map(([key, changed]) => ({ partition, key, ...changed })),
      ),
    );
    const memories = worked.map(({ memory }) => memory);
    await this.partitions.saveOutbox(
      tx,
      worked.flatMap(({ memory: { partition }, work }) => work.outbox.map((message) => ({ partition, ...message }))),
    );
    await this.partitions.save(tx, worked.map(movedBy));
    // Alerts and what was seen of entities lock the same rows: one order for all writers.
    const locks = worked.some(
      ({ memory, work }) => work.drafts.size > 0 || work.aside.length > 0 || memory.seen.length > 0,
    );
    if (locks) await this.alertWriter.lock(tx);
    for (const memory of memories) await this.books.write(tx, memory);
    await this.findNextDue(tx, worked);
    const alerts = await this.writeAlerts(tx, worked);
    for (const { sent } of worked.flatMap(({ work }) => work.aside)) await this.sayPutAside(tx, sent);
    return alerts;
  }

  private async sayPutAside(tx: Tx, { tenant, signal }: SentSignal): Promise<void> {
    await this.alerts.raise(tx, {
      tenant,
      ruleId: 'silowatch.signal-put-aside',
      title: 'A signal was put aside because it could not be counted',
      level: 'high',
      key: signal.consumer,
      at: this.clock.now(),
      promises: ['MON-1'],
      respond:
        'Look at it with dead-letters list, report it to the maintainers of Silowatch, and replay it after the fix.',
    });
  }

  private async writeAlerts(tx: Tx, worked: readonly Worked[]): Promise<readonly (readonly WrittenAlert[])[]> {
    const written = new Map<BatchCorrelation, readonly WrittenAlert[]>();
    let waiting = worked.map(({ work }) => work).filter(({ drafts }) => drafts.size > 0);
    while (waiting.length > 0) {
      const [together, later] = withoutClash(waiting);
      const alerts = await this.alertWriter.write(
        tx,
        together.flatMap(({ drafts }) => [...drafts.values()]),
      );
      let at = 0;
      for (const work of together) written.set(work, alerts.slice(at, (at += work.drafts.size)));
      waiting = later;
    }
    return worked.map(({ work }) => written.get(work) ?? []);
  }

  private async correlate(
    tx: Tx,
    commits: readonly PartitionCommit[],
  ): Promise<{ readonly worked: readonly Worked[]; readonly failed: ReadonlyMap<PartitionMemory, unknown> }> {
    const loaded = await this.groups.load(tx, commits.flatMap(missingGroups));
    let worked: Worked[] = [];
    const failed = new Map<PartitionMemory, unknown>();
    for (const commit of commits) {
      try {
        worked.push({ ...commit, work: this.work(commit, loaded.get(commit.memory.partition)) });
      } catch (error) {
        failed.set(commit.memory, new SignalProcessingError(error));
      }
    }
    const dueIn = worked.filter(({ memory }) => isDue(memory));
    // What is left stays due.
    const due = await this.groups.due(tx, dueIn.map(clockOf), Math.ceil(CLOSE_AT_ONCE / Math.max(1, dueIn.length)));
    for (const { memory, work } of dueIn) {
      try {
        await this.closeDue(memory, work, due.get(memory.partition) ?? []);
      } catch (error) {
        failed.set(memory, error);
        worked = worked.filter((one) => one.memory !== memory);
      }
    }
    return { worked, failed };
  }

  private work(commit: PartitionCommit, loaded: ReadonlyMap<string, Group> | undefined): BatchCorrelation {
    const { partition, watermarks, outboxSequence, groups } = commit.memory;
    const context = { partition, watermarks, outboxSequence, signalsPartitions: this.signalsTopic.partitions };
    for (const faulty = new Set<BatchStep>(); ;) {
      const work = new BatchCorrelation(context, (key) => groups.get(key) ?? loaded?.get(key));
      const failing = takeSteps(work, commit.steps, faulty);
      if (failing === undefined) return work;
      if (!commit.putsAside) throw failing.error;
      // From the start, since what failed may have left something half done.
      faulty.add(failing.step);
    }
  }

  private async closeDue(memory: PartitionMemory, work: BatchCorrelation, due: readonly DueGroup[]): Promise<void> {
    const { clockMs } = memory.watermarks;
    for (const { key, group } of due) {
      const known = await this.rules.find(group.consumer);
      if (work.changed.has(key)) continue;
      if (known === undefined) work.strand(key, group);
      else work.close(key, known, group);
    }
    for (const [key, changed] of work.changed) {
      const isStillDue = changed.dueMs !== undefined && changed.dueMs <= clockMs;
      if (isStillDue) work.changed.set(key, { ...changed, dueMs: clockMs + LOOK_AGAIN_MS });
    }
  }

  private async findNextDue(tx: Tx, worked: readonly Worked[]): Promise<void> {
    const wereDue = worked.map(({ memory }) => memory).filter(isDue);
    const next = await this.groups.nextDue(
      tx,
      wereDue.map(({ partition }) => partition),
    );
    for (const { memory, work } of worked) {
      const found = isDue(memory) ? next.get(memory.partition) : earliest(memory, work);
      memory.nextDueMs = found?.dueMs;
      memory.nextHeldMs = found?.heldMs;
    }
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

/** Whether a group's time has come. */
export const isDue = ({ nextDueMs, nextHeldMs, watermarks }: PartitionMemory): boolean =>
  (nextDueMs ?? Infinity) <= watermarks.clockMs || (nextHeldMs ?? Infinity) <= watermarks.passedMs;

/** The step that cannot be taken, and why; undefined when all were. */
function takeSteps(
  work: BatchCorrelation,
  steps: readonly BatchStep[],
  faulty: ReadonlySet<BatchStep>,
): { readonly step: NewSignal; readonly error: unknown } | undefined {
  for (const step of steps) {
    if (step.kind === 'progress') step.apply();
    else if (step.kind === 'aside') work.putAside(step);
    else if (faulty.has(step)) work.putAside({ sent: step.message, reason: 'processing_failed' });
    else {
      try {
        work.take(step.key, step.known, step.message);
      } catch (error) {
        return { step, error };
      }
    }
  }
  return undefined;
}

/** The silo of each signal. */
const tenantsOf = ({ steps }: PartitionCommit): string[] =>
  steps.flatMap((step) => (step.kind === 'signal' ? [step.message.tenant] : []));

/** Groups that the steps of a commit need and memory does not hold. */
function missingGroups({ memory: { partition, groups }, steps }: PartitionCommit): readonly GroupPlace[] {
  const keys = new Set(steps.flatMap((step) => (step.kind === 'signal' ? [step.key] : [])));
  return [...keys].filter((key) => groups.get(key) === undefined).map((key) => ({ partition, key }));
}

const clockOf = ({ memory: { partition, watermarks } }: Worked): PartitionClock => {
  return { partition, clockMs: watermarks.clockMs, passedMs: watermarks.passedMs };
};

function earliest({ nextDueMs, nextHeldMs }: PartitionMemory, { changed }: BatchCorrelation): NextDue {
  let [dueMs, heldMs] = [nextDueMs, nextHeldMs];
  const sooner = (one: number | undefined, other: number | undefined): number | undefined =>
    one === undefined || (other !== undefined && other < one) ? other : one;
  for (const one of changed.values()) {
    dueMs = sooner(dueMs, one.dueMs);
    heldMs = sooner(heldMs, one.group === undefined ? undefined : heldOf(one.group));
  }
  return { dueMs, heldMs };
}

function movedBy({ memory, work, position }: Worked): MovedPartition {
  const { partition, watermarks, marks } = memory;
  const outboxSequence = memory.outboxSequence + work.outbox.length;
  const { clockMs } = watermarks;
  return { partition, position, outboxSequence, clockMs, watermarks: watermarks.changes(), marks: marks.changes() };
}

/** Splits off what has an alert in common with an earlier one, as two partitions have only while rules change under an alert. */
function withoutClash(works: readonly BatchCorrelation[]): [together: BatchCorrelation[], later: BatchCorrelation[]] {
  const [together, later]: [BatchCorrelation[], BatchCorrelation[]] = [[], []];
  const identities = new Set<string>();
  for (const work of works) {
    const clashes = [...work.drafts.keys()].some((identity) => identities.has(identity));
    (clashes ? later : together).push(work);
    for (const identity of work.drafts.keys()) identities.add(identity);
  }
  return [together, later];
}
