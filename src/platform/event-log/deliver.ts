import { nextBatchSize, retryDelayMs, SINGLE_RECORD_FROM_ATTEMPT, type RetryTimes } from './delivery.js';
import { Fenced, type BatchHandler, type LogRecord, type PartitionFailure, Postponed } from './event-log.js';
import { reasonOf, type PartitionState } from './reader-state.js';

export type Delivered =
  /** Everything was handled, or the reader must not go on (`mayGoOn` said so). */
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly failure: PartitionFailure }
  | { readonly kind: 'postponed'; readonly forMs: number }
  | { readonly kind: 'fenced' };

export interface Delivery {
  readonly handler: BatchHandler;
  readonly retry: RetryTimes;
  readonly leastBatch?: number | undefined;
  /** Asked before each batch. */
  readonly mayGoOn: () => boolean;
  /** After each batch that was handled, with its last offset. */
  readonly onHandled: (offset: number) => Promise<void>;
}

/** Hands `records` over in batches of about 50 ms of work, moving `state` on after each; stops at the first failure. Both adapters read through this. */
export async function deliver(
  state: PartitionState,
  records: readonly LogRecord[],
  highWatermark: number,
  delivery: Delivery,
): Promise<Delivered> {
  state.highWatermark = highWatermark;
  let at = 0;
  while (at < records.length && delivery.mayGoOn()) {
    const attempt = state.failures + 1;
    const isSuspect = (records[at]?.offset ?? 0) <= state.singleUntil;
    const batch = records.slice(at, at + (isSuspect ? 1 : state.batchSize));
    const startedAt = performance.now();
    const activeBefore = performance.eventLoopUtilization().active;
    try {
      const { topic, partition } = state;
      await delivery.handler({ topic, partition, records: batch, highWatermark, attempt });
    } catch (error) {
      if (error instanceof Postponed) {
        await postpone(state, error, delivery);
        return { kind: 'postponed', forMs: error.forMs };
      }
      const next = attempt + 1;
      if (next >= SINGLE_RECORD_FROM_ATTEMPT)
        state.singleUntil = Math.max(state.singleUntil, batch.at(-1)?.offset ?? -1);
      return error instanceof Fenced
        ? { kind: 'fenced' }
        : { kind: 'failed', failure: fail(state, error, delivery.retry) };
    }
    state.failures = 0;
    state.batchSize = nextBatchSize(
      state.batchSize,
      batch.length,
      workMs(startedAt, activeBefore),
      delivery.leastBatch,
    );
    at += batch.length;
    const last = batch.at(-1)?.offset ?? state.position;
    state.position = last + 1;
    await delivery.onHandled(last);
  }
  return { kind: 'ended' };
}

async function postpone(state: PartitionState, { doneTo }: Postponed, { onHandled }: Delivery): Promise<void> {
  state.status = 'resting';
  if (doneTo === undefined) return;
  state.failures = 0;
  state.position = doneTo + 1;
  await onHandled(doneTo);
}

/** A batch may take this many times longer than its work, waiting for acknowledgements and the database. */
const WAITING_FACTOR = 10;

/**
 * What a batch took, for its size: the time this process was busy meanwhile, since a wait costs the others nothing and is the same for a
 * large batch as for a small one. Counting it as work would keep batches small just when the log answers slowly.
 */
function workMs(startedAt: number, activeBefore: number): number {
  const busyMs = performance.eventLoopUtilization().active - activeBefore;
  return Math.max(busyMs, (performance.now() - startedAt) / WAITING_FACTOR);
}

/** Marks the partition as waiting and says for how long. */
export function fail(state: PartitionState, error: unknown, retry: RetryTimes): PartitionFailure {
  state.failures += 1;
  state.status = 'waiting';
  state.reason = reasonOf(error);
  return {
    topic: state.topic,
    partition: state.partition,
    offset: state.position,
    attempt: state.failures,
    retryInMs: retryDelayMs(state.failures, retry),
    error,
  };
}
