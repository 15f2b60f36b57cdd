import pg from 'pg';
import type { Log } from '../../logging/logging.js';
import { deliver, fail } from '../deliver.js';
import { AT_ONCE, isOutOfRange, type RetryTimes } from '../delivery.js';
import { Fenced, type AssignedOptions, type GroupOptions, type LogReader, type ReaderPosition } from '../event-log.js';
import {
  newState,
  positionsOf,
  stopByOwner,
  stoppedOf,
  type PartitionState,
  type StoppedPartition,
} from '../reader-state.js';
import { fetchRecords, type StoredTopic } from './embedded-records.js';

export interface EmbeddedReaderOptions extends Omit<GroupOptions, 'groups'> {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly log: Log;
  readonly retry: RetryTimes;
  readonly discoverEveryMs: number;
  readonly pollEveryMs: number;
  /** Topics of these names that exist. */
  readonly existing: (names: readonly string[]) => Promise<readonly StoredTopic[]>;
  readonly owner?: Pick<AssignedOptions, 'onAssigned' | 'onRevoked'>;
}

interface Head {
  readonly topicId: number;
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

const COMMIT_EVERY_MS = 1_000;

/**
 * Reads in a loop. One reader of a group is at work at a time, the one that holds the group's advisory lock on a connection of its own (which
 * Postgres frees when the process dies); others wait to take over. The embedded log is for one process, so nothing is shared out.
 */
export class EmbeddedReader implements LogReader {
  readonly #options: EmbeddedReaderOptions;
  readonly #states = new Map<string, PartitionState>();
  #topics: readonly StoredTopic[] = [];
  #lock: pg.Client | undefined;
  #isPaused = false;
  #isClosed = false;
  #discoveredAt = -Infinity;
  #heardAt = -Infinity;
  #committedAt = performance.now();
  #wakeUp: (() => void) | undefined;
  #isAwake = false;
  #loop: Promise<void> | undefined;

