import pg from 'pg';
import type { Clock } from '../../clock/clock.js';
import { DomainError } from '../../errors/domain-error.js';
import type { Log } from '../../logging/logging.js';
import { RETRY, type RetryTimes } from '../delivery.js';
import {
  EventLog,
  type AssignedOptions,
  type GroupOptions,
  type LogReader,
  type LogRecord,
  type OutgoingMessage,
  type PartitionOffsets,
  type Position,
  type TopicInfo,
  type TopicSpec,
} from '../event-log.js';
import { EmbeddedReader } from './embedded-reader.js';
import { fetchRecords, sizeOf, storeRecords, unknownTopic, type StoredTopic } from './embedded-records.js';

export interface EmbeddedEventLogOptions {
  /** Of the service's role. */
  readonly url: string;
  readonly discoverEveryMs?: number;
  readonly retry?: RetryTimes;
}

const CHANNEL = 'silowatch_event_log';
/** Should a notification be lost with its connection. */
const POLL_MS = 500;
const RECONNECT_MS = 1_000;
const SWEEP_MS = 60_000;
const DEFAULT_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
const DEFAULT_MESSAGE_BYTES = 1024 * 1024;
/** Rows, and bytes of them, in one transaction at most: what waits meanwhile is taken by the next. */
const APPEND_AT_ONCE = 2_000;
const APPEND_BYTES_AT_ONCE = 16 * 1024 * 1024;
const SWEEP_AT_ONCE = 5_000;

