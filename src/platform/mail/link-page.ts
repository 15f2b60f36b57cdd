import { readFile } from 'node:fs/promises';
import type { Response } from 'express';
import Mustache from 'mustache';
import { cspNonce } from '../http/request-context.js';
import { sendPlainPage } from '../http/security-headers.js';

/** A page that a link in a mail opens: text and at most a form, no script, readable by whoever holds the link. */
export interface LinkPage {
  readonly layout: string;
  readonly content: string;
}

const layoutFile = new URL('./templates/link-page.mustache', import.meta.url);

/** Reads `<name>.mustache` of `folder`, the content of the page. */
export async function loadLinkPage(folder: URL, name: string): Promise<LinkPage> {
  const [layout, content] = await Promise.all([
    readFile(layoutFile, 'utf8'),
    readFile(new URL(`${name}.mustache`, folder), 'utf8'),
  ]);
  return { layout, content };
}

/** What is filled in; `title` is the browser's. */
export interface LinkPageView {
  readonly title: string;
  readonly [hole: string]: unknown;
}

/** Everything filled in is escaped. Pure. */
export function renderLinkPage(page: LinkPage, view: LinkPageView, nonce: string): string {
  return Mustache.render(page.layout, { ...view, nonce }, { content: page.content });
}

export function sendLinkPage(response: Response, page: LinkPage, view: LinkPageView, status = 200): void {
  sendPlainPage(response, renderLinkPage(page, view, cspNonce(response)), status);
}
