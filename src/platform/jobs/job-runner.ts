import { EventEmitter } from 'node:events';
import {
  Logger,
  makeWorkerUtils,
  run,
  type Runner,
  type RunnerOptions,
  type TaskList,
  type WorkerEvents,
  type WorkerUtils,
} from 'graphile-worker';
import pg from 'pg';
import { z } from 'zod';
import type { Clock } from '../clock/clock.js';
import type { Log } from '../logging/logging.js';
import { continueTrace, span, type TraceHeaders } from '../tracing/tracing.js';
import { Metrics } from '../metrics/metrics.js';
import { JOB_STATES, JobMetrics, type JobState } from './job.metrics.js';
import { type JobHandler, type JobKind, TRACE_FIELD } from './jobs.js';

/** A worker that has not been seen for so long is dead, and its jobs are given to others at the next heartbeat: within 30 s. */
const DEAD_AFTER_MS = 25_000;
const HEARTBEAT_MS = 5_000;
/** What is left of workers that ended without a word. */
const FORGET_AFTER_MS = 24 * 60 * 60_000;
const RESTART_AFTER_MS = 1_000;

export interface JobRunnerOptions {
  readonly workerUrl: string;
  readonly concurrency: number;
  readonly metrics?: JobMetrics;
  /** 25 s and 5 s unless a test is in a hurry. */
  readonly heartbeat?: { readonly deadAfterMs: number; readonly everyMs: number };
}