interface Call {
  readonly messages: readonly OutgoingMessage[];
  readonly sizeBytes: number;
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The log in a table of Postgres, for one process and a few thousand records a second. */
export class EmbeddedEventLog extends EventLog {
  readonly #options: EmbeddedEventLogOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pool: pg.Pool;
  readonly #readers = new Set<EmbeddedReader>();
  #topics = new Map<string, StoredTopic>();
  #queue: Call[] = [];
  #appending: Promise<void> | undefined;
  #listener: pg.Client | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: EmbeddedEventLogOptions, clock: Clock, log: Log) {
    super();
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: 8,
      application_name: 'silowatch event log',
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 30_000,
    });
    // A dropped connection is replaced at the next query; one that is dropped between two queries fails the next of them.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  override async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    await this.#transaction(async (client) => {
      for (const spec of specs) {
        const { rows } = await client.query<{ id: number }>(
          `insert into event_log_topics (name, retention_ms, max_message_bytes, created_at) values ($1, $2, $3, $4)
           on conflict (name) do nothing returning id`,
          [spec.name, spec.retentionMs ?? null, spec.maxMessageBytes ?? DEFAULT_MESSAGE_BYTES, this.#clock.now()],
        );
        const id = rows[0]?.id;
        if (id === undefined) continue;
        await client.query(
          'insert into event_log_partitions (topic_id, partition) select $1, generate_series(0, $2 - 1)',
          [id, spec.partitions],
        );
      }
    });
    await this.#loadTopics();
    for (const { name, partitions } of specs) {
      const found = this.#topics.get(name)?.partitions ?? 0;
      if (found !== partitions) {
        throw new DomainError('EVENT_LOG_TOPIC_DIFFERS', `${name} has ${found} partitions, not ${partitions}`);
      }
    }
  }

  override async deleteTopics(names: readonly string[]): Promise<void> {
    await this.#transaction(async (client) => {
      // Heads first: whoever appends holds them, and must be through before the records go.
      await client.query(
        `select from event_log_partitions where topic_id in (select id from event_log_topics where name = any($1))
         order by topic_id, partition for update`,
        [names],
      );
      await client.query(
        'delete from event_log_records where topic_id in (select id from event_log_topics where name = any($1))',
        [names],
      );
      await client.query('delete from event_log_topics where name = any($1)', [names]);
    });
    await this.#loadTopics();
  }

  override async listTopics(): Promise<readonly TopicInfo[]> {
    await this.#loadTopics();
    return [...this.#topics.values()].map(({ name, partitions }) => ({ name, partitions }));
  }

  override async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    const { rows } = await this.#query<{ partition: number; start_offset: string; end_offset: string }>(
      `select partition, start_offset, end_offset from event_log_partitions join event_log_topics on id = topic_id
       where name = $1 order by partition`,
      [topic],
    );
    if (rows.length === 0) throw unknownTopic(topic);
    return rows.map((row) => ({
      partition: row.partition,
      start: Number(row.start_offset),
      end: Number(row.end_offset),
    }));
  }

  override async append(messages: readonly OutgoingMessage[]): Promise<readonly Position[]> {
    if (this.#isClosed) throw new DomainError('EVENT_LOG_CLOSED', 'The event log is closed');
    if (messages.length === 0) return [];
    return new Promise((resolve, reject) => {
      const sizeBytes = messages.reduce((sum, message) => sum + sizeOf(message), 0);
      this.#queue.push({ messages, sizeBytes, resolve, reject });
      this.#appending ??= this.#drain();
    });
  }

  override async read(topic: string, partition: number, from: number, limit: number): Promise<readonly LogRecord[]> {
    if (!this.#topics.has(topic)) await this.#loadTopics();
    const found = this.#topics.get(topic);
    if (found === undefined || partition >= found.partitions) throw unknownTopic(`${topic}, partition ${partition}`);
    const records: LogRecord[] = [];
    for (let next = from; records.length < limit;) {
      const fetched = await fetchRecords(this.#pool, found.id, partition, next, limit - records.length);
      records.push(...fetched);
      const last = fetched.at(-1);
      if (last === undefined) break;
      next = last.offset + 1;
    }
    return records;
  }

  override async consume(options: GroupOptions): Promise<LogReader> {
    return this.#start(options);
  }

  override async consumeAssigned(options: AssignedOptions): Promise<LogReader> {
    const { onAssigned, onRevoked, topic } = options;
    return this.#start({ ...options, topics: () => Promise.resolve([topic]) }, { onAssigned, onRevoked });
  }

  override async weaknesses(): Promise<readonly string[]> {
    // It is as safe as the database that everything else depends on, too.
    return Promise.resolve([]);
  }

  override async answers(): Promise<boolean> {
    return this.#pool.query('select 1').then(
      () => true,
      () => false,
    );
  }

  override async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    this.#isClosed = true;
    clearTimeout(this.#reconnect);
    await this.#appending;
    await this.#listener?.end().catch(() => undefined);
    await this.#pool.end();
  }

  /** Deletes records older than their topic keeps them; returns how many. Runs by itself once a minute where something is read. */
  async sweep(): Promise<number> {
    const { rows } = await this.#query<{ topic_id: number; partition: number; retention_ms: string | null }>(
      `select topic_id, partition, retention_ms from event_log_partitions join event_log_topics on id = topic_id
       where end_offset > start_offset`,
    );
    let deleted = 0;
    for (const { topic_id: topicId, partition, retention_ms: retentionMs } of rows) {
      const before = new Date(this.#clock.nowMs() - Number(retentionMs ?? DEFAULT_RETENTION_MS));
      for (let count = SWEEP_AT_ONCE; count === SWEEP_AT_ONCE; deleted += count) {
        count = await this.#sweepSome(topicId, partition, before);
      }
    }
    return deleted;
  }

  async #sweepSome(topicId: number, partition: number, before: Date): Promise<number> {
    return this.#transaction(async (client) => {
      const { rows } = await client.query<{ count: string; next: string | null }>(
        `with old as (
           select "offset" from (select "offset", at from event_log_records where topic_id = $1 and partition = $2
                                 order by "offset" limit $4) oldest where at < $3
         ), gone as (
           delete from event_log_records where topic_id = $1 and partition = $2 and "offset" in (select "offset" from old)
           returning "offset"
         ) select count(*), max("offset") + 1 as next from gone`,
        [topicId, partition, before, SWEEP_AT_ONCE],
      );
      const { count, next } = rows[0] ?? { count: '0', next: null };
      if (next !== null) {
        await client.query('update event_log_partitions set start_offset = $3 where topic_id = $1 and partition = $2', [
          topicId,
          partition,
          next,
        ]);
      }
      return Number(count);
    });
  }

  async #start(options: GroupOptions, owner?: Pick<AssignedOptions, 'onAssigned' | 'onRevoked'>): Promise<LogReader> {
    const reader = new EmbeddedReader({
      ...options,
      url: this.#options.url,
      pool: this.#pool,
      log: this.#log,
      retry: this.#options.retry ?? RETRY,
      discoverEveryMs: this.#options.discoverEveryMs ?? 5_000,
      pollEveryMs: POLL_MS,
      existing: async (names) => {
        await this.#loadTopics();
        return names.flatMap((name) => this.#topics.get(name) ?? []);
      },
      ...(owner && { owner }),
    });
    this.#readers.add(reader);
    await this.#listen();
    this.#sweeper ??= setInterval(() => {
      this.sweep().catch((error: unknown) => {
        this.#log.warn({ event: 'event_log.sweep_failed', error }, 'old records were not deleted');
      });
    }, SWEEP_MS);
    reader.start();
    return reader;
  }

  /** Hears of appends by other processes; those of this one wake the readers directly. */
  async #listen(): Promise<void> {
    if (this.#listener !== undefined || this.#isClosed) return;
    const client = new pg.Client({ connectionString: this.#options.url, application_name: 'silowatch event log' });
    this.#listener = client;
    const again = (): void => {
      if (this.#listener !== client) return;
      this.#listener = undefined;
      if (this.#isClosed) return;
      this.#reconnect = setTimeout(() => void this.#listen(), RECONNECT_MS);
    };
    client.on('error', again);
    client.on('end', again);
    client.on('notification', () => this.#wakeReaders());
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch {
      again();
    }
  }

  #wakeReaders(): void {
    for (const reader of this.#readers) reader.wake();
  }

  async #drain(): Promise<void> {
    // Calls of the same turn of the event loop are stored together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      let count = 0;
      let sizeBytes = 0;
      let calls = 0;
      for (const call of this.#queue) {
        count += call.messages.length;
        sizeBytes += call.sizeBytes;
        if (calls > 0 && (count > APPEND_AT_ONCE || sizeBytes > APPEND_BYTES_AT_ONCE)) break;
        calls += 1;
      }
      await this.#store(this.#queue.splice(0, calls));
    }
    // In the same turn as the look at the queue, or a call that comes between would wait for ever.
    this.#appending = undefined;
  }

  async #store(calls: readonly Call[]): Promise<void> {
    try {
      const positions = await this.#storeAll(calls.flatMap(({ messages }) => messages));
      let at = 0;
      for (const { messages, resolve } of calls) {
        resolve(positions.slice(at, at + messages.length));
        at += messages.length;
      }
      this.#wakeReaders();
    } catch (error) {
      if (calls.length > 1 && !isOfConnection(error)) {
        // One call cannot be stored; the others must not suffer for it.
        for (const call of calls) await this.#store([call]);
        return;
      }
      for (const { reject } of calls) reject(error);
    }
  }

  async #storeAll(messages: readonly OutgoingMessage[]): Promise<readonly Position[]> {
    const isKnown = messages.every(({ topic, partition }) => partition < (this.#topics.get(topic)?.partitions ?? 0));
    if (!isKnown) await this.#loadTopics();
    return this.#transaction(async (client) => {
      const positions = await storeRecords(client, messages, this.#topics, this.#clock.now());
      await client.query('select pg_notify($1, $2)', [CHANNEL, '']);
      return positions;
    });
  }

  async #loadTopics(): Promise<void> {
    const { rows } = await this.#query<{ id: number; name: string; max_message_bytes: number; partitions: number }>(
      `select id, name, max_message_bytes, (select count(*)::int from event_log_partitions where topic_id = id) as partitions
       from event_log_topics`,
    );
    this.#topics = new Map(
      rows.map(({ id, name, partitions, max_message_bytes: maxMessageBytes }) => [
        name,
        { id, name, partitions, maxMessageBytes },
      ]),
    );
  }

  async #query<R extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<pg.QueryResult<R>> {
    return this.#pool.query<R>(sql, parameters).catch((error: unknown) => {
      throw unavailable(error);
    });
  }

  async #transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw unavailable(error);
    });
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      // Rolled back by the end of its connection, whatever state it is in.
      client.release(true);
      throw error instanceof DomainError ? error : unavailable(error);
    }
  }
}

/** SQLSTATE classes in which Postgres says that it cannot go on at all: connection, sign-in, resources, an operator, its own faults. */
const OF_SERVER = /^(?:08|28|3D|53|57|58|F0|XX)/;

/** Whether a failure has nothing to do with what was to be stored, so that every other call would meet it too. */
function isOfConnection(error: unknown): boolean {
  if (!(error instanceof DomainError) || !error.retryable) return false;
  const { cause } = error;
  if (cause instanceof pg.DatabaseError) return OF_SERVER.test(cause.code ?? '');
  return !(cause instanceof RangeError || cause instanceof TypeError);
}

const unavailable = (cause: unknown): DomainError =>
  new DomainError('EVENT_LOG_UNAVAILABLE', 'Postgres did not take or give records', { cause, retryable: true });
