import { isAddress, tagOf } from '../platform/mail/mail.js';
import type { ParsedInbound } from '../platform/mail/parse-mail.js';

/** Why a mail gets no automatic answer. */
export type Silence =
  | 'no_return_path'
  | 'null_sender'
  | 'own_mail'
  | 'automatic'
  | 'mailing_list'
  | 'bulk'
  | 'suppressed'
  | 'machine_address'
  | 'delivery_report'
  | 'not_addressed_to_us'
  | 'too_old';

export type MayAcknowledge = { readonly ok: true; readonly to: string } | { readonly ok: false; readonly why: Silence };

/** Mail that lay about for so long is not answered by a machine any more: a mailbox read for the first time answers nobody. */
const MAX_AGE_MS = 24 * 3_600_000;

/** Addresses that stand for programs (RFC 5230 §4.6 and habit). */
const MACHINE =
  /^(?:mailer-daemon|postmaster|root|daemon|owner-.*|.*-owner|.*-request|.*-bounces?(?:[+=].*)?|bounces?(?:[+=-].*)?|listserv|majordomo|no-?reply.*|do-?not-?reply.*|prvs=.*|srs[01]=.*bounce.*)$/i;

/**
 * Whether, and to whom, an automatic answer may go (RFC 3834 §2, RFC 5230 §4.5 and §4.6): only to the Return-Path, never to machines,
 * lists, bulk mail or ourselves. How often a sender is answered is counted elsewhere.
 */
export function mayAcknowledge(
  mail: Pick<ParsedInbound, 'headers' | 'returnPath' | 'recipients' | 'from'>,
  own: { readonly securityAddress: string; readonly addresses: readonly string[] },
  times: { readonly receivedAt: Date; readonly now: Date },
): MayAcknowledge {
  const why = silence(mail, own, times);
  return why === undefined ? { ok: true, to: mail.returnPath ?? '' } : { ok: false, why };
}

function silence(
  mail: Pick<ParsedInbound, 'headers' | 'returnPath' | 'recipients' | 'from'>,
  own: { readonly securityAddress: string; readonly addresses: readonly string[] },
  times: { readonly receivedAt: Date; readonly now: Date },
): Silence | undefined {
  const { returnPath, headers } = mail;
  if (returnPath === null) return 'no_return_path';
  if (returnPath === '') return 'null_sender';
  if (!isAddress(returnPath)) return 'no_return_path';
  if (isOwn(returnPath, own) || (mail.from !== null && isOwn(mail.from.address, own))) return 'own_mail';
  if (isAutomatic(headers)) return 'automatic';
  if ([...headers.keys()].some((name) => name.startsWith('list-'))) return 'mailing_list';
  if (has(headers, 'precedence', /^(?:bulk|junk|list|auto_reply)\b/i)) return 'bulk';
  if (has(headers, 'x-auto-response-suppress', /\b(?:all|autoreply|oof)\b/i)) return 'suppressed';
  if (MACHINE.test(returnPath.slice(0, returnPath.lastIndexOf('@')))) return 'machine_address';
  if (has(headers, 'content-type', /^multipart\/report\b/i)) return 'delivery_report';
  if (!mail.recipients.some((recipient) => isAt(recipient, own.securityAddress))) return 'not_addressed_to_us';
  if (times.now.getTime() - times.receivedAt.getTime() > MAX_AGE_MS) return 'too_old';
  return undefined;
}

type HeaderMap = ParsedInbound['headers'];

const has = (headers: HeaderMap, name: string, pattern: RegExp): boolean =>
  (headers.get(name) ?? []).some((value) => pattern.test(value.trim()));

/** Auto-Submitted says anything but `no` (RFC 3834 §5), or one of the older ways to say it. */
function isAutomatic(headers: HeaderMap): boolean {
  const submitted = headers.get('auto-submitted') ?? [];
  if (submitted.some((value) => !/^no\s*(?:;|\(|$)/i.test(value.trim()))) return true;
  return ['x-autoreply', 'x-autorespond', 'x-autoresponse', 'x-loop', 'x-mail-autoreply'].some((name) =>
    headers.has(name),
  );
}

const isAt = (candidate: string, address: string): boolean =>
  candidate.toLowerCase() === address.toLowerCase() || tagOf(candidate, address) !== undefined;

const isOwn = (
  address: string,
  own: { readonly securityAddress: string; readonly addresses: readonly string[] },
): boolean => [own.securityAddress, ...own.addresses].some((one) => isAt(address, one));
