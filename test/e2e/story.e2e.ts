import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { startDemo, type Demo } from '../../src/demo/demo.js';
import { openBrowser } from '../harness/browser.js';
import { Person, sinkState } from './person.js';

/** The attack begins some seconds after the start, and "contained" needs a quiet minute; a slow machine gets its time. */
const STORY_MS = 480_000;

describe('the demo, played by one person at two browsers', () => {
  let demo: Demo;
  let browser: Browser;
  let data: string;
  let commander: Person;
  let comms: Person;

  beforeAll(async () => {
    data = await mkdtemp(path.join(tmpdir(), 'silowatch-story-'));
    demo = await startDemo({ SILOWATCH_DATA: data, PORT: '0', MAIL_SINK_PORT: '0', LOG_LEVEL: 'error' });
    browser = await openBrowser();
    const [first, second] = demo.accounts;
    commander = await Person.at(browser, demo.dashboardUrl, first!, demo.sinkUrl);
    comms = await Person.at(browser, demo.dashboardUrl, second!, demo.sinkUrl);
  }, STORY_MS);
  afterAll(async () => {
    await browser.close();
    await demo.stop();
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  /** Waits for what comes about by itself, over the live stream. */
  async function soon(holds: () => Promise<boolean>, withinMs = 90_000): Promise<void> {
    const until = Date.now() + withinMs;
    while (!(await holds())) {
      if (Date.now() > until) throw new Error(`it did not come about in time: ${holds.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  }

  /** Opens the page of the worst incident on the attacked silo; returns its path. */
  async function findIncident(): Promise<string> {
    const { page } = commander;
    const worst = page.locator('[data-row][data-severity="SEV1"]').filter({ hasText: demo.attackedTenant }).first();
    await worst.waitFor({ timeout: 60_000 });
    await commander.picture('now');
    await worst.click();
    await page.locator('.sw-inc-head').waitFor();
    return new URL(page.url()).pathname;
  }

  /** As a phone would: the link in the page's mail, then its one button. */
  async function acknowledgeByMail(): Promise<void> {
    const page = (await sinkState(demo.sinkUrl)).mails.find(({ subject }) => subject.startsWith('[PAGE]'));
    const link = /http\S+\/page\/\S+/.exec(page?.text ?? '')?.[0] ?? '';
    const tab = await commander.page.context().newPage();
    await tab.goto(link);
    await tab.getByRole('button', { name: /acknowledge/i }).click();
    await tab
      .getByText(/acknowledged/i)
      .first()
      .waitFor();
    await tab.close();
  }

  /** Approves what rules propose until nothing waits and everything is proven. */
  async function contain(): Promise<void> {
    const stream = commander.page.getByRole('region', { name: 'Containment' });
    const waiting = stream.getByRole('article', { name: /: Proposed$/i });
    const unproven = stream.getByRole('article', { name: /: (Proposed|Approved|Sent|Acknowledged)$/i });
    await stream.getByRole('article').first().waitFor();
    await soon(async () => {
      if ((await waiting.count()) > 0) {
        const name = (await waiting.first().getAttribute('aria-label')) ?? '';
        await commander.press(waiting.first().getByRole('button', { name: 'Approve' }));
        await stream.getByRole('article', { name, exact: true }).waitFor({ state: 'hidden' });
      }
      return (await unproven.count()) === 0;
    }, 180_000);
    expect(await stream.getByRole('article', { name: /: Verified$/i }).count()).toBeGreaterThan(0);
  }

  /** Once the incident's entities have been quiet for the demo's minute. */
  async function declareContained(): Promise<void> {
    const stream = commander.page.getByRole('region', { name: 'Containment' });
    await stream.getByText('A responder declares the incident contained').waitFor();
    await soon(async () => (await stream.getByText(/No alert on the incident/).count()) === 0, 240_000);
    await commander.page.getByRole('button', { name: 'Declare contained' }).click();
    const dialog = commander.dialog('Declare it contained');
    await dialog.getByLabel('What makes you sure').fill('No event of the sessions since they were ended.');
    await dialog.getByRole('button', { name: 'Declare contained' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  async function writeRootCause(): Promise<void> {
    const { page } = commander;
    await page.getByRole('region', { name: 'Root cause' }).getByRole('button', { name: 'Write it down' }).click();
    const form = commander.dialog('Root cause');
    await form.getByRole('combobox', { name: 'Category' }).fill('Stolen');
    await page.getByRole('option', { name: 'Stolen or guessed credentials' }).click();
    await form.getByLabel('What happened').fill('A list of stolen passwords was tried; one of them was still in use.');
    await form.getByRole('textbox', { name: 'Why 1', exact: true }).fill('Sign-ins were not limited per account.');
    await form.getByLabel('Evidence for why 1').fill('https://tracker.example/SEC-1');
    await form.getByLabel('Weakness introduced').fill('2025-01-01T00:00');
    await form.getByRole('button', { name: 'Keep' }).click();
    await form.waitFor({ state: 'hidden' });
  }

  async function writeNotice(): Promise<string> {
    const { page } = commander;
    const stream = page.getByRole('region', { name: 'Notification' });
    await stream.getByRole('button', { name: 'Decide', exact: true }).first().click();
    const decide = commander.dialog(`Notify ${demo.attackedTenant}?`);
    await decide.getByLabel('Reason').fill('Their data left the silo.');
    await decide.getByRole('button', { name: 'Decide' }).click();
    await decide.waitFor({ state: 'hidden' });
    await stream.getByRole('button', { name: 'Write a notice' }).first().click();
    await page.waitForURL(/\/notices\//);
    const facts = page.getByRole('region', { name: 'Facts' }).getByRole('textbox');
    await facts.first().waitFor();
    for (const field of await facts.all())
      await field.fill('An unknown person used one account of yours between 09:00 and 09:20 UTC; it has been ended.');
    await soon(async () => (await page.getByText('Not ready for approval').count()) === 0);
    await soon(async () => (await page.getByText('Keeping…').count()) === 0);
    return new URL(page.url()).pathname;
  }

  async function approveNotice(path: string): Promise<void> {
    await comms.page.goto(path);
    await comms.press(comms.page.getByRole('button', { name: 'Approve and send' }));
    await comms.page.getByRole('region', { name: 'Deliveries' }).getByText('Sent').first().waitFor();
  }

  async function reviewRootCause(incident: string): Promise<void> {
    await comms.page.goto(incident);
    await comms.page.getByRole('region', { name: 'Root cause' }).getByRole('button', { name: 'Review' }).click();
    const dialog = comms.dialog('Review the root cause');
    await comms.press(dialog.getByRole('button', { name: 'Give the verdict' }));
    await dialog.waitFor({ state: 'hidden' });
  }

  async function holdReview(): Promise<void> {
    const { page } = commander;
    const stream = page.getByRole('region', { name: 'Review' });
    await stream.getByRole('button', { name: 'Add a corrective action' }).click();
    const action = commander.dialog('Corrective action');
    await action.getByLabel('What will be different').fill('Removing a second factor asks for it first');
    await action.getByRole('combobox', { name: 'Owner' }).click();
    await page.getByRole('option').first().click();
    await action.getByLabel('Due').fill('2099-01-31');
    await action.getByLabel('Link to the tracker').fill('https://tracker.example/SEC-2');
    await action.getByRole('button', { name: 'Add' }).click();
    await action.waitFor({ state: 'hidden' });
    await stream.getByRole('button', { name: 'Record the review' }).click();
    const form = commander.dialog('Review');
    await form.getByLabel('Participants').fill('Mira Okafor');
    await page.keyboard.press('Enter');
    await form.getByLabel('What went well').fill('We were paged within seconds.');
    await form.getByLabel('What went badly').fill('The second factor could be removed without a question.');
    await form.getByRole('button', { name: 'Keep' }).click();
    await form.waitFor({ state: 'hidden' });
  }

  it(
    'shows the attack within a minute, and both bring the incident to closed',
    async () => {
      await Promise.all([commander.signIn(), comms.signIn('/notices')]);
      expect(new URL(comms.page.url()).pathname).toBe('/notices');
      const incident = await findIncident();
      const { page } = commander;
      await acknowledgeByMail();
      await page.locator('.sw-inc-head').getByRole('button', { name: 'Take command' }).click();
      await page.locator('.sw-inc-head').getByText('nobody').waitFor({ state: 'hidden' });
      await commander.picture('incident');
      await contain();
      await writeRootCause();
      await holdReview();
      await approveNotice(await writeNotice());
      await reviewRootCause(incident);
      await page.goto(incident);
      await declareContained();
      await page.locator('.sw-inc-head').getByText('Closed').waitFor({ timeout: 240_000 });

      const { mails } = await sinkState(demo.sinkUrl);
      expect(mails.some(({ to }) => to.some((address) => address.endsWith(`@${demo.attackedTenant}.example`)))).toBe(
        true,
      );
      expect([...commander.complaints, ...comms.complaints]).toEqual([]);
    },
    STORY_MS,
  );

  it('shows a researcher’s mail, answers it in its thread and makes an incident of it', async () => {
    const { page } = commander;
    const subject = 'Invoices of others can be read';
    const researcher = 'rin@research.example';
    await fetch(`${demo.sinkUrl}/security-mail`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ from: researcher, subject, text: 'Change the number in /invoices/4711.' }),
    });
    await page.goto('/disclosure');
    await page.locator('[data-row]').filter({ hasText: subject }).click();
    await page.getByLabel(`Answer to ${researcher}`).fill('Thank you; we are looking at it.');
    await page.getByRole('button', { name: 'Send the answer' }).click();
    const received = async (): Promise<readonly string[]> =>
      (await sinkState(demo.sinkUrl)).mails.filter(({ to }) => to.includes(researcher)).map(({ text }) => text);
    await soon(async () => (await received()).some((text) => text.includes('we are looking at it')));
    // The other one is the acknowledgement that came by itself.
    expect(await received()).toHaveLength(2);
    await page.getByRole('button', { name: 'Open an incident' }).click();
    const dialog = commander.dialog('Open an incident from this report');
    await dialog.getByRole('combobox', { name: 'Affected silos' }).click();
    await page.getByRole('option').first().click();
    await dialog.getByLabel('Title').click();
    await dialog.getByRole('button', { name: 'Open the incident' }).click();
    await page.waitForURL(/\/incidents\//);
    await page.locator('.sw-inc-head').getByText(subject).waitFor();
    expect(commander.complaints).toEqual([]);
  }, 120_000);

  it.each([
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
  ])(
    'has nothing for axe to find on %s, with what the story left there',
    async (where) => {
      const { page } = commander;
      await page.goto(where);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await soon(async () => (await page.getByRole('status', { name: 'Loading' }).count()) === 0);
      if (where === '/alerts') await commander.picture('alerts');
      expect(await commander.axe()).toEqual([]);
    },
    120_000,
  );
});
