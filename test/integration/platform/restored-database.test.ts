import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { newTotpSecret } from '../../../src/access/totp.js';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { system } from '../../../src/platform/database/scope.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { SendingPause } from '../../../src/platform/restore/sending-pause.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { HttpClient } from '../../harness/http-client.js';
import { testService, type TestService } from '../../harness/service.js';
import { until } from '../containment/rig.js';

const clock = new SystemClock();
const log = new PinoLog('silent');

async function asOwner(db: TestDatabase, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: db.ownerUrl });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

describe('sending', () => {
  let db: TestDatabase;
  let folder: string;
  let starts: number;
  const open: SendingPause[] = [];
  const start = (): Promise<void> => {
    starts += 1;
    return Promise.resolve();
  };

  beforeEach(async () => {
    db = await testDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'silowatch-restore-'));
    starts = 0;
  });
  afterEach(async () => {
    for (const pause of open.splice(0)) await pause.stop();
    await db.drop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A start of the service on this database and data folder. */
  async function service(database = db.database): Promise<SendingPause> {
    const pause = new SendingPause(database, clock, log, folder);
    open.push(pause);
    await pause.watch(start);
    return pause;
  }

  it('begins at once on a database that stands where it stood, also after a kill', async () => {
    await service();
    await service();
    expect(starts).toBe(2);
  });

  it('waits for a person on a database that was set back, and begins when that person says so', async () => {
    await service();
    await service();
    // What a restore of an earlier dump leaves.
    await asOwner(db, `update database_life set beats = 1`);
    const restored = await service();
    expect(starts).toBe(2);
    expect(restored.isHolding).toBe(true);
    const state = await db.database.transaction(system('operator'), (tx) => restored.state(tx));
    expect(state?.reason).toContain('restored');
    expect(await db.database.transaction(system('operator'), (tx) => restored.resume(tx))).toBe(true);
    await until('sending begins', () => starts === 3);
    expect(restored.isHolding).toBe(false);
  });

  it('stays paused over restarts', async () => {
    await service();
    await service();
    await asOwner(db, `update database_life set beats = 0`);
    await service();
    const second = await service();
    expect([starts, second.isHolding]).toEqual([2, true]);
  });

  it('begins on another database, and with a file that was cut off: neither was restored', async () => {
    await service();
    await service();
    const other = await testDatabase();
    // Made from one template, test databases share what a migration gives each of its own.
    await asOwner(other, `update database_life set id = gen_random_uuid()`);
    try {
      await service(other.database);
      expect(starts).toBe(3);
      await writeFile(path.join(folder, 'database-life.json'), '{"id":');
      await service(other.database);
      expect(starts).toBe(4);
    } finally {
      for (const pause of open.splice(0)) await pause.stop();
      await other.drop();
    }
  });
});

describe('a pause', () => {
  let running: TestService;
  beforeEach(async () => {
    running = await testService();
  });
  afterEach(() => running.stop());

  it('is shown to all staff and ended by an administrator, on the record', async () => {
    const { database, sendingPause } = running.platform;
    const people = await Promise.all(
      (['viewer', 'admin'] as const).map(async (role) => {
        const password = 'seven grey herons at dusk';
        const account = { email: `${role}@example.test`, name: role, roles: [role], tenants: 'all' as const, password };
        const withFactor = { ...account, totpSecret: newTotpSecret() };
        await running.seed(withFactor);
        const client = new HttpClient(running.url);
        await client.signIn(withFactor);
        return client;
      }),
    );
    const [viewer, admin] = [people[0]!, people[1]!];
    expect((await viewer.get('/api/sending')).body).toEqual({ paused: null });
    await database.transaction(system('operator'), (tx) => sendingPause.pause(tx, 'Restored.'));
    expect((await viewer.get('/api/sending')).body).toMatchObject({ paused: { reason: 'Restored.' } });
    expect((await viewer.request('POST', '/api/sending/resume')).status).toBe(403);
    expect((await admin.request('POST', '/api/sending/resume')).body).toEqual({ paused: null });
    expect((await viewer.get('/api/sending')).body).toEqual({ paused: null });
    const rows = await database.transaction(system('operator'), (tx) =>
      tx.query<{ action: string }[]>(`select action from trail_entries where object_id = 'sending'`),
    );
    expect(rows).toEqual([{ action: 'sending.resume' }]);
  });
});
