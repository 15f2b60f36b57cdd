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
    readFile(new URL(`${name}.txt`, folder), 'utf8'),
  ]);
  const [head, ...rest] = plain.split(/\r?\n\r?\n/);
  const subject = /^Subject: (.+)$/.exec(head ?? '')?.[1];
  if (subject === undefined)
    throw new Error(`The mail template ${name}.txt must begin with "Subject: " and an empty line`);
  const compiled = await mjml2html(
    layout.replace('<!-- sections -->', () => sections),
    {
      validationLevel: 'strict',
      keepComments: false,
      fonts: {},
    },
  );
  return { subject, html: compiled.html, text: rest.join('\n\n') };
}

/** Fills a template in; HTML is escaped, the text is not, the subject is one line. Pure. */
export function renderMail(template: MailTemplate, view: object): RenderedMail {
  const plain = { escape: String };
  const subject = oneLine(Mustache.render(template.subject, view, undefined, plain), 300);
  return {
    subject,
    html: Mustache.render(template.html, { ...view, mailTitle: subject }),
    text: Mustache.render(template.text, view, undefined, plain),
  };
}
