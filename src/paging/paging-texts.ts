import { loadLinkPage, type LinkPage } from '../platform/mail/link-page.js';
import { loadMailTemplate, type MailTemplate } from '../platform/mail/mail-template.js';

/** The mail and the page that people get to see when they are paged. */
export class PagingTexts {
  readonly mail: MailTemplate;
  readonly acknowledge: LinkPage;

  private constructor(mail: MailTemplate, acknowledge: LinkPage) {
    this.mail = mail;
    this.acknowledge = acknowledge;
  }

  static async load(): Promise<PagingTexts> {
    const folder = new URL('./templates/', import.meta.url);
    return new PagingTexts(await loadMailTemplate(folder, 'page'), await loadLinkPage(folder, 'acknowledge'));
  }
}
