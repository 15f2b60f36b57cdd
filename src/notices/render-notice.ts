import { createHash } from 'node:crypto';
import { renderMail, type MailTemplate, type RenderedMail } from '../platform/mail/mail-template.js';
import { fieldsOf } from './fact-fields.js';
import type { NoticeFacts, NoticeKind } from './notice.js';

/** Everything a notice is made of: facts of one silo and who writes. Nothing else can get into it. */
export interface NoticeContent {
  readonly kind: NoticeKind;
  /** `INC-2026-0042` */
  readonly reference: string;
  readonly siloName: string;
  readonly company: string;
  readonly facts: NoticeFacts;
}

export interface RenderedNotice extends RenderedMail {
  readonly hash: string;
}

/** Where the recipient's own link goes; put in at delivery, so that all recipients approve the same content. */
export const LINK_PLACE = 'https://notice.invalid/link';

/** The mail as it is approved and sent. Pure: the same content gives the same octets and the same hash. */
export function renderNotice(
  template: MailTemplate,
  content: NoticeContent,
  recipients: readonly { readonly address: string }[],
): RenderedNotice {
  const sections = fieldsOf(content.kind)
    .map(({ key, label }) => ({ label, text: (content.facts[key] ?? '').trim() }))
    .filter(({ text }) => text !== '')
    .map(({ label, text }) => ({ label, text, upper: label.toUpperCase(), lines: text.split('\n') }));
  const rendered = renderMail(template, {
    isFirst: content.kind === 'first',
    isUpdate: content.kind === 'update',
    isFinal: content.kind === 'final',
    isRetraction: content.kind === 'retraction',
    reference: content.reference,
    siloName: content.siloName,
    company: content.company,
    sections,
    link: LINK_PLACE,
  });
  return {
    ...rendered,
    hash: contentHash(
      rendered,
      recipients.map(({ address }) => address),
    ),
  };
}

/** What an approval binds: the mail to the last octet, and to whom it goes. */
function contentHash(mail: RenderedMail, addresses: readonly string[]): string {
  const parts = [mail.subject, mail.html, mail.text, ...addresses.toSorted()];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The approved mail with the recipient's own link. */
export function addressed(mail: RenderedMail, link: string): RenderedMail {
  const htmlPlace = LINK_PLACE.replaceAll('/', '&#x2F;');
  return {
    subject: mail.subject,
    html: mail.html.replaceAll(LINK_PLACE, link).replaceAll(htmlPlace, link),
    text: mail.text.replaceAll(LINK_PLACE, link),
  };
}
