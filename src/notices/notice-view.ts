import { fieldsOf } from './fact-fields.js';
import type { Delivery, Notice } from './notice.js';
import type { Composed } from './notice-composer.service.js';
import type { NoticeSummaryView, NoticeView } from './notices.schema.js';

/** A notice in a list. `subject` is that of the approved mail, else of the draft. */
export function summaryView(
  notice: Notice,
  incidentNumber: string,
  subject: string,
  deliveries: readonly Delivery[],
): NoticeSummaryView {
  return {
    id: notice.id,
    incidentId: notice.incidentId,
    incidentNumber,
    tenant: notice.tenant,
    kind: notice.kind,
    state: notice.state,
    subject,
    author: notice.author.name,
    createdAt: notice.createdAt.toISOString(),
    approvedBy: notice.approvedBy?.name ?? null,
    approvedAt: notice.approvedAt?.toISOString() ?? null,
    deliveries: deliveries
      .filter(({ noticeId }) => noticeId === notice.id)
      .map((delivery) => ({
        id: delivery.id,
        recipient: `${delivery.name} <${delivery.address}>`,
        state: delivery.state,
        at: delivery.at.toISOString(),
        answer: delivery.answer,
        messageId: delivery.messageId,
        receivedAt: delivery.receivedAt?.toISOString() ?? null,
        settled: delivery.settled === null ? null : { by: delivery.settled.by.name, reason: delivery.settled.reason },
      })),
  };
}

export function noticeView(
  notice: Notice,
  incidentNumber: string,
  composed: Composed,
  deliveries: readonly Delivery[],
): NoticeView {
  // What was approved is shown as it was, whatever has changed in the directory since.
  const { subject, html, text } = notice.rendered ?? composed.rendered;
  return {
    ...summaryView(notice, incidentNumber, subject, deliveries),
    facts: { ...notice.facts },
    fields: fieldsOf(notice.kind).map(({ key, label, help, requiredFor }) => ({
      key,
      label,
      help,
      isRequired: requiredFor.includes(notice.kind),
    })),
    version: notice.version,
    rendered: { subject, html, text },
    recipients: composed.contacts.map(({ name, email, role, isVerified }) => ({ name, email, role, isVerified })),
    contentHash: notice.approvedHash ?? composed.rendered.hash,
    missingFacts: notice.state === 'draft' ? [...composed.missing] : [],
    warnings: notice.state === 'draft' ? [...composed.warnings] : [],
    leaks: notice.state === 'draft' ? composed.leaks.map((leak) => ({ ...leak })) : [],
    overrides: notice.overrides.map(({ person, reason }) => ({ by: person.name, reason })),
    editors: notice.editors.map(({ id, name }) => ({ id, name })),
  };
}
