import type { ParsedInbound } from '../platform/mail/parse-mail.js';

/** What a delivery report says of one recipient (RFC 3464 §2.3). */
export interface Bounce {
  /** `delayed` and `delivered` are no bounces; a mail without a readable report counts as failed. */
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  /** `5.1.1`; null when not given. */
  readonly status: string | null;
  readonly diagnostic: string;
}

const ACTIONS = new Set<string>(['failed', 'delayed', 'delivered', 'relayed', 'expanded']);
const MAX_REPORT_OCTETS = 64 * 1024;

/** What a mail that came back to a delivery's own return address says; undefined for an automatic answer that is no delivery report. */
export function readBounce(mail: ParsedInbound): Bounce | undefined {
  const report = mail.attachments.find(({ contentType }) => contentType === 'message/delivery-status');
  if (report !== undefined) return fieldsOf(report.content.subarray(0, MAX_REPORT_OCTETS).toString('utf8'));
  // Not every server writes a report; the null sender tells a bounce from a holiday answer.
  const isAutomatic = (mail.headers.get('auto-submitted') ?? []).some((value) => /^auto-replied/i.test(value));
  if (mail.returnPath !== '' || isAutomatic) return undefined;
  return { action: 'failed', status: null, diagnostic: mail.subject };
}

function fieldsOf(text: string): Bounce {
  const unfolded = text.replace(/\r?\n[ \t]+/g, ' ');
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:[ \\t]*(.+)$`, 'im').exec(unfolded)?.[1]?.trim();
  const action = field('Action')?.toLowerCase() ?? 'failed';
  return {
    action: ACTIONS.has(action) ? (action as Bounce['action']) : 'failed',
    status: /^[245]\.\d{1,3}\.\d{1,3}/.exec(field('Status') ?? '')?.[0] ?? null,
    diagnostic: (field('Diagnostic-Code')?.replace(/^smtp;\s*/i, '') ?? '').slice(0, 300),
  };
}
