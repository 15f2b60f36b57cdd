import type { z } from 'zod';
import type { Tx } from '../database/database.js';
import { traceHeaders } from '../tracing/tracing.js';

/** A kind of background work: its name in the queue and the shape of its payload. Ids only, never secrets or bodies. */
export interface JobKind<S extends z.ZodType> {
  readonly name: string;
  readonly payload: S;
  /** Tries in all, with the queue's exponential back-off (about exp(attempt) seconds). */
  readonly maxAttempts: number;
}

export function jobKind<S extends z.ZodType>(kind: JobKind<S>): JobKind<S> {
  return Object.freeze(kind);
}

export interface JobOptions {
  readonly runAt?: Date;
  /** A later job with the same key replaces one that has not started. */
  readonly key?: string;
  /** Jobs of one queue name run one after another. */
  readonly queue?: string;
}

/** What a running job learns besides its payload. */
export interface JobRun {
  /** The queue's id of the job: stable over retries, so it serves as idempotency key. */
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
  readonly isLastAttempt: boolean;
}

export type JobHandler<P> = (payload: P, run: JobRun) => Promise<void>;

/** Where a job keeps the trace that it continues; no payload may have a field of this name. */
export const TRACE_FIELD = '_trace';

/** Adds a job in the caller's transaction: it exists if and only if the change that causes it is committed. It continues the caller's trace. */
export async function addJob<S extends z.ZodType>(
  tx: Tx,
  kind: JobKind<S>,
  payload: z.input<S>,
  options: JobOptions = {},
): Promise<void> {
  const traced = traceHeaders();
  const content: unknown = kind.payload.parse(payload);
  const isTraced = Object.keys(traced).length > 0 && typeof content === 'object';
  await tx.query('select silowatch_jobs.add_job($1, $2::json, $3, $4, $5, $6)', [
    kind.name,
    JSON.stringify(isTraced ? { ...content, [TRACE_FIELD]: traced } : content),
    options.runAt ?? null,
    kind.maxAttempts,
    options.key ?? null,
    options.queue ?? null,
  ]);
}
