import { loadLinkPage, type LinkPage } from '../platform/mail/link-page.js';
import { loadMailTemplate, type MailTemplate } from '../platform/mail/mail-template.js';

/** The mail and the page that customers get to see. */
export class NoticeTexts {
  readonly mail: MailTemplate;
  readonly page: LinkPage;

  private constructor(mail: MailTemplate, page: LinkPage) {
    this.mail = mail;
    this.page = page;
  }

  static async load(): Promise<NoticeTexts> {
    const folder = new URL('./templates/', import.meta.url);
    return new NoticeTexts(await loadMailTemplate(folder, 'notice'), await loadLinkPage(folder, 'notice-page'));
  }
}
