import { newTotpSecret } from '../../../src/access/totp.js';
import {
  SILO_ORDERS,
  siloDetailSchema,
  siloOverviewListSchema,
} from '../../../src/correlate/silo-overview/silo-overview.schema.js';
import { system } from '../../../src/platform/database/scope.js';
import { HttpClient } from '../../harness/http-client.js';
import { manySilos } from '../../harness/many-silos.js';
import { testService, type TestService } from '../../harness/service.js';

const SILOS = 130;

describe('the silos over HTTP', () => {
  let service: TestService;
  let viewer: HttpClient;
  let limited: HttpClient;

  beforeAll(async () => {
    service = await testService();
    await manySilos(service.db, SILOS, service.platform.clock.now());
    [viewer, limited] = [await signedIn('vic', 'all'), await signedIn('gil', ['silo-020', 'silo-021'])];
  });
  afterAll(() => service.stop());

  async function signedIn(name: string, tenants: 'all' | string[]): Promise<HttpClient> {
    const account = {
      email: `${name}@example.test`,
      name,
      roles: ['viewer' as const],
      tenants,
      password: 'seven grey herons at dusk',
      totpSecret: newTotpSecret(),
    };
    await service.seed(account);
    const client = new HttpClient(service.url);
    await client.signIn(account);
    return client;
  }

  const page = async (query: string, client = viewer) =>
    siloOverviewListSchema.parse((await client.get(`/api/silos?${query}`)).body);

  it.each(SILO_ORDERS)('are listed once each, page by page, in the order of %s', async (order) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { items, nextCursor } = await page(`order=${order}&limit=50${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...items.map(({ tenant }) => tenant));
      cursor = nextCursor;
    } while (cursor !== null && seen.length < 1_000);
    expect(seen).toHaveLength(SILOS);
    expect(new Set(seen).size).toBe(SILOS);
  });

  it('are listed once each by how quiet they are while time goes by between pages, those that were never heard last', async () => {
    await service.db.database.transaction(system('operator'), (tx) =>
      tx.query(`update stream_statistics set last_event_at = null where tenant_id in ('silo-007', 'silo-055')`),
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { items, nextCursor } = await page(`order=quiet&limit=50${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...items.map(({ tenant }) => tenant));
      cursor = nextCursor;
      await new Promise((resolve) => setTimeout(resolve, 2_500));
    } while (cursor !== null && seen.length < 1_000);
    expect(seen).toHaveLength(SILOS);
    expect(new Set(seen).size).toBe(SILOS);
    expect(seen.slice(0, 2)).toEqual(['silo-089', 'silo-088']);
    expect(seen.slice(-2)).toEqual(['silo-007', 'silo-055']);
  });

  it('begin with the worst, and tell of all how many are in trouble', async () => {
    const { items, totals } = await page('order=lag&limit=2');
    expect(items.map(({ tenant }) => tenant)).toEqual(['silo-120', 'silo-110']);
    expect(items[0]!.streams[0]).toMatchObject({
      stream: 'access',
      lagRecords: 360,
      lagSeconds: 60,
      silentSince: null,
    });
    // Behind: 70 to 120 in tens. Silent: each twentieth.
    expect(totals).toEqual({ silos: SILOS, trouble: 10, silent: 7, behind: 6 });
    const trouble = await page('show=trouble&limit=200');
    expect(trouble.items.map(({ tenant }) => tenant)).toEqual(
      ['000', '020', '040', '060', '070', '080', '090', '100', '110', '120'].map((n) => `silo-${n}`),
    );
  });

  it('are found by a part of their name, taken as text', async () => {
    expect((await page('q=customer 01')).items).toHaveLength(10);
    expect((await page('q=%25')).items).toEqual([]);
    for (const list of ['silos?q=%00', 'alerts?q=a%00', 'silos?order=anything']) {
      expect((await viewer.get(`/api/${list}`)).status).toBe(400);
    }
  });

  it('begin anew for a cursor that makes no sense', async () => {
    const tooFar = ['1e999', `1${'0'.repeat(60)}e999`, '1e-999'].map((place) =>
      Buffer.from(JSON.stringify([place, 'a'])).toString('base64url'),
    );
    for (const cursor of [
      'x',
      Buffer.from('["1; drop","silo-001"]').toString('base64url'),
      'WyJOYU4iLDFd',
      ...tooFar,
    ]) {
      const { items } = await page(`order=rate&limit=1&cursor=${cursor}`);
      expect(items).toHaveLength(1);
    }
  });

  it('are only those that the reader may see', async () => {
    const { items, totals } = await page('limit=200', limited);
    expect(items.map(({ tenant }) => tenant)).toEqual(['silo-020', 'silo-021']);
    expect(totals).toMatchObject({ silos: 2, silent: 1 });
    expect(items.map(({ counted }) => counted?.signals ?? null)).toEqual([84, null]);
    expect((await limited.get('/api/silo-names')).body.items).toHaveLength(2);
    expect((await limited.get('/api/silos/silo-000')).status).toBe(404);
  });

  it('each tell their habits, silences, credentials, dead letters and rates', async () => {
    const detail = siloDetailSchema.parse((await viewer.get('/api/silos/silo-000')).body);
    expect(detail.habits.map(({ stream, usualSeconds }) => [stream, usualSeconds])).toEqual([
      ['access', 0],
      ['audit', 0],
    ]);
    expect(detail.silences).toEqual([expect.objectContaining({ stream: 'audit', endedAt: null })]);
    expect(detail.deadLetters.map(({ reason, topic, offset }) => [reason, topic, offset]).sort()).toEqual([
      ['malformed', 'silo.silo-000.access', '88123'],
      ['unrecognised', 'silo.silo-000.audit', '512'],
    ]);
    expect(detail.rates).toHaveLength(180);
    expect(detail.minutes).toHaveLength(30);
  });

  it('each tell what they cost, keep and sent over HTTP, and what they sign in with', async () => {
    const detail = siloDetailSchema.parse((await viewer.get('/api/silos/silo-020')).body);
    expect(detail.streams[0]).toMatchObject({
      batches: {
        count: 42,
        matchSeconds: 0.084,
        sendSeconds: 0.042,
        latest: { matchSeconds: 0.003, sendSeconds: 0.001 },
      },
      rebalances: 2,
    });
    expect(detail.streams[0]!.rebalancedAt).not.toBeNull();
    expect(detail.kept).toMatchObject({ groups: 21, bytes: 21_504 });
    expect(detail.counted).toMatchObject({ signals: 84, seconds: 0.0126, latestSeconds: 0.00021 });
    const { body } = await viewer.get('/api/silos/silo-000');
    const { intake, credentials } = siloDetailSchema.parse(body);
    expect(intake.map(({ outcome, reason, count }) => [outcome, reason, count])).toEqual([
      ['accepted', 'none', 48_211],
      ['put_aside', 'malformed', 1_204],
      ['rejected', 'body_invalid', 3],
      ['throttled', 'silo_rate', 17],
    ]);
    // Of its three tokens one has ended.
    expect(
      credentials.map(({ kind, expiresAt, lastUsedAt }) => [kind, expiresAt === null, lastUsedAt === null]),
    ).toEqual([
      ['shipper', true, true],
      ['intake', false, false],
      ['intake', true, true],
    ]);
    expect(JSON.stringify(body)).not.toMatch(/[0-9a-f]{32}/);
  });

  it('together tell what the stages took; what reaches across silos is for who may see all', async () => {
    const { pipeline } = await page('limit=1');
    expect(pipeline.steps.map(({ stage, step, times }) => `${stage} ${step} ${times}`)).toEqual([
      'detect batch 1000',
      'detect match 1000',
      'detect send 400',
      'detect rebalance 2',
      'correlate batch 600',
      'correlate commit 200',
      'correlate relay 200',
      'correlate rebalance 2',
    ]);
    expect(pipeline.state?.groups).toBe((SILOS * (SILOS + 1)) / 2 + 500);
    expect((await page('limit=1', limited)).pipeline.state?.groups).toBe(43);
  });

  it('have their figures at /metrics/silos, and no other time', async () => {
    const text = await (await fetch(`${service.url}/metrics/silos`)).text();
    expect(text).toContain('silowatch_silo_silent{silo="silo-020",stream="audit"} 1');
    expect(text).toContain('silowatch_silo_silent{silo="silo-021",stream="audit"} 0');
    expect(text).toContain('silowatch_silo_open_incidents{silo="silo-021"} 0');
    expect(text).toMatch(/silowatch_silo_last_event_timestamp_seconds\{silo="silo-021",stream="access"\} \d+/);
    expect(text).not.toContain('silowatch_silo_agent_online{');
    expect(text).toContain('silowatch_silo_state_groups{silo="silo-021"} 22');
    expect(text).toContain('silowatch_silo_state_bytes{silo="silo-021"} 22528');
  });
});