/** Runs background jobs from Postgres under the worker role. Rooms register handlers before `start`. */
export class JobRunner {
  readonly #tasks: TaskList = {};
  /** The queue locks a job under its pool's id, not under the worker's. */
  readonly #workers = new Set<string>();
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #options: JobRunnerOptions;
  readonly #metrics: JobMetrics;
  #runner: Runner | undefined;
  #utils: WorkerUtils | undefined;
  #pool: pg.Pool | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: JobRunnerOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#metrics = options.metrics ?? new JobMetrics(new Metrics());
    this.#clock = clock;
    this.#log = log;
  }

  /** Handlers are idempotent: a job that was in flight when its process died runs again. */
  handle<S extends z.ZodType>(kind: JobKind<S>, handler: JobHandler<z.output<S>>): void {
    if (this.#tasks[kind.name] !== undefined) throw new Error(`Two handlers for the job ${kind.name}`);
    this.#tasks[kind.name] = async (payload, helpers) => {
      const { id, attempts, max_attempts: maxAttempts } = helpers.job;
      const done = this.#metrics.runSeconds.startTimer({ job: kind.name });
      try {
        const { trace, content } = untraced(payload);
        const run = { id, attempt: attempts, isLastAttempt: attempts >= maxAttempts };
        const attributes = { 'silowatch.job.id': id, 'silowatch.job.attempt': attempts };
        await continueTrace(trace, () =>
          span(`job ${kind.name}`, attributes, () => handler(kind.payload.parse(content), run)),
        );
        done({ outcome: 'done' });
      } catch (error) {
        done({ outcome: 'failed' });
        this.#log.warn({ event: 'job.failed', job: kind.name, jobId: id, attempt: attempts, error }, 'job failed');
        throw error;
      }
    };
  }

  async start(): Promise<void> {
    const events: WorkerEvents = new EventEmitter();
    events.on('pool:create', ({ workerPool }) => {
      this.#workers.clear();
      this.#workers.add(workerPool.id);
    });
    const pool = new pg.Pool({ connectionString: this.#options.workerUrl, max: this.#options.concurrency + 3 });
    // A pool that is ended lets go of its connections before the server has: what becomes of them then is no news.
    const lost = (error: Error): void => {
      if (this.#pool === pool) this.#log.warn({ event: 'jobs.connection_lost', error }, 'job queue connection lost');
    };
    pool.on('error', lost);
    pool.on('connect', (client) => client.on('error', lost));
    this.#pool = pool;
    const logger = new Logger(() => (level, message) => {
      if ((level as string) === 'error') this.#log.warn({ event: 'jobs.queue', detail: message }, 'job queue reports');
    });
    this.#utils = await makeWorkerUtils({ pgPool: pool, schema: 'graphile_worker', logger });
    await this.#run(pool, { events, logger });
    await this.#beat();
    this.#timer = setInterval(() => void this.#beat(), this.#options.heartbeat?.everyMs ?? HEARTBEAT_MS);
  }

  async #run(pool: pg.Pool, reporting: Pick<RunnerOptions, 'events' | 'logger'>): Promise<void> {
    const runner = await run({
      pgPool: pool,
      schema: 'graphile_worker',
      taskList: this.#tasks,
      concurrency: this.#options.concurrency,
      noHandleSignals: true,
      pollInterval: 500,
      parsedCronItems: [],
      ...reporting,
    });
    if (this.#pool !== pool) {
      await runner.stop();
      return;
    }
    this.#runner = runner;
    const ended = (error?: unknown): void => {
      if (this.#runner === runner) this.#runAgain(pool, reporting, error);
    };
    void runner.promise.then(ended, ended);
  }

  /** The queue ends itself when it cannot say what became of a job, as while Postgres restarts: the service must not go on without it. */
  #runAgain(pool: pg.Pool, reporting: Pick<RunnerOptions, 'events' | 'logger'>, error: unknown): void {
    this.#runner = undefined;
    this.#log.warn({ event: 'jobs.restarts', error }, 'the job queue ended and starts again');
    setTimeout(() => {
      if (this.#pool !== pool) return;
      this.#run(pool, reporting).catch((again: unknown) => this.#runAgain(pool, reporting, again));
    }, RESTART_AFTER_MS);
  }

  /** Lets running jobs finish, then ends. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const runner = this.#runner;
    const pool = this.#pool;
    this.#runner = undefined;
    this.#pool = undefined;
    if (runner !== undefined) await runner.stop();
    await this.#forget(pool);
    await this.#utils?.release();
    await pool?.end();
  }

  get isRunning(): boolean {
    return this.#runner !== undefined;
  }

  async #beat(): Promise<void> {
    const pool = this.#pool;
    if (pool === undefined || this.#runner === undefined) return;
    try {
      const now = this.#clock.now();
      await this.#measure(pool, now);
      await pool.query(
        `insert into silowatch_jobs.worker_heartbeats (worker_id, seen_at) select unnest($1::text[]), $2
         on conflict (worker_id) do update set seen_at = excluded.seen_at`,
        [[...this.#workers], now],
      );
      const dead = await pool.query<{ locked_by: string }>(
        `select distinct j.locked_by from graphile_worker._private_jobs j
         left join silowatch_jobs.worker_heartbeats h on h.worker_id = j.locked_by
         where j.locked_by is not null and coalesce(h.seen_at, j.locked_at) < $1`,
        [new Date(now.getTime() - (this.#options.heartbeat?.deadAfterMs ?? DEAD_AFTER_MS))],
      );
      await pool.query('delete from silowatch_jobs.worker_heartbeats where seen_at < $1', [
        new Date(now.getTime() - FORGET_AFTER_MS),
      ]);
      if (dead.rows.length === 0) return;
      const ids = dead.rows.map((row) => row.locked_by);
      await this.#utils?.forceUnlockWorkers(ids);
      this.#log.warn({ event: 'jobs.released', workers: ids }, 'jobs of dead workers released');
    } catch (error) {
      this.#log.warn({ event: 'jobs.heartbeat_failed', error }, 'job heartbeat failed');
    }
  }

  /** Jobs that are due and wait; that are tried again later or are not due yet; that run; and that no try is left for. */
  async #measure(pool: pg.Pool, now: Date): Promise<void> {
    const { rows } = await pool.query<{ state: JobState; jobs: string; oldest: Date }>(
      `select case when attempts >= max_attempts and locked_at is null then 'dead' when locked_at is not null then 'running'
         when run_at > $1 then 'later' else 'due' end as state, count(*) as jobs, min(run_at) as oldest
       from graphile_worker._private_jobs group by 1`,
      [now],
    );
    const byState = new Map(rows.map((row) => [row.state, row]));
    for (const state of JOB_STATES) {
      this.#metrics.jobs.set({ state }, Number(byState.get(state)?.jobs ?? 0));
    }
    const oldest = byState.get('due')?.oldest;
    const ageMs = oldest === undefined ? 0 : Math.max(0, now.getTime() - oldest.getTime());
    this.#metrics.oldestDueSeconds.set(ageMs / 1000);
  }

  async #forget(pool: pg.Pool | undefined): Promise<void> {
    await pool
      ?.query('delete from silowatch_jobs.worker_heartbeats where worker_id = any($1)', [[...this.#workers]])
      .catch(() => undefined);
  }
}

const traceField = z.record(z.string(), z.string());

function untraced(payload: unknown): { readonly trace: TraceHeaders; readonly content: unknown } {
  if (typeof payload !== 'object' || payload === null || !(TRACE_FIELD in payload))
    return { trace: {}, content: payload };
  const { [TRACE_FIELD]: trace, ...content } = payload;
  return { trace: traceField.safeParse(trace).data ?? {}, content };
}