  constructor(options: EmbeddedReaderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  positions(): readonly ReaderPosition[] {
    return positionsOf(this.#states.values(), performance.now() - this.#heardAt);
  }

  stopped(): readonly StoppedPartition[] {
    return stoppedOf(this.#states.values());
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.wake();
  }

  async refresh(): Promise<void> {
    await this.#discover();
    this.wake();
  }

  /** Something was appended, or is due again. */
  wake(): void {
    this.#isAwake = true;
    this.#wakeUp?.();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      let hasWork = false;
      try {
        hasWork = await this.#round();
      } catch (error) {
        this.#options.log.warn({ event: 'event_log.reader_failed', error }, 'a reader of the log tries again');
        await this.#letGo();
        this.#isAwake = false;
        await this.#sleep(this.#options.retry.firstMs);
      }
      if (!hasWork && !this.#isAwake) await this.#sleep(this.#options.pollEveryMs);
    }
    await this.#commit().catch(() => undefined);
    await this.#letGo();
  }

  /** One look at all partitions; whether there may be more to read at once. */
  async #round(): Promise<boolean> {
    this.#isAwake = false;
    if (!(await this.#holdLock())) return false;
    if (performance.now() - this.#discoveredAt >= this.#options.discoverEveryMs) await this.#discover();
    const lookedMs = Date.now();
    const heads = await this.#heads();
    this.#heardAt = performance.now();
    await this.#assign(heads);
    const ready = heads.filter((head) => {
      const state = this.#states.get(keyOf(head));
      if (state !== undefined) {
        state.highWatermark = Math.max(state.highWatermark, head.end);
        state.endSeenMs = lookedMs;
      }
      return state?.status === 'reading' && state.position < head.end;
    });
    const { atOnce = AT_ONCE } = this.#options;
    for (let at = 0; at < ready.length && this.#mayGoOn(); at += atOnce) {
      await allEnded(ready.slice(at, at + atOnce).map((head) => this.#read(head)));
    }
    if (performance.now() - this.#committedAt >= COMMIT_EVERY_MS) await this.#commit();
    return ready.length > 0 && this.#mayGoOn();
  }

  #mayGoOn(): boolean {
    return !this.#isPaused && !this.#isClosed && this.#lock !== undefined;
  }

  async #read(head: Head): Promise<void> {
    const state = this.#states.get(keyOf(head));
    if (state === undefined) return;
    const records = await fetchRecords(this.#options.pool, head.topicId, head.partition, state.position);
    const first = records[0]?.offset ?? head.end;
    if (first > state.position) {
      // Retention has overtaken it since it was assigned.
      await this.#begin(state, state.position, { ...head, start: first });
      return;
    }
    const result = await deliver(state, records, head.end, {
      handler: this.#options.handler,
      retry: this.#options.retry,
      leastBatch: this.#options.leastBatch,
      mayGoOn: () => this.#mayGoOn(),
      onHandled: () => Promise.resolve(),
    });
    if (result.kind === 'fenced') throw new Fenced();
    if (result.kind === 'postponed') this.#wakeLater(state, result.forMs);
    if (result.kind !== 'failed') return;
    this.#options.onFailure?.(result.failure);
    this.#wakeLater(state, result.failure.retryInMs);
  }

  /** Lets the partition wait; with an owner its position is asked for again. */
  #wakeLater(state: PartitionState, retryInMs: number): void {
    state.timer = setTimeout(() => {
      state.status = this.#options.owner === undefined && state.position >= 0 ? 'reading' : 'loading';
      this.wake();
    }, retryInMs);
  }

  async #discover(): Promise<void> {
    this.#topics = await this.#options.existing([...new Set(await this.#options.topics())]);
    this.#discoveredAt = performance.now();
  }

  async #heads(): Promise<readonly Head[]> {
    const names = new Map(this.#topics.map(({ id, name }) => [id, name]));
    const { rows } = await this.#options.pool.query<{
      topic_id: number;
      partition: number;
      start_offset: string;
      end_offset: string;
    }>('select * from event_log_partitions where topic_id = any($1) order by topic_id, partition', [[...names.keys()]]);
    return rows.map((row) => ({
      topicId: row.topic_id,
      topic: names.get(row.topic_id) ?? '',
      partition: row.partition,
      start: Number(row.start_offset),
      end: Number(row.end_offset),
    }));
  }

  /** Takes up partitions that are new or whose position must be found again, and forgets those that are gone. */
  async #assign(heads: readonly Head[]): Promise<void> {
    const present = new Set(heads.map(keyOf));
    const gone = [...this.#states].filter(([at]) => !present.has(at));
    for (const [at, state] of gone) {
      clearTimeout(state.timer);
      this.#states.delete(at);
    }
    await this.#revoke(gone.map(([, state]) => state));
    for (const head of heads) {
      if (!this.#states.has(keyOf(head))) this.#states.set(keyOf(head), newState(head.topic, head.partition));
    }
    const loading = heads.filter((head) => this.#states.get(keyOf(head))?.status === 'loading');
    if (loading.length === 0 || this.#isClosed) return;
    await this.#load(loading);
  }

  async #load(heads: readonly Head[]): Promise<void> {
    try {
      const positions = await this.#startingPositions(heads);
      for (const head of heads) {
        const state = this.#states.get(keyOf(head));
        const position = positions.get(keyOf(head)) ?? head.start;
        if (state === undefined) continue;
        if (position === 'stop') stopByOwner(state);
        else await this.#begin(state, position, head);
      }
    } catch (error) {
      if (error instanceof Fenced) throw error;
      for (const head of heads) {
        const state = this.#states.get(keyOf(head));
        if (state === undefined) continue;
        const failure = fail(state, error, this.#options.retry);
        this.#options.onFailure?.(failure);
        this.#wakeLater(state, failure.retryInMs);
      }
    }
  }

  async #startingPositions(heads: readonly Head[]): Promise<ReadonlyMap<string, number | 'stop'>> {
    const { owner, pool, group } = this.#options;
    if (owner !== undefined) {
      for (const head of heads) {
        const state = this.#states.get(keyOf(head));
        if (state !== undefined) state.isOwned = true;
      }
      const given = await owner.onAssigned(heads.map(({ partition }) => partition));
      return new Map(
        heads.map((head) => {
          const position = given.get(head.partition);
          if (position === undefined) throw new Error(`onAssigned gave no position for partition ${head.partition}`);
          return [keyOf(head), position];
        }),
      );
    }
    const { rows } = await pool.query<{ topic_id: number; partition: number; position: string }>(
      'select topic_id, partition, position from event_log_positions where group_name = $1',
      [group],
    );
    return new Map(
      rows.map((row) => [keyOf({ topicId: row.topic_id, partition: row.partition }), Number(row.position)]),
    );
  }

  async #begin(state: PartitionState, position: number, range: Pick<Head, 'start' | 'end'>): Promise<void> {
    state.position = position;
    state.highWatermark = range.end;
    if (isOutOfRange(position, range)) {
      const { topic, partition } = state;
      const { start, end } = range;
      const decision = (await this.#options.onOutOfRange?.({ topic, partition, position, start, end })) ?? 'stop';
      if (decision === 'stop') {
        state.status = 'stopped';
        state.reason = `position ${position} lies outside the log (${start} to ${end})`;
        return;
      }
      state.position = decision;
    } else {
      state.committed = position;
    }
    state.status = 'reading';
  }

  async #commit(): Promise<void> {
    this.#committedAt = performance.now();
    if (this.#lock === undefined) return;
    const dirty = [...this.#states].filter(([, { position, committed }]) => position >= 0 && position !== committed);
    if (dirty.length === 0) return;
    const positions = dirty.map(([, { position }]) => position);
    await this.#options.pool.query(
      `insert into event_log_positions (group_name, topic_id, partition, position)
       select $1, given.* from unnest($2::int[], $3::int[], $4::bigint[]) as given (topic_id, partition, position)
       where exists (select from event_log_partitions p where p.topic_id = given.topic_id and p.partition = given.partition)
       on conflict (group_name, topic_id, partition) do update set position = excluded.position`,
      [
        this.#options.group,
        dirty.map(([at]) => Number(at.split('/')[0])),
        dirty.map(([, { partition }]) => partition),
        positions,
      ],
    );
    dirty.forEach(([, state], i) => (state.committed = positions[i] ?? -1));
  }

  /** Whether this reader is the group's one at work. */
  async #holdLock(): Promise<boolean> {
    if (this.#lock !== undefined) return true;
    const client = new pg.Client({ connectionString: this.#options.url, application_name: 'silowatch event log' });
    const lost = (): void => {
      if (this.#lock === client) this.#lock = undefined;
    };
    client.on('error', lost);
    client.on('end', lost);
    await client.connect();
    const { rows } = await client.query<{ held: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('silowatch event log ' || $1, 0)) as held`,
      [this.#options.group],
    );
    if (rows[0]?.held !== true) {
      await client.end();
      return false;
    }
    // Whatever was held before the lock was lost may have been read by another since.
    await this.#forget();
    this.#lock = client;
    return true;
  }

  async #letGo(): Promise<void> {
    await this.#forget();
    const lock = this.#lock;
    this.#lock = undefined;
    await lock?.end().catch(() => undefined);
  }

  async #forget(): Promise<void> {
    const states = [...this.#states.values()];
    for (const state of states) clearTimeout(state.timer);
    this.#states.clear();
    await this.#revoke(states);
  }

  async #revoke(states: readonly PartitionState[]): Promise<void> {
    const lost = states.filter(({ isOwned }) => isOwned).map(({ partition }) => partition);
    if (lost.length === 0) return;
    await this.#options.owner?.onRevoked(lost).catch((error: unknown) => {
      this.#options.log.error({ event: 'event_log.revoke_failed', error }, 'partitions could not be given up cleanly');
    });
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = undefined;
  }
}

/** Waits for all, also when one rejects: nothing of a partition may be in hand when it is taken up anew. */
async function allEnded(reads: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(reads);
  for (const read of ended) if (read.status === 'rejected') throw read.reason;
}

const keyOf = ({ topicId, partition }: Pick<Head, 'topicId' | 'partition'>): string => `${topicId}/${partition}`;
