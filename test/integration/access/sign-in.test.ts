import { type Role } from '../../../src/access/permissions.js';
import { newTotpSecret } from '../../../src/access/totp.js';
import { ManualClock } from '../../../src/platform/clock/clock.js';
import { system } from '../../../src/platform/database/scope.js';
import { HttpClient, totpCode } from '../../harness/http-client.js';
import { testService, type TestService } from '../../harness/service.js';

let service: TestService;
let clock: ManualClock;
let ada: { email: string; name: string; roles: Role[]; tenants: 'all'; password: string; totpSecret: string };
let browser: HttpClient;
let count = 0;

beforeAll(async () => {
  clock = new ManualClock(new Date('2026-03-01T09:00:00Z'));
  service = await testService({ clock });
});
afterAll(() => service.stop());

/** Each test has an account of its own and comes when the counters of the one before are forgotten. */
beforeEach(async () => {
  clock.advanceMs(3 * 3600_000);
  count += 1;
  ada = {
    email: `ada${count}@example.test`,
    name: 'Ada Byron',
    roles: ['commander'],
    tenants: 'all',
    password: 'seven grey herons at dusk',
    totpSecret: newTotpSecret(),
  };
  await service.seed(ada);
  browser = new HttpClient(service.url);
});

describe('signing in', () => {
  it('takes a password and a code, and the cookie is bound to the host', async () => {
    const first = await browser.post('/api/session/password', {
      email: ada.email.replace('ada', 'ADA'),
      password: ada.password,
    });
    expect(first).toMatchObject({ status: 200, body: { next: 'totp' } });
    const cookie = first.headers.get('set-cookie');
    expect(cookie).toMatch(/^__Host-silowatch=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect((await browser.get('/api/session')).status).toBe(401);
    const before = browser.cookies.get('__Host-silowatch');
    const second = await browser.post('/api/session/totp', { code: totpCode(ada.totpSecret, clock.now()) });
    expect(second.body).toMatchObject({
      name: 'Ada Byron',
      roles: ['commander'],
      tenants: 'all',
      mustChangePassword: false,
    });
    expect(second.body.permissions).toContain('containment.approve');
    expect(browser.cookies.get('__Host-silowatch')).not.toBe(before);
    expect((await browser.get('/api/session')).body).toEqual(second.body);
  });

  it('answers a wrong password and an unknown account alike', async () => {
    const strip = (text: string): string => text.replace(/urn:uuid:[0-9a-f-]+/, '');
    const wrong = await browser.post('/api/session/password', { email: ada.email, password: 'not the one' });
    const unknown = await browser.post('/api/session/password', {
      email: 'nobody@example.test',
      password: 'not the one',
    });
    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect(strip(unknown.text)).toBe(strip(wrong.text));
    expect(unknown.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('takes as long for an unknown account as for a wrong password', async () => {
    const timed = async (email: string): Promise<number> => {
      const started = performance.now();
      await browser.post('/api/session/password', { email, password: 'not the one' });
      return performance.now() - started;
    };
    const [known, unknown] = [await timed(ada.email), await timed('nobody@example.test')];
    // Both are dominated by one bcrypt comparison; without it the answer would take a few milliseconds.
    expect(unknown).toBeGreaterThan(known * 0.4);
    expect(known).toBeGreaterThan(unknown * 0.4);
  });

  it('refuses a code that was used before, even its neighbour before it', async () => {
    await browser.signIn(ada, clock.now());
    const thief = new HttpClient(service.url);
    await thief.post('/api/session/password', { email: ada.email, password: ada.password });
    const replayed = await thief.post('/api/session/totp', { code: totpCode(ada.totpSecret, clock.now()) });
    expect(replayed).toMatchObject({ status: 403, body: { code: 'CODE_REFUSED' } });
    const older = new Date(clock.nowMs() - 30_000);
    expect((await thief.post('/api/session/totp', { code: totpCode(ada.totpSecret, older) })).status).toBe(403);
    clock.advanceMs(30_000);
    expect((await thief.post('/api/session/totp', { code: totpCode(ada.totpSecret, clock.now()) })).status).toBe(200);
  });

  it('ends an unfinished session after five wrong codes', async () => {
    await browser.post('/api/session/password', { email: ada.email, password: ada.password });
    for (let i = 0; i < 5; i += 1) await browser.post('/api/session/totp', { code: '000000' });
    const right = await browser.post('/api/session/totp', { code: totpCode(ada.totpSecret, clock.now()) });
    expect(right.status).toBe(401);
  });

  it('slows a guesser down without locking the person out of a browser that is known', async () => {
    await browser.signIn(ada, clock.now());
    clock.advanceMs(30_000);
    const guesser = new HttpClient(service.url);
    const statuses: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      statuses.push((await guesser.post('/api/session/password', { email: ada.email, password: `guess ${i}` })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const refused = await guesser.post('/api/session/password', { email: ada.email, password: ada.password });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    await expect(browser.signIn(ada, clock.now())).resolves.toMatchObject({ status: 200 });
  });

  it('refuses a sign-in that another site’s page sends', async () => {
    browser.origin = 'https://evil.example';
    const answer = await browser.post('/api/session/password', { email: ada.email, password: ada.password });
    expect(answer).toMatchObject({ status: 403, body: { code: 'CROSS_SITE_REFUSED' } });
    expect(browser.cookies.size).toBe(0);
  });

  it('stores neither token nor secret in the clear', async () => {
    await browser.signIn(ada, clock.now());
    const rows = await service.db.database.transaction(system('sign-in'), (tx) =>
      tx.query(
        'select (select json_agg(s) from sessions s)::text || (select json_agg(c) from staff_credentials c)::text as all',
      ),
    );
    const text = JSON.stringify(rows);
    expect(text).toContain('$2b$12$');
    expect(text).not.toContain(browser.cookies.get('__Host-silowatch')!);
    expect(text).not.toContain(ada.totpSecret);
    expect(service.logLines.join('')).not.toContain(ada.password);
  });
});

describe('a session', () => {
  beforeEach(async () => {
    await browser.signIn(ada, clock.now());
  });

  it('ends after 30 idle minutes', async () => {
    clock.advanceMs(29 * 60_000);
    expect((await browser.get('/api/session')).status).toBe(200);
    clock.advanceMs(31 * 60_000);
    expect((await browser.get('/api/session')).status).toBe(401);
  });

  it('is not kept alive by what the page does by itself', async () => {
    clock.advanceMs(29 * 60_000);
    expect((await browser.request('GET', '/api/session', undefined, { 'x-background': '1' })).status).toBe(200);
    clock.advanceMs(2 * 60_000);
    expect((await browser.get('/api/session')).status).toBe(401);
  });

  it('ends after 12 hours, however busy', async () => {
    for (let i = 0; i < 36; i += 1) {
      expect((await browser.get('/api/session')).status).toBe(200);
      clock.advanceMs(20 * 60_000);
    }
    expect((await browser.get('/api/session')).status).toBe(401);
  });

  it('gets a new token each hour; the old one is good for another minute only', async () => {
    const old = browser.cookies.get('__Host-silowatch')!;
    for (const minutes of [25, 25, 15]) {
      clock.advanceMs(minutes * 60_000);
      await browser.get('/api/session');
    }
    expect(browser.cookies.get('__Host-silowatch')).not.toBe(old);
    const late = new HttpClient(service.url);
    late.cookies.set('__Host-silowatch', old);
    expect((await late.get('/api/session')).status).toBe(200);
    clock.advanceMs(61_000);
    late.cookies.set('__Host-silowatch', old);
    expect((await late.get('/api/session')).status).toBe(401);
    expect((await browser.get('/api/session')).status).toBe(200);
  });

  it('changes nothing without its CSRF token or from another origin', async () => {
    const token = browser.csrfToken;
    browser.csrfToken = undefined;
    expect(await browser.request('DELETE', '/api/session')).toMatchObject({
      status: 403,
      body: { code: 'CROSS_SITE_REFUSED' },
    });
    browser.csrfToken = 'A'.repeat(43);
    expect((await browser.request('DELETE', '/api/session')).status).toBe(403);
    browser.csrfToken = token;
    browser.origin = 'https://evil.example';
    expect((await browser.request('DELETE', '/api/session')).status).toBe(403);
    browser.origin = service.url;
    expect((await browser.get('/api/session')).status).toBe(200);
    expect((await browser.request('DELETE', '/api/session')).status).toBe(204);
  });

  it('ends everywhere at sign-out', async () => {
    clock.advanceMs(30_000);
    const other = new HttpClient(service.url);
    await other.signIn(ada, clock.now());
    expect((await browser.request('DELETE', '/api/session')).status).toBe(204);
    expect((await other.get('/api/session')).status).toBe(401);
  });

  it('asks for the second factor again before a dangerous action when it is older than five minutes', async () => {
    clock.advanceMs(6 * 60_000);
    const change = { currentPassword: ada.password, newPassword: 'eleven brown owls at noon' };
    const early = await browser.post('/api/session/password-change', change);
    expect(early).toMatchObject({ status: 403, body: { code: 'STEP_UP_REQUIRED' } });
    expect((await browser.post('/api/session/step-up', { code: totpCode(ada.totpSecret, clock.now()) })).status).toBe(
      204,
    );
    expect((await browser.post('/api/session/password-change', change)).status).toBe(204);
    expect((await browser.get('/api/session')).status).toBe(401);
    clock.advanceMs(30_000);
    await browser.signIn({ ...ada, password: change.newPassword }, clock.now());
  });

  it('refuses a new password that is too long for bcrypt, common or one’s own name', async () => {
    for (const newPassword of ['x'.repeat(60) + 'äöüß'.repeat(4), 'Password123456!', 'ada byron 12', 'short']) {
      const answer = await browser.post('/api/session/password-change', { currentPassword: ada.password, newPassword });
      expect(answer).toMatchObject({ status: 400, body: { code: 'PASSWORD_INVALID' } });
    }
  });
});
