import { loadLinkPage, type LinkPage } from '../platform/mail/link-page.js';
import { loadTextTemplate, type MailTemplate } from '../platform/mail/mail-template.js';

type TextTemplate = Omit<MailTemplate, 'html'>;

/** What researchers get to read. Plain text: many of them read nothing else. */
export class DisclosureTexts {
  private constructor(
    readonly acknowledgement: TextTemplate,
    readonly reply: TextTemplate,
    readonly stateChange: TextTemplate,
    readonly form: LinkPage,
    readonly page: LinkPage,
  ) {}

  static async load(): Promise<DisclosureTexts> {
    const folder = new URL('./templates/', import.meta.url);
    return new DisclosureTexts(
      await loadTextTemplate(folder, 'acknowledgement'),
      await loadTextTemplate(folder, 'reply'),
      await loadTextTemplate(folder, 'state-change'),
      await loadLinkPage(folder, 'report-form'),
      await loadLinkPage(folder, 'report-page'),
    );
  }
}
