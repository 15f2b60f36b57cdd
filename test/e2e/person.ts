import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import type { DemoAccount } from '../../src/demo/mail-sink-page.js';

interface SinkState {
  readonly accounts: readonly { readonly email: string; readonly code: string }[];
  readonly mails: readonly { readonly to: readonly string[]; readonly subject: string; readonly text: string }[];
}

/** What the demo's mail-sink page shows. */
export async function sinkState(sinkUrl: string): Promise<SinkState> {
  return (await (await fetch(`${sinkUrl}/state`)).json()) as SinkState;
}

/** One of the demo's accounts at a browser of its own. */
export class Person {
  readonly page: Page;
  /** What the browser complained of: errors on the console, and answers of 5xx. */
  readonly complaints: string[] = [];
  readonly #account: DemoAccount;
  readonly #sinkUrl: string;
  #usedCode = '';

  private constructor(page: Page, account: DemoAccount, sinkUrl: string) {
    this.page = page;
    this.#account = account;
    this.#sinkUrl = sinkUrl;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('response', (response) => {
      if (response.status() >= 500) this.complaints.push(`${response.status()} ${response.url()}`);
    });
  }

  static async at(browser: Browser, dashboardUrl: string, account: DemoAccount, sinkUrl: string): Promise<Person> {
    const context = await browser.newContext({
      baseURL: dashboardUrl,
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      colorScheme: 'light',
    });
    context.setDefaultTimeout(45_000);
    return new Person(await context.newPage(), account, sinkUrl);
  }

  /** Signs in with both factors; comes back to the page that was asked for. */
  async signIn(path = '/'): Promise<void> {
    const { page } = this;
    await page.goto(path);
    await page.getByLabel('Email').fill(this.#account.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(this.#account.password);
    await page.keyboard.press('Enter');
    await page.getByLabel('Code').fill(await this.#code());
    await page.keyboard.press('Enter');
    await page.getByRole('navigation').first().waitFor();
  }

  /** Presses a button and gives the second factor where it is asked for again. */
  async press(button: Locator): Promise<void> {
    await button.click();
    const field = this.page.getByLabel('Six-digit code');
    const isAsked = await field.waitFor({ timeout: 1_500 }).then(
      () => true,
      () => false,
    );
    if (!isAsked) return;
    await field.fill(await this.#code());
    await this.page.keyboard.press('Enter');
    await field.waitFor({ state: 'hidden' });
  }

  dialog(name: string): Locator {
    return this.page.getByRole('dialog', { name });
  }

  /** What axe finds wrong with the page as it stands (WCAG 2.2 A and AA). */
  async axe(): Promise<readonly string[]> {
    const { violations } = await new AxeBuilder({ page: this.page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  }

  /** Keeps a picture for the documents where SCREENSHOTS names a folder. */
  async picture(name: string): Promise<void> {
    const folder = process.env['SCREENSHOTS'];
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await this.page.mouse.move(0, 0);
    await this.page.screenshot({ path: `${folder}/${name}.png` });
  }

  /** A code is good once: waits for the next one if this was used. */
  async #code(): Promise<string> {
    for (;;) {
      const { accounts } = await sinkState(this.#sinkUrl);
      const code = accounts.find(({ email }) => email === this.#account.email)?.code ?? '';
      if (code !== this.#usedCode) {
        this.#usedCode = code;
        return code;
      }
      await this.page.waitForTimeout(500);
    }
  }
}
