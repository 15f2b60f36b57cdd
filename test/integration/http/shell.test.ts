import { Controller, Get, Module } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { RouteDeclarations } from '../../../src/access/route-declarations.service.js';
import { Public } from '../../../src/access/may.decorator.js';
import { HttpClient } from '../../harness/http-client.js';
import { testService, type TestService } from '../../harness/service.js';

describe('the HTTP shell', () => {
  let service: TestService;
  let browser: HttpClient;
  beforeAll(async () => {
    service = await testService({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
    browser = new HttpClient(service.url);
  });
  afterAll(() => service.stop());

  it('sends strict headers with everything, and a nonce of its own with each page', async () => {
    const [first, second] = [await browser.get('/healthz'), await browser.get('/healthz')];
    const policy = first.headers.get('content-security-policy')!;
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(policy).toContain(`require-trusted-types-for 'script'`);
    expect(policy).not.toContain('unsafe');
    expect(second.headers.get('content-security-policy')).not.toBe(policy);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'strict-transport-security': expect.stringContaining('max-age='),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    expect(first.headers.get('x-powered-by')).toBeNull();
  });

  it('answers an unknown path below /api, a broken body and a large one with problem details that show no internals', async () => {
    const unknown = await browser.get('/api/secret-token-123');
    const broken = await browser.request('POST', '/api/session/password', undefined, {
      'content-type': 'application/json',
    });
    const large = await browser.post('/api/session/password', { email: 'a', password: 'x'.repeat(1_100_000) });
    const form = await browser.request('POST', '/api/session/password', undefined, { 'content-type': 'text/plain' });
    expect([unknown.status, broken.status, large.status, form.status]).toEqual([404, 400, 413, 400]);
    for (const answer of [unknown, broken, large]) {
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.body.instance).toBe(`urn:uuid:${answer.headers.get('x-request-id')}`);
      expect(answer.text).not.toMatch(/secret-token|node_modules|at \w+ \(/);
    }
  });

  it('writes a line per request with the route’s template, never the address asked for', async () => {
    await browser.get('/api/session?token=hunter2');
    await browser.get('/notice/hunter2');
    const lines = service.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'http.request', method: 'GET', route: '/api/session', status: 401 }),
    );
    expect(service.logLines.join('')).not.toContain('hunter2');
  });

  it('takes the client’s address from a trusted proxy alone', async () => {
    await browser.request('GET', '/api/session', undefined, { 'x-forwarded-for': '198.51.100.9, 203.0.113.7' });
    expect(service.logLines.at(-1)).toContain('"ip":"203.0.113.7"');
  });

  it('is alive and ready', async () => {
    expect((await browser.get('/healthz')).body).toEqual({ status: 'alive' });
    expect(await browser.get('/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', checks: { database: true } },
    });
  });

  it('describes itself as OpenAPI 3.1, and as a page without scripts', async () => {
    const { body } = await browser.get('/api/openapi.json');
    expect(body.openapi).toMatch(/^3\.1/);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/api/session', '/api/session/password', '/api/users', '/api/trail']),
    );
    expect(body.components.schemas).toHaveProperty('Me');
    const page = await browser.get('/api');
    expect(page.headers.get('content-security-policy')).not.toContain('script-src');
    expect(page.text).not.toContain('<script');
    expect(page.text).toContain('/api/session/password');
  });

  it('shows metrics to loopback clients, not to those behind the proxy', async () => {
    expect((await browser.get('/metrics')).text).toContain('silowatch_http_request_seconds_bucket');
    expect((await browser.get('/metrics/silos')).status).toBe(200);
    const far = await browser.request('GET', '/metrics', undefined, { 'x-forwarded-for': '203.0.113.7' });
    expect(far).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  it('answers without a session nothing that needs one', async () => {
    const { body } = await browser.get('/api/openapi.json');
    const open: string[] = [];
    for (const [path, item] of Object.entries(body.paths as Record<string, object>)) {
      for (const method of Object.keys(item)) {
        const asked = path.replace(/\{[^}]+\}/g, '018f0000-0000-7000-8000-000000000000');
        const { status } = await new HttpClient(service.url).request(method.toUpperCase(), asked);
        if (status !== 401) open.push(`${method} ${path}`);
      }
    }
    // Those on the way in refuse a request without a body or an unfinished session by themselves; public pages carry a token.
    const known =
      /^(get \/healthz|post \/api\/session\/(password|totp|enrol\/start|enrol\/finish)|(get|post) \/(page|notice|report)\b.*|get \/\.well-known\/.*)$/;
    expect(open.filter((route) => !known.test(route))).toEqual([]);
  });
});

describe('a process without the role api', () => {
  it('answers probes and metrics alone', async () => {
    const service = await testService({ env: { SILOWATCH_ROLES: 'detect' } });
    const browser = new HttpClient(service.url);
    expect((await browser.get('/healthz')).status).toBe(200);
    expect((await browser.get('/api/session')).status).toBe(404);
    expect((await browser.get('/')).status).toBe(404);
    await service.stop();
  });
});

describe('a route that declares no right', () => {
  @Controller('open')
  class Careless {
    @Public('declared')
    @Get('declared')
    declared(): string {
      return '';
    }
    @Get('forgotten')
    forgotten(): string {
      return '';
    }
  }
  @Module({ imports: [DiscoveryModule], providers: [RouteDeclarations], controllers: [Careless] })
  class CarelessModule {}

  it('stops the start and is named', async () => {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
    const app = await NestFactory.create(CarelessModule, { logger: false, abortOnError: false });
    await expect(app.init()).rejects.toThrow(/neither @May nor @Public: Careless\.forgotten \(GET forgotten\)$/);
    await app.close();
  });
});
