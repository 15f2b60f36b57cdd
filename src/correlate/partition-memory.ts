import type { ProgressMessage, RelayedMessage, SeenEntity, StreamCounts } from '../detect/signal-message.js';
import { addWork, type StepWork } from '../ingest/stage-work.service.js';
import type { Group } from './group.js';
import type { Marks } from './marks.js';
import type { RelayClock } from './relay-clock.js';
import type { Watermarks } from './watermarks.js';

/** Groups of one partition that are kept in memory besides the database. */
const MAX_CACHED_GROUPS = 20_000;

/** In place of a signals partition: the message is a dead letter. */
export const TO_DEAD_LETTERS = -1;

/** A relayed firing, or a dead letter: written with the batch that caused it, sent after its commit. */
export interface OutboxMessage {
  readonly sequence: number;
  readonly targetPartition: number;
  readonly message: string;
}

/** What one owner of a signals partition holds in memory; the database has all of it as of the last commit. */
export interface PartitionMemory {
  readonly partition: number;
  readonly epoch: number;
  readonly marks: Marks;
  readonly watermarks: Watermarks;
  readonly relayClock: RelayClock;
  /** `RelayClock.heardMs` as of when everything that had been read was committed and sent on. */
  settledMs: number;
  readonly groups: GroupCache;
  /** The progress clock at which the next group may have to be closed; undefined for none. */
  nextDueMs: number | undefined;
  /** The progress clock at which something that is held may next be counted, as `Watermarks.passedMs` has it; undefined for none. */
  nextHeldMs: number | undefined;
  outboxSequence: number;
  /** Written and not acknowledged yet. */
  outbox: OutboxMessage[];
  /** Up to this sequence everything is acknowledged, and may be deleted. */
  relayedTo: number;
  /** Up to this sequence it was deleted. */
  clearedTo: number;
  /** What progress told since the last commit. */
  counts: StreamCounts[];
  seen: SeenEntity[];
  /** What detection did, likewise. */
  work: StepWork[];
  /** Nothing of it is read; of use to send what is in the outbox. */
  readonly isStopped: boolean;
  /** Offset of the next signal. */
  position: number;
  /** Progress clock of the last commit. */
  committedMs: number;
  /** Progress clock up to which counts were written. */
  countedMs: number;
  /** A transaction failed: what is here may be ahead of the database, and is loaded again before anything else. */
  isStale: boolean;
}

/** Whether a group's time has come. */
export const isDue = ({ nextDueMs, nextHeldMs, watermarks }: PartitionMemory): boolean =>
  (nextDueMs ?? Infinity) <= watermarks.clockMs || (nextHeldMs ?? Infinity) <= watermarks.passedMs;

/** What a detecting instance told, and the log took at `loggedMs`. */
export function takeProgress(memory: PartitionMemory, message: ProgressMessage, loggedMs: number): void {
  memory.watermarks.tell(message, loggedMs);
  memory.relayClock.heard(message.instance, message.sentMs, loggedMs);
  memory.counts.push(...message.counts);
  memory.seen.push(...message.seen);
  const work = (message.work ?? []).map(([step, times, seconds]) => ({ step, times, seconds }));
  memory.work = addWork(memory.work, work);
  // The clock goes back where it was ahead.
  const { clockMs } = memory.watermarks;
  memory.committedMs = Math.min(memory.committedMs, clockMs);
  memory.countedMs = Math.min(memory.countedMs, clockMs);
}

/** What correlating partitions told, and the log took at `loggedMs`. */
export function takeRelayed(memory: PartitionMemory, { clocks }: RelayedMessage, loggedMs: number): void {
  const { relayClock, watermarks } = memory;
  for (const [partition, told] of clocks) relayClock.told(partition, told, loggedMs);
  watermarks.settle(relayClock.passedMs);
}

/** Groups as of the last commit, the least recently used dropped first: all of them can be loaded again. */
export class GroupCache {
  readonly #groups = new Map<string, Group>();
  /** Groups, the signals that they hold, and the ids. */
  #size = 0;

  get(key: string): Group | undefined {
    return this.#groups.get(key);
  }

  set(key: string, group: Group | undefined): void {
    this.#drop(key);
    if (group === undefined) return;
    this.#groups.set(key, group);
    this.#size += sizeOf(group);
  }

  get size(): number {
    return this.#groups.size;
  }

  trim(most = MAX_CACHED_GROUPS): void {
    for (const key of this.#groups.keys()) {
      if (this.#size <= most) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    this.#groups.delete(key);
    this.#size -= sizeOf(group);
  }
}

/** Of a group without signals that it holds and ids some 256 bytes are kept. */
const sizeOf = ({ held = [], ids }: Group): number =>
  1 + held.length + ids.reduce((bytes, { length }) => bytes + length, 0) / 256;
