import { readFile } from 'node:fs/promises';
import mjml2html from 'mjml';
import Mustache from 'mustache';
import { oneLine } from './mail.js';

export interface RenderedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** A mail's texts with holes: the HTML is compiled from MJML once, so that what is filled in can never become layout. */
export interface MailTemplate {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

const layoutFile = new URL('./templates/layout.mjml', import.meta.url);

/** Reads `<name>.mjml` (the sections of the layout) and `<name>.txt` (`Subject: …`, an empty line, the text) of `folder`. */
export async function loadMailTemplate(folder: URL, name: string): Promise<MailTemplate> {
  const [layout, sections, plain] = await Promise.all([
    readFile(layoutFile, 'utf8'),
    readFile(new URL(`${name}.mjml`, folder), 'utf8'),
    loadTextTemplate(folder, name),
  ]);
  const compiled = await mjml2html(
    layout.replace('<!-- sections -->', () => sections),
    { validationLevel: 'strict', keepComments: false, fonts: {} },
  );
  return { ...plain, html: compiled.html };
}

/** A mail that is plain text alone, as researchers prefer: `<name>.txt`. */
export async function loadTextTemplate(folder: URL, name: string): Promise<Omit<MailTemplate, 'html'>> {
  const plain = await readFile(new URL(`${name}.txt`, folder), 'utf8');
  const [head, ...rest] = plain.split(/\r?\n\r?\n/);
  const subject = /^Subject: (.+)$/.exec(head ?? '')?.[1];
  if (subject === undefined)
    throw new Error(`The mail template ${name}.txt must begin with "Subject: " and an empty line`);
  return { subject, text: rest.join('\n\n') };
}

const PLAIN = { escape: String };

/** Fills a template in; HTML is escaped, the text is not, the subject is one line. Pure. */
export function renderMail(template: MailTemplate, view: object): RenderedMail {
  const { subject, text } = renderText(template, view);
  return { subject, html: Mustache.render(template.html, { ...view, mailTitle: subject }), text };
}

/** Fills a plain-text template in. Pure. */
export function renderText(template: Omit<MailTemplate, 'html'>, view: object): Omit<RenderedMail, 'html'> {
  return {
    subject: oneLine(Mustache.render(template.subject, view, undefined, PLAIN), 300),
    text: Mustache.render(template.text, view, undefined, PLAIN),
  };
}
