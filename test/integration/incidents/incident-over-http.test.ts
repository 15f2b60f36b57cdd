import { createPublicKey } from 'node:crypto';
import { newTotpSecret } from '../../../src/access/totp.js';
import { type Role } from '../../../src/access/permissions.js';
import { runAgent, type RunningAgent } from '../../../src/containment/agent/agent.js';
import { VolatileMemory } from '../../../src/containment/agent/agent-memory.js';
import { actionListSchema, catalogueSchema } from '../../../src/containment/containment.schema.js';
import { EnrolmentService } from '../../../src/containment/enrolment.service.js';
import { keyId } from '../../../src/containment/agent-token.js';
import { AlertRepository } from '../../../src/correlate/alerts/alert.repository.js';
import { IncidentOpener } from '../../../src/correlate/alerts/incident-opener.js';
import {
  correctiveActionListSchema,
  incidentDetailSchema,
  incidentListSchema,
  staffListSchema,
  timelineSchema,
} from '../../../src/incidents/incident.schema.js';
import { system } from '../../../src/platform/database/scope.js';
import { siloTopic, siloTopics } from '../../../src/platform/event-log/topics.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { HttpClient } from '../../harness/http-client.js';
import { testService, type TestService } from '../../harness/service.js';
import { agentKey, until } from '../containment/rig.js';

const account = (name: string, roles: readonly Role[]) => ({
  email: `${name}@example.test`,
  name: `${name} of the tests`,
  roles,
  tenants: 'all' as const,
  password: 'seven grey herons at dusk',
  totpSecret: newTotpSecret(),
});

let service: TestService;
let agent: RunningAgent;
let ada: HttpClient;
let ben: HttpClient;
let benId: string;
/** Changes that left no row of whoever made them on the audit trail. */
const unrecorded: string[] = [];

async function watchTrail(person: HttpClient, id: string): Promise<void> {
  const rows = async (): Promise<number> => {
    const [row] = await service.platform.database.transaction(system('operator'), (tx) =>
      tx.query<{ n: string }[]>('select count(*) as n from trail_entries where actor_id = $1', [id]),
    );
    return Number(row?.n);
  };
  let before = await rows();
  person.onChange = async (request) => {
    const now = await rows();
    if (now <= before) unrecorded.push(request);
    before = now;
  };
}

beforeAll(async () => {
  const env = { SILOWATCH_ROLES: 'api,respond', INCIDENT_QUIET_MINUTES: '0.02', CONTAINMENT_PROOF_SECONDS: '1' };
  service = await testService({ env });
  const { platform } = service;
  await platform.eventLog.ensureTopics(siloTopics('acme', 1));
  await platform.database.transaction(system('operator'), (tx) =>
    new SiloRepository().upsert(tx, {
      tenant: 'acme',
      name: 'Acme',
      timeZone: 'UTC',
      language: 'en',
      jurisdictions: ['EU'],
      noticeHours: 24,
      createdAt: platform.clock.now(),
    }),
  );
  const key = await agentKey();
  const enrolment = service.app.get(EnrolmentService, { strict: false });
  const { commandKey } = await enrolment.enrol('acme', key.publicKey.export({ format: 'jwk' }), 'test');
  const pinnedKey = createPublicKey({ key: commandKey, format: 'jwk' });
  agent = await runAgent({
    ...platform,
    tenant: 'acme',
    key,
    pinned: new Map([[await keyId(pinnedKey.export({ format: 'jwk' })), pinnedKey]]),
    memory: new VolatileMemory(),
    heartbeatMs: 0,
    hooks: {
      'session.revoke': async ({ target }) => {
        const time = platform.clock.now().toISOString();
        const record = { v: 1, time, action: 'session.revoke', outcome: 'success', target: { id: target['session'] } };
        const topic = siloTopic('acme', 'audit');
        await platform.eventLog.append([{ topic, partition: 0, key: null, value: JSON.stringify(record) }]);
        return { status: 200, statusText: 'revoked' };
      },
    },
  });
  const cleo = account('ada', ['commander']);
  const comms = account('ben', ['comms', 'responder']);
  const adaId = await service.seed(cleo);
  benId = await service.seed(comms);
  [ada, ben] = [new HttpClient(service.url), new HttpClient(service.url)];
  await ada.signIn(cleo);
  await ben.signIn(comms);
  await watchTrail(ada, adaId);
  await watchTrail(ben, benId);
});
afterAll(async () => {
  await agent.close();
  await service.stop();
});

/** What correlate does with a firing. */
async function raise(): Promise<string> {
  const { clock, database, ids } = service.platform;
  const now = clock.now();
  return database.transaction(system('correlate'), async (tx) => {
    const alert = {
      id: ids.uuid(),
      tenant: 'acme',
      ruleId: 'r',
      ruleTitle: 'Bulk export by a session without its second factor',
      level: 'critical',
      status: 'stable',
      tags: ['attack.exfiltration'],
      promises: ['DATA-1'],
      entities: [
        { kind: 'session', value: 's-1' },
        { kind: 'user', value: 'u-1' },
      ],
      group: [],
      firstEventAt: now,
      lastEventAt: now,
      count: 3,
      createdAt: now,
      incidentId: null,
      verdict: null,
      respond: 'Revoke the session',
      groupingMs: 3_600_000,
      containment: ['session.revoke', 'account.disable'],
      playbook: null,
      opensIncident: true,
      isLate: false,
      sampleEvents: [],
    } as const;
    const writes = [{ identity: ids.uuid(), alert }];
    const written = await service.app.get(AlertRepository, { strict: false }).write(tx, writes, 'addition');
    await service.app.get(IncidentOpener, { strict: false }).onAlerts(tx, written);
    return alert.id;
  });
}

