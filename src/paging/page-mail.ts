import { DateTime } from 'luxon';
import type { PublicUrl } from '../platform/http/public-url.js';
import { renderMail, type MailTemplate, type RenderedMail } from '../platform/mail/mail-template.js';
import { causeInWords, isRunning, type Page, type PageAttempt } from './page.js';

const clockTime = (at: Date): string => DateTime.fromJSDate(at, { zone: 'utc' }).toFormat("d LLL, HH:mm 'UTC'");

/** The mail of one attempt: number, severity and links, nothing of the silo or of what happened. Pure. */
export function pageMail(
  template: MailTemplate,
  parts: { readonly page: Page; readonly attempt: PageAttempt; readonly token: string; readonly publicUrl: PublicUrl },
): RenderedMail {
  const { page, attempt, token, publicUrl } = parts;
  return renderMail(template, {
    number: page.number,
    severity: page.severity,
    cause: causeInWords(page),
    isLate: attempt.isLate,
    dueAt: clockTime(page.startedAt),
    nextAt: isRunning(page) && page.dueAt !== null ? clockTime(page.dueAt) : null,
    staffName: attempt.staffName,
    link: publicUrl.href(`/page/${token}`),
    incidentLink: publicUrl.href(`/incidents/${page.incidentId}`),
  });
}
