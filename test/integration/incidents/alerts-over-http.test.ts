import { newTotpSecret } from '../../../src/access/totp.js';
import { type Role } from '../../../src/access/permissions.js';
import { alertDetailSchema, alertListSchema, type AlertView } from '../../../src/correlate/alerts/alert.schema.js';
import { AlertService } from '../../../src/correlate/alerts/alert.service.js';
import { siloOverviewListSchema } from '../../../src/correlate/silo-overview/silo-overview.schema.js';
import { system } from '../../../src/platform/database/scope.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { HttpClient } from '../../harness/http-client.js';
import { testService, type TestService } from '../../harness/service.js';

let service: TestService;
let responder: HttpClient;
let limited: HttpClient;
let viewer: HttpClient;

async function signedIn(name: string, roles: readonly Role[], tenants: 'all' | readonly string[]): Promise<HttpClient> {
  const account = {
    email: `${name}@example.test`,
    name,
    roles,
    tenants,
    password: 'seven grey herons at dusk',
    totpSecret: newTotpSecret(),
  };
  await service.seed(account);
  const client = new HttpClient(service.url);
  await client.signIn(account);
  return client;
}

beforeAll(async () => {
  service = await testService();
  const { clock, database } = service.platform;
  await database.transaction(system('operator'), async (tx) => {
    for (const tenant of ['acme', 'globex']) {
      const silo = { tenant, name: tenant, timeZone: 'UTC', language: 'en', jurisdictions: ['EU'], noticeHours: 24 };
      await new SiloRepository().upsert(tx, { ...silo, createdAt: clock.now() });
    }
  });
  const alerts = service.app.get(AlertService, { strict: false });
  await database.transaction(system('correlate'), async (tx) => {
    for (let i = 0; i < 7; i += 1) {
      await alerts.raise(tx, {
        tenant: i % 2 === 0 ? 'acme' : 'globex',
        ruleId: 'silowatch.test',
        title: i === 3 ? '100%_sure' : `Alert ${i}`,
        level: i < 2 ? 'low' : 'high',
        key: String(i),
        at: clock.now(),
        entities: [{ kind: 'user', value: `u-${i}` }],
      });
    }
  });
  responder = await signedIn('ada', ['responder'], 'all');
  limited = await signedIn('gil', ['responder'], ['globex']);
  viewer = await signedIn('vic', ['viewer'], 'all');
});
afterAll(() => service.stop());

async function titles(client: HttpClient, query: string): Promise<string[]> {
  const { status, body } = await client.get(`/api/alerts?${query}`);
  expect(status).toBe(200);
  return alertListSchema.parse(body).items.map(({ ruleTitle }) => ruleTitle);
}

describe('alerts', () => {
  it('come newest first, page by page, each once', async () => {
    const seen: AlertView[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const { body } = await responder.get(`/api/alerts?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`);
      const page = alertListSchema.parse(body);
      seen.push(...page.items);
      cursor = page.nextCursor;
      pages += 1;
    } while (cursor !== null && pages < 10);
    expect(pages).toBe(3);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(7);
    expect(seen.map(({ createdAt }) => createdAt)).toEqual(
      seen
        .map(({ createdAt }) => createdAt)
        .sort()
        .reverse(),
    );
  });

  it('are narrowed by level, silo and words; signs of a pattern in the words mean themselves', async () => {
    expect(await titles(responder, 'level=low')).toHaveLength(2);
    expect(await titles(responder, 'tenant=globex')).toHaveLength(3);
    expect(await titles(responder, 'q=u-5')).toEqual(['Alert 5']);
    expect(await titles(responder, `q=${encodeURIComponent('0%_s')}`)).toEqual(['100%_sure']);
    expect(await titles(responder, `q=${encodeURIComponent('%')}`)).toEqual(['100%_sure']);
    expect((await responder.get('/api/alerts?level=none')).status).toBe(400);
  });

  it('of another silo are not there for whoever may not see it', async () => {
    expect(await titles(limited, '')).toHaveLength(3);
    expect(await titles(limited, 'tenant=acme')).toEqual([]);
    const { body } = await responder.get('/api/alerts?tenant=acme');
    const { id } = alertListSchema.parse(body).items[0]!;
    expect((await limited.get(`/api/alerts/${id}`)).status).toBe(404);
    expect(
      (await limited.request('POST', `/api/alerts/${id}/verdict`, { verdict: 'benign', reason: 'x' })).status,
    ).toBe(404);
  });

  it('are judged with a reason, on the record; their evidence is for those who may see it, each look on the record', async () => {
    const { body } = await responder.get('/api/alerts?tenant=acme&limit=1');
    const { id } = alertListSchema.parse(body).items[0]!;
    const judged = await responder.request('POST', `/api/alerts/${id}/verdict`, {
      verdict: 'benign',
      reason: 'A test.',
    });
    expect(alertDetailSchema.parse(judged.body).verdict).toBe('benign');
    expect(
      (await responder.request('POST', `/api/alerts/${id}/verdict`, { verdict: 'benign', reason: ' ' })).status,
    ).toBe(400);
    expect((await viewer.request('POST', `/api/alerts/${id}/verdict`, { verdict: 'benign', reason: 'x' })).status).toBe(
      403,
    );
    expect((await viewer.get(`/api/alerts/${id}/evidence`)).status).toBe(403);
    expect((await responder.get(`/api/alerts/${id}/evidence`)).body).toEqual({ events: [] });
    const rows = await service.db.database.transaction(system('operator'), (tx) =>
      tx.query<{ action: string }[]>(`select action from trail_entries where object_id = $1 order by at`, [id]),
    );
    expect(rows.map(({ action }) => action)).toEqual(['alert.decide', 'evidence.view']);
  });
});

describe('silos', () => {
  it('are listed with what is known of their streams, to those who may see them', async () => {
    const all = siloOverviewListSchema.parse((await responder.get('/api/silos')).body);
    expect(all.items.map(({ tenant, state, agent }) => [tenant, state, agent.state])).toEqual([
      ['acme', 'active', 'none'],
      ['globex', 'active', 'none'],
    ]);
    const own = siloOverviewListSchema.parse((await limited.get('/api/silos')).body);
    expect(own.items.map(({ tenant }) => tenant)).toEqual(['globex']);
    expect((await limited.get('/api/silos/acme')).status).toBe(404);
    expect((await responder.get('/api/silos/UPPER')).status).toBe(400);
    expect((await responder.get('/api/silos/acme')).body).toMatchObject({ tenant: 'acme', contacts: [] });
  });
});
