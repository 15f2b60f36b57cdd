import { createHash } from 'node:crypto';

/** A batch is sized to take a handler about this long, so that heartbeats and other partitions get their turn. */
const BATCH_MS = 50;
const MAX_BATCH = 5_000;
/** However slow: what a batch took may be the work of others, and a transaction for each record would be slower still. */
const MIN_BATCH = 20;
/** Small, since nothing is known yet about the handler's speed. */
export const FIRST_BATCH = 100;

/** Partitions whose batches are in hand at the same time, where the reader does not say. */
export const AT_ONCE = 4;

/** How many records to hand over next, after `records` of them took `tookMs`; at most doubles, so that one quick batch does not mislead. */
export function nextBatchSize(size: number, records: number, tookMs: number, least = MIN_BATCH): number {
  const fitting = tookMs <= 0 ? MAX_BATCH : Math.floor((records * BATCH_MS) / tookMs);
  // A batch that was not full says that the size is enough, not that it could be more.
  const most = records < size ? size : size * 2;
  return Math.max(least, Math.min(fitting, most, MAX_BATCH));
}

/** From this attempt on the records of a failing batch are delivered one by one, so that the one at fault shows. */
export const SINGLE_RECORD_FROM_ATTEMPT = 3;

export interface RetryTimes {
  readonly firstMs: number;
  readonly mostMs: number;
}

export const RETRY: RetryTimes = { firstMs: 250, mostMs: 30_000 };

/** How long a partition waits after its `attempt`-th failure (from 1) in a row. */
export function retryDelayMs(attempt: number, times: RetryTimes = RETRY): number {
  return Math.min(times.firstMs * 2 ** Math.min(attempt - 1, 30), times.mostMs);
}

/** The group among `groups` (from 0) that reads `topic`: by its name up to the last dot, so that the topics of one silo share a group. */
export function groupOf(topic: string, groups: number): number {
  const dot = topic.lastIndexOf('.');
  const owner = dot === -1 ? topic : topic.slice(0, dot);
  return createHash('sha256').update(owner).digest().readUInt32BE(0) % groups;
}

export const groupName = (group: string, groups: number, index: number): string =>
  groups === 1 ? group : `${group}-${index}`;

/** Positions that cannot be read from: what lies below the start was deleted, what lies above the end was never written to this log. */
export const isOutOfRange = (position: number, offsets: { readonly start: number; readonly end: number }): boolean =>
  position < offsets.start || position > offsets.end;
