import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** Flags of the packaged browser that would make it more lenient than anybody's, or that it does not survive long with. */
const UNWANTED =
  /^--(disable-web-security|allow-running-insecure-content|single-process|no-zygote|disable-site-isolation-trials)/;

/** A real Chromium, with the checks that browsers make. Close it in afterAll. */
export async function openBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((flag) => !UNWANTED.test(flag)),
    headless: true,
  });
}