const put = (client: HttpClient, path: string, body: unknown) => client.request('PUT', path, body);

it('an incident is carried from its alert to closed by two accounts, its session revoked by the silo’s agent', async () => {
  await raise();
  const list = await ada.get('/api/incidents?status=running');
  expect(incidentListSchema.safeParse(list.body).error).toBeUndefined();
  const { id } = list.body.items[0] as { id: string };
  const at = `/api/incidents/${id}`;

  await until('the session is verified as revoked', async () => {
    const { items } = (await ada.get(`${at}/actions`)).body as { items: { kind: string; state: string }[] };
    return items.some(({ kind, state }) => kind === 'session.revoke' && state === 'verified');
  });
  const actions = (await ada.get(`${at}/actions`)).body;
  expect(actionListSchema.safeParse(actions).error).toBeUndefined();

  expect((await ada.post(`${at}/acknowledge`)).status).toBe(204);
  expect((await ada.post(`${at}/commander`, { staffId: benId })).status).toBe(204);
  expect((await ada.post(`${at}/notes`, { text: 'On it' })).status).toBe(204);
  expect((await ada.post(`${at}/notes`, { text: '' })).status).toBe(400);
  expect((await ada.post('/api/incidents/nonsense/notes', { text: 'x' })).status).toBe(400);
  const declared = await ada.post(`${at}/containment/declare`, { statement: 'gone' });
  expect(declared).toMatchObject({ status: 422, body: { code: 'CONTAINMENT_UNMET' } });
  expect(JSON.stringify(declared.body)).toMatch(/Approve or reject: Disable account u-1 \(acme\)/);
  for (const action of actions.items as { id: string; state: string }[])
    if (action.state === 'proposed')
      expect((await ada.post(`/api/actions/${action.id}/reject`, { reason: 'enough' })).status).toBe(204);
  await until(
    'it is quiet',
    async () => (await ada.post(`${at}/containment/declare`, { statement: 'gone' })).status === 204,
  );

  const cause = {
    category: 'stolen credentials',
    whatHappened: 'A password was guessed.',
    whys: [{ text: 'No factor was asked for', evidenceHref: '/alerts/1' }],
    introducedAt: '2025-01-01T00:00:00.000Z',
    firstExploitedAt: '2026-01-01T00:00:00.000Z',
    detectedAt: '2026-01-01T00:01:00.000Z',
  };
  const evil = { ...cause, whys: [{ text: 'x', evidenceHref: 'javascript:alert(1)' }] };
  expect((await put(ada, `${at}/root-cause`, evil)).status).toBe(400);
  expect((await put(ada, `${at}/root-cause`, cause)).status).toBe(204);
  expect((await ada.post(`${at}/root-cause/review`, { verdict: 'accepted', comment: '' })).status).toBe(403);
  expect((await ben.post(`${at}/root-cause/review`, { verdict: 'accepted', comment: '' })).status).toBe(204);

  const spared = { tenant: 'acme', decision: 'not_applicable', reason: 'a test silo without data' };
  expect((await ada.post(`${at}/notification-decisions`, spared)).status).toBe(204);
  expect((await ada.post(`${at}/notification-decisions/acme/approve`)).status).toBe(403);
  expect((await ben.post(`${at}/notification-decisions/acme/approve`)).status).toBe(204);

  const review = { heldOn: '2026-01-02', participants: ['Ada'], wentWell: 'a', wentBadly: 'b' };
  expect((await put(ben, `${at}/review`, review)).status).toBe(204);
  const wanted = { title: 'Ask again', ownerId: benId, dueOn: '2030-01-01', trackerUrl: 'https://t.example/1' };
  const added = await ben.post(`${at}/corrective-actions`, wanted);
  expect(added.status).toBe(201);
  expect((await ben.patch(`/api/corrective-actions/${String(added.body.id)}`, { state: 'done' })).status).toBe(204);

  const detail = await ada.get(at);
  expect(detail.body.status).toBe('closed');
  expect(incidentDetailSchema.safeParse(detail.body).error).toBeUndefined();
  const timeline = await ada.get(`${at}/timeline?limit=200`);
  expect(timelineSchema.safeParse(timeline.body).error).toBeUndefined();
  expect(new Set((timeline.body.items as { kind: string }[]).map(({ kind }) => kind))).toEqual(
    new Set(['alert', 'action', 'note', 'decision', 'status', ...(timeline.text.includes('"page"') ? ['page'] : [])]),
  );
});

it('each change on that way is on the audit trail under the name of who made it', () => {
  expect(unrecorded).toEqual([]);
});

it('the other reads answer in the shapes of the document', async () => {
  expect(staffListSchema.safeParse((await ada.get('/api/staff')).body).error).toBeUndefined();
  expect(catalogueSchema.safeParse((await ada.get('/api/containment/catalogue')).body).error).toBeUndefined();
  expect(correctiveActionListSchema.safeParse((await ada.get('/api/corrective-actions')).body).error).toBeUndefined();
  const now = await ada.get('/api/now');
  expect(now).toMatchObject({ status: 200, body: { rates: { alertsPerHour: 1 } } });
  expect((await new HttpClient(service.url).get('/api/incidents')).status).toBe(401);
  const metrics = await ada.get('/metrics');
  expect(metrics.text).toMatch(/silowatch_incidents_open\{severity="SEV1"\} \d/);
});
