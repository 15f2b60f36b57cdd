import { appendFile, readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { TrailHeads } from '../../../src/access/trail-heads.js';
import { TrailRepository } from '../../../src/access/trail.repository.js';
import { TrailSealer } from '../../../src/access/trail-sealer.service.js';
import { TrailVerifier } from '../../../src/access/trail-verifier.service.js';
import { newTotpSecret } from '../../../src/access/totp.js';
import { type Scope, silo, system } from '../../../src/platform/database/scope.js';
import { HttpClient } from '../../harness/http-client.js';
import { testService, type TestService } from '../../harness/service.js';

describe('the audit trail', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await testService();
  });
  afterEach(() => service.stop());

  const part = <T>(type: new (...args: never[]) => T): T => service.app.get(type, { strict: false });

  async function record(action: string, tenant?: string): Promise<void> {
    const entry = {
      actor: { kind: 'job', id: 'test' },
      action,
      object: { type: 'thing', id: '1' },
      after: { b: 1, a: 'ü' },
    } as const;
    await service.db.database.transaction(system('operator'), (tx) =>
      part(TrailRepository).record(tx, tenant === undefined ? entry : { ...entry, tenant }),
    );
  }

  /** What somebody with the database alone can do. */
  async function asOwner(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: service.db.ownerUrl });
    await client.connect();
    await client.query(`select set_config('silowatch.scope', 'system:operator', false)`);
    await client.query('alter table trail_entries disable row level security');
    await client.query(sql);
    await client.end();
  }

  async function sealThree(): Promise<void> {
    for (const action of ['one.did', 'two.did', 'three.did']) await record(action);
    await part(TrailSealer).seal();
  }

  it('cannot be changed or shortened by the service', async () => {
    await record('one.did');
    for (const sql of [
      `update trail_entries set action = 'x'`,
      'delete from trail_entries',
      'truncate trail_entries',
      'delete from trail_seals',
      `update trail_seals set chain_hash = 'x'`,
    ]) {
      await expect(service.db.database.transaction(system('operator'), (tx) => tx.query(sql))).rejects.toThrow(
        /permission denied/,
      );
    }
  });

  it('is written only together with the change that it records', async () => {
    const failing = service.db.database.transaction(system('operator'), async (tx) => {
      await part(TrailRepository).record(tx, {
        actor: { kind: 'job', id: 'x' },
        action: 'a.b',
        object: { type: 't', id: '1' },
      });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await part(TrailSealer).seal()).toBe(0);
  });

  it('verifies as whole, sealed over several batches', async () => {
    await sealThree();
    await record('four.did');
    await part(TrailSealer).seal();
    expect(await part(TrailVerifier).verify()).toEqual({ entries: 4, heads: 2, fault: undefined });
  });

  it('names the first entry that was changed', async () => {
    await sealThree();
    await asOwner(`update trail_entries set after = '{"a":"x"}' where action = 'two.did'`);
    expect((await part(TrailVerifier).verify()).fault).toMatch(/^seal 2: entry [0-9a-f-]+ was changed$/);
  });

  it('notices a deleted entry, a cut end, a stray entry and a chain made anew', async () => {
    await sealThree();
    await asOwner(`delete from trail_entries where action = 'three.did'`);
    expect((await part(TrailVerifier).verify()).fault).toMatch(/^seal 3: its entry .* is missing$/);
    await asOwner(`delete from trail_seals where seq = 3`);
    expect((await part(TrailVerifier).verify()).fault).toMatch(/^seals 3 to 3 are missing/);
    await asOwner(`delete from trail_seals; insert into trail_unsealed select id from trail_entries`);
    await part(TrailSealer).seal();
    await record('four.did');
    await part(TrailSealer).seal();
    expect((await part(TrailVerifier).verify()).fault).toMatch(/^seal 3: differs from the signed head/);
  });

  it('notices an entry that was put in beside the service', async () => {
    await sealThree();
    await record('four.did');
    await asOwner(`delete from trail_unsealed`);
    expect((await part(TrailVerifier).verify()).fault).toMatch(/was put in beside the service$/);
  });

  it('notices a head that this service did not sign', async () => {
    await sealThree();
    const { file } = part(TrailHeads);
    const line = await readFile(file, 'utf8');
    await writeFile(file, line.replace(/"seq":3/, '"seq":2'));
    await appendFile(file, 'noise\n');
    expect((await part(TrailVerifier).verify()).fault).toMatch(
      /trail-heads\.ndjson:1: not a head signed by this service$/,
    );
  });

  it('shows an auditor limited to one silo that silo’s entries only', async () => {
    await record('north.did', 'north');
    await record('south.did', 'south');
    await record('nobody.did');
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
    for (let i = 0; i < 5; i += 1) await record(`thing.n${i}`);
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
