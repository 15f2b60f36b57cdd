import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { ManualClock, SystemClock } from '../../../src/platform/clock/clock.js';
import { EmbeddedEventLog } from '../../../src/platform/event-log/embedded/embedded-event-log.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { describeEventLog, until } from './contract.js';

const silent = new PinoLog(process.env['TEST_LOG_LEVEL'] ?? 'silent');

async function asService(db: TestDatabase, sql: string, parameters: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: db.serviceUrl });
  await client.connect();
  try {
    await client.query(sql, parameters);
  } finally {
    await client.end();
  }
}

const openIn = (db: TestDatabase): EmbeddedEventLog =>
  new EmbeddedEventLog(
    { url: db.serviceUrl, discoverEveryMs: 200, retry: { firstMs: 50, mostMs: 500 } },
    new SystemClock(),
    silent,
  );

/**
 * Ends connections that are idle within a transaction, from another thread, while this one sees nothing of it: the answer to its statement and
 * the end of its connection then reach it together.
 */
class Killer {
  static readonly #CODE = `
    const { workerData: { url, shared } } = require('node:worker_threads');
    const pg = require('pg');
    const state = new Int32Array(shared);
    (async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      Atomics.store(state, 0, 1);
      Atomics.notify(state, 0);
      for (;;) {
        Atomics.wait(state, 0, 1);
        if (Atomics.load(state, 0) === 3) break;
        const { rowCount } = await client.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()" +
            " and application_name = 'silowatch event log' and state = 'idle in transaction'");
        Atomics.add(state, 1, rowCount);
        Atomics.store(state, 0, 1);
        Atomics.notify(state, 0);
      }
      await client.end();
    })();`;
  readonly #state: Int32Array;
  readonly #worker: Worker;

  private constructor(url: string) {
    const shared = new SharedArrayBuffer(8);
    this.#state = new Int32Array(shared);
    this.#worker = new Worker(Killer.#CODE, { eval: true, workerData: { url, shared } });
  }

  static async start(url: string): Promise<Killer> {
    const killer = new Killer(url);
    const { value } = Atomics.waitAsync(killer.#state, 0, 0, 10_000);
    if ((await value) === 'timed-out') throw new Error('The other thread did not connect');
    return killer;
  }

  /** Blocks this thread for some milliseconds. */
  kill(): void {
    // What was sent last is answered first.
    Atomics.wait(this.#state, 1, this.killed, 20);
    Atomics.store(this.#state, 0, 2);
    Atomics.notify(this.#state, 0);
    Atomics.wait(this.#state, 0, 2, 2_000);
  }

  get killed(): number {
    return Atomics.load(this.#state, 1);
  }

  async close(): Promise<void> {
    Atomics.store(this.#state, 0, 3);
    Atomics.notify(this.#state, 0);
    await new Promise((resolve) => this.#worker.once('exit', resolve));
  }
}

describeEventLog('Postgres', async () => {
  const db = await testDatabase();
  const log = openIn(db);
  const second = openIn(db);
  return {
    log,
    second,
    forgetBelow: async (topic, partition, offset) => {
      await asService(
        db,
        `with t as (select id from event_log_topics where name = $1), gone as (
           delete from event_log_records where topic_id = (select id from t) and partition = $2 and "offset" < $3
         ) update event_log_partitions set start_offset = $3 where topic_id = (select id from t) and partition = $2`,
        [topic, partition, offset],
      );
    },
    close: async () => {
      await Promise.all([log.close(), second.close()]);
      await db.drop();
    },
  };
});

describe('the embedded log', () => {
  let db: TestDatabase;
  let log: EmbeddedEventLog;
  beforeEach(async () => {
    db = await testDatabase();
    log = openIn(db);
  });
  afterEach(async () => {
    await log.close();
    await db.drop();
  });

  it('shows no record before those with lower offsets, whatever two writers do at once', async () => {
    const topic = 'silo.a.access';
    await log.ensureTopics([{ name: topic, partitions: 1, timestamps: 'arrival' }]);
    const other = openIn(db);
    const seen: number[] = [];
    await log.consume({
      group: 'g',
      topics: () => Promise.resolve([topic]),
      handler: (batch) => {
        seen.push(...batch.records.map(({ offset }) => offset));
        return Promise.resolve();
      },
    });
    const write = async (writer: EmbeddedEventLog): Promise<void> => {
      for (let i = 0; i < 100; i += 1) await writer.append([{ topic, partition: 0, key: null, value: String(i) }]);
    };
    await Promise.all([write(log), write(other)]);
    await until('all are read', () => seen.length >= 200);
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i));
    await other.close();
  });

  it('lets no call suffer for another that cannot be stored, whether Postgres or the driver says so', async () => {
    const topic = 'silo.a.access';
    await log.ensureTopics([{ name: topic, partitions: 1, timestamps: 'arrival' }]);
    const good = { topic, partition: 0, key: null, value: 'good' };
    const unencodable = {
      ...good,
      get headers(): Record<string, string> {
        return {
          get x(): string {
            throw new RangeError('Invalid string length');
          },
        };
      },
    };
    const sent = [[good], [{ ...good, partition: 0.5 }], [good], [unencodable], [good]];
    const results = await Promise.allSettled(sent.map((messages) => log.append(messages)));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await log.read(topic, 0, 0, 10)).toHaveLength(3);
  });

  it('stores a call of many megabytes whole and in order, though in several statements', async () => {
    const topic = 'silo.a.access';
    await log.ensureTopics([{ name: topic, partitions: 2, timestamps: 'arrival' }]);
    const padding = 'x'.repeat(300_000);
    const messages = Array.from({ length: 30 }, (_, n) => ({
      topic,
      partition: n % 2,
      key: null,
      value: `${n} ${padding}`,
    }));
    const positions = await log.append(messages);
    expect(positions.map(({ partition, offset }) => [partition, offset])).toEqual(
      messages.map(({ partition }, n) => [partition, Math.floor(n / 2)]),
    );
    for (const partition of [0, 1]) {
      const read = await log.read(topic, partition, 0, 20);
      expect(read.map(({ value }) => Number.parseInt(String(value), 10))).toEqual(
        Array.from({ length: 15 }, (_, n) => 2 * n + partition),
      );
    }
    const refused = log.append([...messages, { topic, partition: 0, key: 'k', value: 'x'.repeat(2_000_000) }]);
    await expect(refused).rejects.toMatchObject({ code: 'EVENT_LOG_MESSAGE_TOO_LARGE' });
    expect(await log.offsets(topic)).toMatchObject([{ end: 15 }, { end: 15 }]);
  });

  it('deletes what is older than its topic keeps, and says where the log begins', async () => {
    const clock = new ManualClock(new Date('2026-03-01T00:00:00Z'));
    const old = new EmbeddedEventLog({ url: db.serviceUrl }, clock, silent);
    const topic = 'silo.a.access';
    await old.ensureTopics([{ name: topic, partitions: 1, retentionMs: 60_000, timestamps: 'arrival' }]);
    const append = (...values: string[]): Promise<unknown> =>
      old.append(values.map((value) => ({ topic, partition: 0, key: null, value })));
    await append('a', 'b');
    clock.advanceMs(50_000);
    await append('c');
    clock.advanceMs(20_000);
    expect(await old.sweep()).toBe(2);
    expect(await old.offsets(topic)).toEqual([{ partition: 0, start: 2, end: 3 }]);
    expect(await old.sweep()).toBe(0);
    await old.close();
  });

  it('lives on when Postgres ends a connection between two statements of a transaction', async () => {
    const topic = 'silo.a.access';
    await log.ensureTopics([{ name: topic, partitions: 1, timestamps: 'arrival' }]);
    const killer = await Killer.start(db.serviceUrl);
    let failed = 0;
    for (let turns = 0; turns < 12 || killer.killed === 0; turns += 1) {
      const appended = log.append([{ topic, partition: 0, key: null, value: 'a' }]).catch(() => (failed += 1));
      for (let turn = 0; turn < turns % 12; turn += 1) await new Promise(setImmediate);
      killer.kill();
      await appended;
    }
    await killer.close();
    expect(failed).toBeGreaterThan(0);
    await log.append([{ topic, partition: 0, key: null, value: 'b' }]);
  });

  it('goes on after the database cut all its connections', async () => {
    const topic = 'silo.a.access';
    await log.ensureTopics([{ name: topic, partitions: 1, timestamps: 'arrival' }]);
    const seen: string[] = [];
    const onRevoked: number[] = [];
    await log.consumeAssigned({
      group: 'g',
      topic,
      onAssigned: () => Promise.resolve(new Map([[0, seen.length]])),
      onRevoked: (partitions) => {
        onRevoked.push(...partitions);
        return Promise.resolve();
      },
      handler: (batch) => {
        seen.push(...batch.records.map(({ value }) => String(value)));
        return Promise.resolve();
      },
    });
    await log.append([{ topic, partition: 0, key: null, value: 'a' }]);
    await until('it reads', () => seen.length === 1);
    await asService(
      db,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'silowatch event log'`,
    );
    await until('it appends again', () =>
      log.append([{ topic, partition: 0, key: null, value: 'b' }]).then(
        () => true,
        () => false,
      ),
    );
    await until('it reads again', () => seen.length === 2);
    expect(seen).toEqual(['a', 'b']);
    expect(onRevoked).toEqual([0]);
  });
});
