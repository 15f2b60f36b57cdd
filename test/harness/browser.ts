import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** Flags of the packaged browser that would make it more lenient than anybody's, or that it does not survive long with. */
const UNWANTED =
  /^--(disable-web-security|allow-running-insecure-content|single-process|no-zygote|disable-site-isolation-trials)/;

/** The packaged browser dies at a start now and then (a fault in its own libc); what it shows once it runs is what tests judge. */
const STARTS = 3;

/** A real Chromium, with the checks that browsers make. Close it in afterAll. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await chromium.executablePath();
  const args = chromium.args.filter((flag) => !UNWANTED.test(flag));
  for (let start = 1; ; start += 1) {
    try {
      return await playwright.launch({ executablePath, args, headless: true });
    } catch (error) {
      if (start === STARTS) throw error;
    }
  }
}
