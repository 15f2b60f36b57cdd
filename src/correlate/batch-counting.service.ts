import { Injectable } from '@nestjs/common';
import { RuleSet } from '../detect/rule-set.service.js';
import { SignalsTopic } from '../detect/signals-topic.service.js';
import type { Tx } from '../platform/database/database.js';
import { BatchCorrelation } from './correlate-batch.js';
import { type Group, heldOf } from './group.js';
import {
  type DueGroup,
  type GroupPlace,
  GroupRepository,
  type NextDue,
  type PartitionClock,
} from './group.repository.js';
import {
  type BatchStep,
  type NewSignal,
  type PartitionCommit,
  SignalProcessingError,
  type Worked,
} from './partition-commit.js';
import { isDue, type PartitionMemory } from './partition-memory.js';

/** Groups that are closed in one transaction, over all its partitions. */
const CLOSE_AT_ONCE = 2_000;
/** A group whose time has come while its silo's watermark is behind is looked at again after this. */
const LOOK_AGAIN_MS = 10_000;

/** Counts signals in the groups that they belong to, and closes groups whose time has come; within a transaction of `BatchCommit`. */
@Injectable()
export class BatchCounting {
  constructor(
    private readonly groups: GroupRepository,
    private readonly rules: RuleSet,
    private readonly signalsTopic: SignalsTopic,
  ) {}

  /** In memory alone: nothing is written before `save`. What fails of one partition leaves the others. */
  async count(
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

  async save(tx: Tx, worked: readonly Worked[]): Promise<void> {
    await this.groups.save(
      tx,
      worked.flatMap(({ memory: { partition }, work }) =>
        [...work.changed].map(([key, changed]) => ({ partition, key, ...changed })),
      ),
    );
  }

  /** Remembers when the next groups are due, as the rows say once they are saved. */
  async findNextDue(tx: Tx, worked: readonly Worked[]): Promise<void> {
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
}

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
