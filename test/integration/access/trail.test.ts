import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { TrailChainRepository } from '../../../src/access/trail-chain.repository.js';
import { TrailHeads } from '../../../src/access/trail-heads.js';
import { TrailRepository } from '../../../src/access/trail.repository.js';
import { TrailSealer } from '../../../src/access/trail-sealer.service.js';
import { TrailVerifier } from '../../../src/access/trail-verifier.service.js';
import { newTotpSecret } from '../../../src/access/totp.js';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { type Database } from '../../../src/platform/database/database.js';
import { RandomIds } from '../../../src/platform/ids/ids.js';
import { type Scope, silo, system } from '../../../src/platform/database/scope.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { HttpClient } from '../../harness/http-client.js';
import { testService, type TestService } from '../../harness/service.js';

const clock = new SystemClock();
const trail = new TrailRepository(clock, new RandomIds());

async function record(database: Database, action: string, tenant?: string): Promise<void> {
  const entry = {
    actor: { kind: 'job', id: 'test' },
    action,
    object: { type: 'thing', id: '1' },
    after: { b: 1, a: 'ü' },
  } as const;
  await database.transaction(system('operator'), (tx) =>
    trail.record(tx, tenant === undefined ? entry : { ...entry, tenant }),
  );
}

describe('the audit trail', () => {
  let db: TestDatabase;
  let heads: TrailHeads;
  let sealer: TrailSealer;
  let verifier: TrailVerifier;
  let folder: string;
  beforeEach(async () => {
    db = await testDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'silowatch-trail-'));
    heads = new TrailHeads(folder, generateKeyPairSync('ed25519').privateKey);
    const chain = new TrailChainRepository(clock);
    sealer = new TrailSealer(db.database, clock, chain, heads);
    verifier = new TrailVerifier(db.database, chain, heads);
  });
  afterEach(async () => {
    await db.drop();
    await rm(folder, { recursive: true });
  });

  /** What somebody with the database alone can do. */
  async function asOwner(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: db.ownerUrl });
    await client.connect();
    await client.query(`select set_config('silowatch.scope', 'system:operator', false)`);
    await client.query('alter table trail_entries disable row level security');
    await client.query(sql);
    await client.end();
  }

  async function sealThree(): Promise<void> {
    for (const action of ['one.did', 'two.did', 'three.did']) await record(db.database, action);
    await sealer.seal();
  }

  it('cannot be changed or shortened by the service', async () => {
    await record(db.database, 'one.did');
    for (const sql of [
      `update trail_entries set action = 'x'`,
      'delete from trail_entries',
      'truncate trail_entries',
      'delete from trail_seals',
      `update trail_seals set chain_hash = 'x'`,
    ]) {
      await expect(db.database.transaction(system('operator'), (tx) => tx.query(sql))).rejects.toThrow(
        /permission denied/,
      );
    }
  });

  it('is written only together with the change that it records', async () => {
    const failing = db.database.transaction(system('operator'), async (tx) => {
      await trail.record(tx, {
        actor: { kind: 'job', id: 'x' },
        action: 'a.b',
        object: { type: 't', id: '1' },
      });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await sealer.seal()).toBe(0);
  });

  it('verifies as whole, sealed over several batches', async () => {
    await sealThree();
    await record(db.database, 'four.did');
    await sealer.seal();
    expect(await verifier.verify()).toEqual({ entries: 4, heads: 2, fault: undefined });
  });

  it('names the first entry that was changed', async () => {
    await sealThree();
    await asOwner(`update trail_entries set after = '{"a":"x"}' where action = 'two.did'`);
    expect((await verifier.verify()).fault).toMatch(/^seal 2: entry [0-9a-f-]+ was changed$/);
  });

  it('notices a deleted entry, a cut end, a stray entry and a chain made anew', async () => {
    await sealThree();
    await asOwner(`delete from trail_entries where action = 'three.did'`);
    expect((await verifier.verify()).fault).toMatch(/^seal 3: its entry .* is missing$/);
    await asOwner(`delete from trail_seals where seq = 3`);
    expect((await verifier.verify()).fault).toMatch(/^seals 3 to 3 are missing/);
    await asOwner(`delete from trail_seals; insert into trail_unsealed select id from trail_entries`);
    await sealer.seal();
    await record(db.database, 'four.did');
    await sealer.seal();
    expect((await verifier.verify()).fault).toMatch(/^seal 3: differs from the signed head/);
  });

  it('notices an entry that was put in beside the service', async () => {
    await sealThree();
    await record(db.database, 'four.did');
    await asOwner(`delete from trail_unsealed`);
    expect((await verifier.verify()).fault).toMatch(/was put in beside the service$/);
  });

  it('notices a head that this service did not sign', async () => {
    await sealThree();
    const { file } = heads;
    const line = await readFile(file, 'utf8');
    await writeFile(file, line.replace(/"seq":3/, '"seq":2'));
    await appendFile(file, 'noise\n');
    expect((await verifier.verify()).fault).toMatch(/trail-heads\.ndjson:1: not a head signed by this service$/);
  });
});

describe('the trail over HTTP', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await testService();
  });
  afterEach(() => service.stop());

  it('shows an auditor limited to one silo that silo’s entries only', async () => {
    await record(service.db.database, 'north.did', 'north');
    await record(service.db.database, 'south.did', 'south');
    await record(service.db.database, 'nobody.did');
    const auditor = {
      email: 'a@example.test',
      name: 'Auditor',
      roles: ['auditor'],
      tenants: ['north'],
      password: 'seven grey herons at dusk',
      totpSecret: newTotpSecret(),
    } as const;
    await service.seed(auditor);
    const browser = new HttpClient(service.url);
    await browser.signIn(auditor);
    const { body } = await browser.get('/api/trail');
    expect(body.items.map((entry: { action: string }) => entry.action)).toEqual(['north.did']);
    const seen = async (scope: Scope): Promise<number> =>
      service.db.database.transaction(
        scope,
        async (tx) => (await tx.query<unknown[]>('select from trail_entries')).length,
      );
    expect(await seen(silo('south'))).toBe(0);
    expect(await seen({ kind: 'staff', staffId: 'x', tenants: ['north'] })).toBe(1);
  });

  it('pages by cursor and filters by action and person', async () => {
    const admin = {
      email: 'admin@example.test',
      name: 'Root',
      roles: ['admin'],
      tenants: 'all',
      password: 'seven grey herons at dusk',
      totpSecret: newTotpSecret(),
    } as const;
    await service.seed(admin);
    for (let i = 0; i < 5; i += 1) await record(service.db.database, `thing.n${i}`);
    const browser = new HttpClient(service.url);
    await browser.signIn(admin);
    const first = (await browser.get('/api/trail?limit=4')).body;
    const second = (await browser.get(`/api/trail?limit=4&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map((entry: { action: string }) => entry.action)).toEqual([
      'session.begin',
      'thing.n4',
      'thing.n3',
      'thing.n2',
      'thing.n1',
      'thing.n0',
    ]);
    expect(second.nextCursor).toBeNull();
    expect((await browser.get('/api/trail?actor=root')).body.items[0].actor).toMatchObject({ name: 'Root' });
    expect((await browser.get('/api/trail?action=thing.n3')).body.items).toHaveLength(1);
  });
});
