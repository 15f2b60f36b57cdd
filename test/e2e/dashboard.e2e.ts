import { readFile, writeFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import type { Role } from '../../src/access/permissions.js';
import { newTotpSecret } from '../../src/access/totp.js';
import { AlertService } from '../../src/correlate/alerts/alert.service.js';
import { IntakeCounts } from '../../src/ingest/intake/intake-counts.service.js';
import { system } from '../../src/platform/database/scope.js';
import { openBrowser } from '../harness/browser.js';
import { manySilos } from '../harness/many-silos.js';
import { totpCode } from '../harness/http-client.js';
import { testService, type TestService } from '../harness/service.js';

const DOCUMENT = new URL('../../dashboards/incident/openapi.json', import.meta.url);
const PAGES = [
  '/',
  '/incidents',
  '/alerts',
  '/silos',
  '/on-call',
  '/notices',
  '/disclosure',
  '/reviews',
  '/trail',
  '/users',
];
const HOSTILE = '<img src=x onerror="document.title=1">\u202Egnp.exe\u0007';

interface Account {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly totpSecret: string;
}

describe('the dashboard', () => {
  let browser: Browser;
  let service: TestService;
  /** Errors of scripts and refusals of the content policy, of all pages of a test. */
  let complaints: string[];
  let people = 0;

  beforeAll(async () => {
    [browser, service] = [await openBrowser(), await testService()];
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });
  beforeEach(() => {
    complaints = [];
  });
  afterEach(() => {
    expect(complaints).toEqual([]);
  });

  /** Somebody of their own for each test: a code of a second factor is good once. */
  async function staff(...roles: Role[]): Promise<Account> {
    people += 1;
    const account = {
      email: `person-${people}@example.test`,
      name: `Person ${people}`,
      roles,
      tenants: 'all' as const,
      password: 'seven grey herons at dusk',
      totpSecret: newTotpSecret(),
    };
    await service.seed(account);
    return account;
  }

  const raise = (title: string): Promise<unknown> =>
    service.db.database.transaction(system('correlate'), (tx) =>
      service.app.get(AlertService, { strict: false }).raise(tx, {
        tenant: 'acme',
        ruleId: 'silowatch.test',
        title,
        level: 'high',
        key: title,
        at: new Date(),
        // Of one entity, they would join one incident.
        entities: [{ kind: 'user', value: `${title} ${HOSTILE}` }],
        opensIncident: true,
      }),
    );

  async function openPage(path: string): Promise<Page> {
    const context = await browser.newContext({
      baseURL: service.url,
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // A refused request is an answer; the page shows it.
      if (message.type() === 'error' && !/Failed to load resource|ERR_INTERNET/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(path);
    return page;
  }

  async function signIn(page: Page, person: Account): Promise<void> {
    await page.getByLabel('Email').fill(person.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Code').fill(totpCode(person.totpSecret, new Date()));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  }

  /** Where SCREENSHOTS names a folder. */
  async function picture(page: Page, name: string): Promise<void> {
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  }

  async function faults(page: Page): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`);
  }

  it('takes its types from the document that the service serves', async () => {
    const served: unknown = await (await fetch(`${service.url}/api/openapi.json`)).json();
    // UPDATE_OPENAPI=1 writes it down; then npm run api:types.
    if (process.env['UPDATE_OPENAPI'] === '1') await writeFile(DOCUMENT, `${JSON.stringify(served, null, 2)}\n`);
    expect(JSON.parse(await readFile(DOCUMENT, 'utf8'))).toEqual(served);
  });

  it('brings back to the page that was wanted, shows hostile text as text, and follows what happens', async () => {
    await raise(`First ${HOSTILE}`);
    const page = await openPage('/incidents');
    await signIn(page, await staff('commander', 'admin'));
    expect(new URL(page.url()).pathname).toBe('/incidents');
    const first = page.locator('[data-row]').first();
    await first.waitFor();
    expect(await first.textContent()).toContain('First <img src=x onerror="document.title=1">U+202Egnp.exe\\x07');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    await raise('Second');
    await page.getByText('Second').waitFor({ timeout: 5_000 });
    await first.click();
    await page.getByRole('region', { name: 'Containment' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('keeps its drawings when their place is folded away and comes back', async () => {
    await raise('Drawn while hidden');
    const page = await openPage('/incidents');
    await signIn(page, await staff('commander'));
    await page.locator('[data-row]').filter({ hasText: 'Drawn while hidden' }).click();
    const graph = page.getByRole('img', { name: /how they are joined/ });
    await graph.waitFor();
    const drawn = graph.locator('canvas').first();
    await drawn.waitFor();
    // Two frames: the browser tells of the new size after the first.
    const fold = (display: string): Promise<unknown> =>
      page.evaluate(
        `document.querySelector('[role=img][aria-label*="how they are joined"]').style.display = '${display}';
        new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))`,
      );
    await fold('none');
    await page.emulateMedia({ colorScheme: 'dark' });
    await fold('');
    await drawn.waitFor();
    await page.context().close();
  }, 60_000);

  it('has nothing for axe to find on any page, in the dark and wide, in the light and narrow', async () => {
    const page = await openPage('/');
    await signIn(page, await staff('commander', 'admin'));
    const found: string[] = [];
    const looks = [
      { colorScheme: 'dark', size: { width: 1440, height: 900 } },
      { colorScheme: 'light', size: { width: 390, height: 844 } },
    ] as const;
    for (const path of PAGES) {
      for (const { colorScheme, size } of looks) {
        // Loaded anew, so that no element is caught between two colours.
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(size);
        await page.goto(path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        while ((await page.getByRole('status', { name: 'Loading' }).count()) > 0) await page.waitForTimeout(100);
        await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
        const where = `${path} ${colorScheme} ${size.width}`;
        found.push(...(await faults(page)).map((fault) => `${where} ${fault}`));
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        if (overflow !== 0) found.push(`${where}: wider than the screen by ${String(overflow)} px`);
      }
    }
    expect(found).toEqual([]);
    await page.context().close();
  }, 240_000);

  it('pages, orders and filters many silos, and shows each on its own page, wide and narrow', async () => {
    await manySilos(service.db, Number(process.env['MANY_SILOS'] ?? 60), new Date());
    const page = await openPage('/silos');
    await signIn(page, await staff('viewer'));
    const rows = page.getByRole('region', { name: 'Silos' }).locator('[data-row]');
    const first = (text: string): Promise<void> => rows.first().filter({ hasText: text }).waitFor();
    await first('Customer 000');
    expect(await rows.count()).toBe(50);
    expect(await faults(page)).toEqual([]);
    const stages = page.getByRole('region', { name: 'What the stages take' });
    expect(await stages.getByRole('row').filter({ hasText: 'Parse and match' }).textContent()).toContain('3.1 ms');
    await page.getByText('2,330 groups').waitFor();
    await picture(page, 'silos');
    await page.getByRole('button', { name: 'Next' }).click();
    await first('Customer 050');
    await page.getByRole('button', { name: 'Dead letters' }).click();
    await first('Customer 006');
    await page.waitForURL(/order=dead-letters/);
    await page.getByText('In trouble', { exact: true }).click();
    await first('Customer 020');
    await page.getByRole('textbox', { name: 'Find a silo' }).fill('040');
    await page.keyboard.press('Enter');
    await first('Customer 040');
    expect(await rows.count()).toBe(1);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator('.sw-silo-card').first().waitFor();
    expect(await faults(page)).toEqual([]);
    await picture(page, 'silos-narrow');
    await page.goto('/silos/silo-000');
    await page.getByText('dead-letters replay --tenant silo-000').waitFor();
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
    await picture(page, 'silo-narrow');
    const work = page.getByRole('region', { name: 'Work by stream' });
    expect(await work.getByRole('row').filter({ hasText: 'audit' }).textContent()).toContain('23 ms1 ms3 ms2 · 3 h');
    expect(await page.getByText('HTTP token').count()).toBe(2);
    const sent = page.getByRole('region', { name: 'What came over HTTP' });
    await sent.getByText('17 requests').waitFor();
    // Told while it is looked at.
    const counts = service.app.get(IntakeCounts, { strict: false });
    counts.add('silo-000', [{ outcome: 'throttled', reason: 'silo_rate', count: 1 }]);
    await counts.write();
    await sent.getByText('18 requests').waitFor({ timeout: 5_000 });
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await faults(page)).toEqual([]);
    await picture(page, 'silo');
    await page.context().close();
  }, 120_000);

  it('is moved through by keyboard alone', async () => {
    await raise('Reached by keyboard');
    const page = await openPage('/');
    await signIn(page, await staff('commander', 'admin'));
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.waitForURL('**/alerts');
    await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor();
    await page.locator('[data-row]').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/open=/);
    await page.keyboard.press('Control+k');
    await page.getByRole('textbox', { name: 'Search or do' }).fill('Silos');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/silos');
    await page.context().close();
  }, 60_000);

  it('says that the connection is lost, and catches up when it is back', async () => {
    const page = await openPage('/incidents');
    await signIn(page, await staff('commander', 'admin'));
    await page.getByText('Live', { exact: true }).first().waitFor();
    // What is open stays open when a browser goes offline: the stream is refused anew instead.
    await page.route('**/api/stream', (route) => route.abort());
    await page.reload();
    await page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor();
    await raise('Third, while nobody listened');
    await page.unroute('**/api/stream');
    await page.getByText('Third, while nobody listened').waitFor({ timeout: 20_000 });
    await page.getByText('Live', { exact: true }).first().waitFor();
    await page.context().close();
  }, 90_000);

  it('takes an action that was done by hand from one person, and its confirmation from the other alone', async () => {
    await raise('Contained by hand');
    const [first, second] = [await staff('commander'), await staff('responder')];
    const page = await openPage('/incidents');
    await signIn(page, first);
    await page.locator('[data-row]').filter({ hasText: 'Contained by hand' }).click();
    await page.getByRole('button', { name: 'Propose an action' }).click();
    await page.getByRole('combobox', { name: 'Action' }).fill('Disable account');
    await page.getByRole('option', { name: 'Disable account' }).click();
    await page.getByRole('combobox', { name: 'User' }).fill('u-77');
    await page.getByRole('button', { name: 'Propose', exact: true }).click();
    const card = page.getByRole('region', { name: 'Containment' });
    await card.getByRole('button', { name: 'By hand…' }).click();
    await page.getByLabel('What was done, and what shows it').fill('Locked in the admin console, ticket 4711');
    await page.getByRole('combobox', { name: 'Second person' }).click();
    await page.getByRole('option', { name: second.name }).click();
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    const confirm = card.getByRole('button', { name: 'Confirm it was done' });
    await confirm.waitFor();
    expect(await confirm.getAttribute('aria-disabled')).toBe('true');

    const other = await openPage(new URL(page.url()).pathname);
    await signIn(other, second);
    await other.getByText('Locked in the admin console, ticket 4711').first().waitFor();
    await other.getByRole('button', { name: 'Confirm it was done' }).click();
    await card.getByText(`confirmed by ${second.name}`).waitFor();
    await page.context().close();
    await other.context().close();
  }, 90_000);

  it('keeps what a viewer may not do in sight, with the reason', async () => {
    await raise('Looked at by a viewer');
    const page = await openPage('/incidents');
    await signIn(page, await staff('viewer'));
    await page.locator('[data-row]').filter({ hasText: 'Looked at by a viewer' }).click();
    const declare = page.getByRole('button', { name: 'Declare contained' });
    await declare.waitFor();
    expect(await declare.getAttribute('aria-disabled')).toBe('true');
    const reason = page.getByRole('tooltip', { name: 'Needs the role responder or commander.' });
    // What is still loading above moves the button away from under the pointer.
    for (let tries = 0; tries < 10 && !(await reason.isVisible()); tries += 1) {
      await page.mouse.move(0, 0);
      await declare.hover();
      await reason.waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    expect(await reason.isVisible()).toBe(true);
    expect(await page.getByRole('link', { name: 'Trail' }).count()).toBe(0);
    await page.context().close();
  }, 60_000);
});
