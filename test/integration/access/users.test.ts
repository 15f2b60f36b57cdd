import { ManualClock } from '../../../src/platform/clock/clock.js';
import { newTotpSecret } from '../../../src/access/totp.js';
import { type Role } from '../../../src/access/permissions.js';
import { HttpClient, totpCode } from '../../harness/http-client.js';
import { testService, type TestService } from '../../harness/service.js';

const account = (name: string, roles: readonly Role[], tenants: 'all' | readonly string[] = 'all') => ({
  email: `${name}@example.test`,
  name: `${name} of the tests`,
  roles,
  tenants,
  password: 'seven grey herons at dusk',
  totpSecret: newTotpSecret(),
});

describe('accounts', () => {
  let service: TestService;
  let clock: ManualClock;
  beforeAll(async () => {
    clock = new ManualClock(new Date('2026-03-01T09:00:00Z'));
    service = await testService({ clock });
  });
  afterAll(() => service.stop());
  beforeEach(() => clock.advanceMs(3 * 3600_000));

  async function signedIn(who: ReturnType<typeof account>): Promise<HttpClient> {
    await service.seed(who);
    const browser = new HttpClient(service.url);
    await browser.signIn(who, clock.now());
    return browser;
  }

  it('are made by one admin and get their roles from a second one', async () => {
    const [first, second] = [await signedIn(account('ann1', ['admin'])), await signedIn(account('bob1', ['admin']))];
    const wished = { email: 'New1@Example.test', name: 'New Person', roles: ['responder'], tenants: ['north'] };
    const made = await first.post('/api/users', wished);
    expect(made).toMatchObject({
      status: 201,
      body: { user: { email: 'new1@example.test', state: 'invited', roles: [] } },
    });
    const { id, pendingGrant } = made.body.user;
    expect(pendingGrant).toMatchObject({ roles: ['responder'] });
    const path = `/api/users/${id}/grants/${pendingGrant.id}/approve`;
    expect(await first.post(path)).toMatchObject({ status: 422, body: { code: 'GRANT_NEEDS_ANOTHER_ADMIN' } });
    const approved = await second.post(path);
    expect(approved).toMatchObject({
      status: 200,
      body: { roles: ['responder'], tenants: ['north'], pendingGrant: null },
    });
    expect((await second.post(path)).status).toBe(404);
  });

  it('sign in first with the setup password, enrol a factor, choose a password and only then see anything', async () => {
    const admin = await signedIn(account('ann2', ['admin']));
    const made = await admin.post('/api/users', { email: 'new2@example.test', name: 'New Person', roles: ['viewer'] });
    const browser = new HttpClient(service.url);
    const credentials = { email: 'new2@example.test', password: made.body.setupPassword as string };
    expect((await browser.post('/api/session/password', credentials)).body).toEqual({ next: 'enrol' });
    expect((await browser.get('/api/session')).status).toBe(401);
    const start = await browser.post('/api/session/enrol/start');
    expect(start.body.qrSvg).toMatch(/^<svg/);
    expect(start.body.otpauthUrl).toContain('otpauth://totp/');
    const secret = start.body.secret as string;
    expect((await browser.post('/api/session/enrol/finish', { code: '123456' })).status).toBe(403);
    const finish = await browser.post('/api/session/enrol/finish', { code: totpCode(secret, clock.now()) });
    expect(finish.body.recoveryCodes).toHaveLength(10);
    const me = await browser.get('/api/session');
    expect(me.body).toMatchObject({ mustChangePassword: true });
    browser.csrfToken = me.body.csrfToken;
    expect((await browser.get('/api/trail')).body).toMatchObject({ code: 'PASSWORD_CHANGE_REQUIRED' });
    const newPassword = 'nine white swans at dawn';
    const changed = await browser.post('/api/session/password-change', {
      currentPassword: credentials.password,
      newPassword,
    });
    expect(changed.status).toBe(204);

    const recovery = finish.body.recoveryCodes[3] as string;
    const again = new HttpClient(service.url);
    await again.post('/api/session/password', { email: credentials.email, password: newPassword });
    expect((await again.post('/api/session/totp', { code: recovery.toUpperCase() })).status).toBe(200);
    const third = new HttpClient(service.url);
    await third.post('/api/session/password', { email: credentials.email, password: newPassword });
    expect((await third.post('/api/session/totp', { code: recovery })).body).toMatchObject({ code: 'CODE_REFUSED' });
  });

  it('lose rights at once, with their sessions, and gain them only with a second admin', async () => {
    const admin = await signedIn(account('ann3', ['admin']));
    const other = await signedIn(account('eve3', ['viewer', 'responder'], ['north']));
    const find = async (): Promise<any> =>
      (await admin.get('/api/users')).body.items.find((user: { email: string }) => user.email === 'eve3@example.test');
    const eve = await find();
    const change = { version: eve.version, roles: ['viewer', 'admin'], tenants: 'all' };
    const changed = await admin.patch(`/api/users/${eve.id}`, change);
    expect(changed.body.user).toMatchObject({
      roles: ['viewer'],
      tenants: ['north'],
      pendingGrant: { roles: ['admin'], tenants: 'all' },
    });
    expect((await other.get('/api/session')).status).toBe(401);
    expect((await admin.patch(`/api/users/${eve.id}`, change)).status).toBe(409);
    const now = await find();
    expect((await admin.patch(`/api/users/${eve.id}`, { version: now.version, state: 'disabled' })).status).toBe(200);
    expect(
      (await other.post('/api/session/password', { email: eve.email, password: 'seven grey herons at dusk' })).status,
    ).toBe(401);
  });

  it('are the business of admins alone, who cannot change their own', async () => {
    const admin = await signedIn(account('ann4', ['admin']));
    const commander = await signedIn(account('cas4', ['commander']));
    expect(await commander.get('/api/users')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    const own = (await admin.get('/api/users')).body.items.find((user: { email: string }) =>
      user.email.startsWith('ann4'),
    );
    expect(
      (await admin.patch(`/api/users/${own.id}`, { version: own.version, roles: ['admin', 'commander'] })).status,
    ).toBe(403);
  });

  it('of an admin need the second factor again after five minutes', async () => {
    const admin = await signedIn(account('ann5', ['admin']));
    clock.advanceMs(5 * 60_000);
    const wished = { email: 'new5@example.test', name: 'New', roles: ['viewer'] };
    expect((await admin.post('/api/users', wished)).body).toMatchObject({ code: 'STEP_UP_REQUIRED' });
  });

  it('with wrong fields are refused with each fault named', async () => {
    const admin = await signedIn(account('ann6', ['admin']));
    const answer = await admin.post('/api/users', { email: 'no', name: '', roles: ['god'] });
    expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual(['email', 'name', 'roles.0']);
  });
});
