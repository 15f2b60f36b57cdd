import { FIRST_BATCH } from './delivery.js';
import type { ReaderPosition } from './event-log.js';

/** One partition in a reader's hands. Changed in place by its reader only. */
export interface PartitionState {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record to be handled. */
  position: number;
  highWatermark: number;
  /** When `highWatermark` was last known to be the log's end, in milliseconds since the epoch. */
  endSeenMs: number;
  /** Position that the log last confirmed as committed. */
  committed: number;
  batchSize: number;
  /** Failures in a row at this position. */
  failures: number;
  /** Up to this offset records go one by one, since a batch of them failed twice. */
  singleUntil: number;
  /** `loading`: its position is being found; `resting`: the handler has put it off; `waiting`: until the back-off ends; `stopped`: until somebody decides. */
  status: 'loading' | 'reading' | 'resting' | 'waiting' | 'stopped';
  /** When it last became `reading`, in milliseconds since the epoch. */
  readingSinceMs: number;
  reason: string;
  /** Whether `onAssigned` was called for it, so that `onRevoked` is due. */
  isOwned: boolean;
  inHand: Promise<unknown> | undefined;
  timer: NodeJS.Timeout | undefined;
}

export function newState(topic: string, partition: number): PartitionState {
  return {
    topic,
    partition,
    position: -1,
    highWatermark: -1,
    endSeenMs: 0,
    committed: -1,
    batchSize: FIRST_BATCH,
    failures: 0,
    singleUntil: -1,
    status: 'loading',
    readingSinceMs: 0,
    reason: '',
    isOwned: false,
    inHand: undefined,
    timer: undefined,
  };
}

/** Its owner says that it must not be read. */
export function stopByOwner(state: PartitionState): void {
  state.status = 'stopped';
  state.reason = 'stopped by who keeps its position';
}

export const partitionKey = (topic: string, partition: number): string => `${topic}/${partition}`;

export interface StoppedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly reason: string;
}

export function positionsOf(states: Iterable<PartitionState>, heardAgoMs: number): ReaderPosition[] {
  return [...states]
    .filter(({ position }) => position >= 0)
    .map(({ topic, partition, position, highWatermark, endSeenMs }) => ({
      topic,
      partition,
      position,
      highWatermark: Math.max(position, highWatermark),
      heardAgoMs,
      endSeenMs,
    }));
}

export function stoppedOf(states: Iterable<PartitionState>): StoppedPartition[] {
  return [...states]
    .filter(({ status }) => status === 'waiting' || status === 'stopped')
    .map(({ topic, partition, reason }) => ({ topic, partition, reason }));
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
