import { type Browser, type Page } from 'playwright-core';
import { newTotpSecret } from '../../src/access/totp.js';
import { openBrowser } from '../harness/browser.js';
import { totpCode } from '../harness/http-client.js';
import { testService, type TestService } from '../harness/service.js';

const ada = {
  email: 'ada@example.test',
  name: 'Ada Byron',
  roles: ['commander'],
  tenants: 'all',
  password: 'seven grey herons at dusk',
  totpSecret: newTotpSecret(),
} as const;

describe('a real browser', () => {
  let browser: Browser;
  let service: TestService;
  beforeAll(async () => {
    [browser, service] = [await openBrowser(), await testService()];
    await service.seed(ada);
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });

  /** From the page's own script, as the dashboard does. */
  async function post(
    page: Page,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: any }> {
    return page.evaluate(
      async ([url, text, extra]) => {
        const response = await fetch(url, {
          method: 'POST',
          body: text,
          headers: { 'content-type': 'application/json', ...extra },
        });
        return { status: response.status, body: await response.json().catch(() => undefined) };
      },
      [path, JSON.stringify(body), headers] as const,
    );
  }

  it('keeps the __Host- cookie over plain http on localhost, hides it from scripts and sends its origin', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(service.url);
    expect(await post(page, '/api/session/password', { email: ada.email, password: ada.password })).toMatchObject({
      body: { next: 'totp' },
    });
    const me = await post(page, '/api/session/totp', { code: totpCode(ada.totpSecret, new Date()) });
    expect(me).toMatchObject({ status: 200, body: { name: 'Ada Byron' } });
    const cookie = (await context.cookies()).find(({ name }) => name === '__Host-silowatch');
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Strict', path: '/', domain: 'localhost' });
    expect(await page.evaluate('document.cookie')).toBe('');
    await context.close();
  });

  it('runs no script that a page did not bring with its nonce', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${service.url}/api`);
    const ran = await page.evaluate(`(() => {
      const script = document.createElement('script');
      // Trusted Types refuse the text already.
      try { script.textContent = 'window.wasRun = true'; document.body.append(script); } catch {}
      return 'wasRun' in window;
    })()`);
    expect(ran).toBe(false);
    await context.close();
  });
});
