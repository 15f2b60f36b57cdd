import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { system } from '../../../src/platform/database/scope.js';
import { JobRunner } from '../../../src/platform/jobs/job-runner.js';
import { addJob, jobKind } from '../../../src/platform/jobs/jobs.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { until } from '../event-log/contract.js';

const NODE = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
const HOOKS = fileURLToPath(new URL('../pipeline/swc-hooks.mjs', import.meta.url));
const WORKER = fileURLToPath(new URL('job-worker-process.ts', import.meta.url));

const greet = jobKind({ name: 'greet', payload: z.object({ name: z.string() }), maxAttempts: 3 });

describe('background jobs', () => {
  let db: TestDatabase;
  let runner: JobRunner;
  beforeEach(async () => {
    db = await testDatabase();
    runner = new JobRunner({ workerUrl: db.workerUrl, concurrency: 2 }, new SystemClock(), new PinoLog('silent'));
  });
  afterEach(async () => {
    await runner.stop();
    await db.drop();
  });

  it('run once the transaction that added them commits, and not when it rolls back', async () => {
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      runner.handle(greet, async ({ name }) => {
        seen.push(name);
        resolve();
      });
    });
    await runner.start();
    await expect(
      db.database.transaction(system('paging'), async (tx) => {
        await addJob(tx, greet, { name: 'never' });
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await db.database.transaction(system('paging'), (tx) => addJob(tx, greet, { name: 'Ada' }));
    await done;
    expect(seen).toEqual(['Ada']);
  });

  it('are hidden from the service role, which may only add them', async () => {
    await db.database.transaction(system('paging'), (tx) => addJob(tx, greet, { name: 'x' }));
    await expect(
      db.database.transaction(system('paging'), (tx) => tx.query('select * from graphile_worker._private_jobs')),
    ).rejects.toThrow(/permission denied/);
  });

  it('of one queue run in the order in which one transaction added them, wherever their rows lie', async () => {
    const names = ['opened', 'worse', 'worse still'];
    await db.database.transaction(system('paging'), async (tx) => {
      for (const name of names) await addJob(tx, greet, { name }, { queue: 'an incident' });
    });
    const client = new pg.Client({ connectionString: db.workerUrl });
    await client.connect();
    // Rewritten, the first row lies behind the others.
    await client.query(
      `update graphile_worker._private_jobs set attempts = attempts where payload->>'name' = 'opened'`,
    );
    await client.end();
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      runner.handle(greet, async ({ name }) => {
        seen.push(name);
        if (seen.length === names.length) resolve();
      });
    });
    await runner.start();
    await done;
    expect(seen).toEqual(names);
  });

  it('of a dead worker are released and run by another', async () => {
    await db.database.transaction(system('paging'), (tx) => addJob(tx, greet, { name: 'orphan' }));
    const client = new pg.Client({ connectionString: db.workerUrl });
    await client.connect();
    await client.query(
      `update graphile_worker._private_jobs set locked_by = 'worker-dead', locked_at = now() - interval '40 seconds', attempts = 1`,
    );
    await client.end();
    const done = new Promise<string>((resolve) => runner.handle(greet, async ({ name }) => resolve(name)));
    await runner.start();
    await expect(done).resolves.toBe('orphan');
  });

  it('that take long stay with the worker that lives', async () => {
    let finish = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      runner.handle(greet, async () => {
        resolve();
        await new Promise<void>((end) => (finish = end));
      });
    });
    await runner.start();
    await db.database.transaction(system('paging'), (tx) => addJob(tx, greet, { name: 'slow' }));
    await started;
    const client = new pg.Client({ connectionString: db.workerUrl });
    await client.connect();
    const { rows } = await client.query(
      `select 1 from graphile_worker._private_jobs j join silowatch_jobs.worker_heartbeats h on h.worker_id = j.locked_by`,
    );
    await client.end();
    finish();
    expect(rows).toHaveLength(1);
  });

  describe('in a process of their own', () => {
    const heartbeat = { deadAfterMs: 3_000, everyMs: 500 };
    const workers: ChildProcess[] = [];
    afterEach(() => {
      for (const worker of workers.splice(0)) worker.kill('SIGKILL');
    });

    /** A worker that has taken the job in hand and does not let go of it until it is told to. */
    async function workerWith(name: string): Promise<ChildProcess> {
      const args = ['--import', HOOKS, WORKER, JSON.stringify({ workerUrl: db.workerUrl, heartbeat })];
      const worker = spawn(NODE, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      workers.push(worker);
      const said = new Promise<void>((resolve) => {
        let text = '';
        worker.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes(`has ${name}`)) resolve();
        });
      });
      await db.database.transaction(system('paging'), (tx) => addJob(tx, greet, { name }));
      await said;
      return worker;
    }

    async function left(): Promise<number> {
      const client = new pg.Client({ connectionString: db.workerUrl });
      await client.connect();
      const { rows } = await client.query('select 1 from graphile_worker._private_jobs');
      await client.end();
      return rows.length;
    }

    it('go to another when it is killed, and when it sleeps: which then ends its own without harm', async () => {
      const killed = await workerWith('Ada');
      killed.kill('SIGKILL');
      const asleep = await workerWith('Bob');
      asleep.kill('SIGSTOP');
      const seen: string[] = [];
      const other = new JobRunner(
        { workerUrl: db.workerUrl, concurrency: 2, heartbeat },
        new SystemClock(),
        new PinoLog('silent'),
      );
      other.handle(greet, ({ name }) => {
        seen.push(name);
        return Promise.resolve();
      });
      await other.start();
      try {
        await until('both are done', async () => seen.length === 2 && (await left()) === 0);
        expect(seen.sort()).toEqual(['Ada', 'Bob']);
        const ended = new Promise((resolve) => asleep.once('exit', resolve));
        asleep.kill('SIGCONT');
        asleep.stdin?.end();
        await ended;
        await db.database.transaction(system('paging'), (tx) => addJob(tx, greet, { name: 'Cleo' }));
        await until('the next one is done', () => seen.includes('Cleo'));
        expect(await left()).toBe(0);
      } finally {
        await other.stop();
      }
    });
  });
});
