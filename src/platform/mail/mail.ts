export const MAIL_KINDS = ['page', 'notice', 'report_acknowledgement', 'report_reply', 'reminder'] as const;
/** What a mail is for; a label of `silowatch_mails_total`. */
export type MailKind = (typeof MAIL_KINDS)[number];

export interface Mailbox {
  readonly name?: string;
  readonly address: string;
}

export interface Mail {
  readonly kind: MailKind;
  /** Without angle brackets. Chosen once for what is sent and kept over retries, so that a mail accepted twice is one mail to its reader. */
  readonly messageId: string;
  readonly to: Mailbox;
  readonly replyTo?: Mailbox;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** MAIL FROM, where bounces go; `''` is the null sender, to which nothing is ever answered. Default: MAIL_RETURN_ADDRESS. */
  readonly returnPath?: string;
  /** RFC 3834 §5; a person's own words are `no`. */
  readonly autoSubmitted: 'auto-generated' | 'auto-replied' | 'no';
  /** `name.domain` without angle brackets (RFC 2919). */
  readonly listId?: string;
  readonly isUrgent?: boolean;
}

export type MailFault =
  | { readonly field: string; readonly problem: 'control_character' }
  | { readonly field: string; readonly problem: 'address' }
  | { readonly field: string; readonly problem: 'message_id' };

// Control characters, and the line and paragraph separators that some mailers fold at.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;
/** A plain local part and a domain: quoted local parts, comments and address literals are refused (RFC 5321 allows more than anyone uses). */
const ADDRESS =
  /^[^\s<>()",:;\\[\]@]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)*[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;
const MESSAGE_ID = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.[\]:-]+$/;

/** Whether `text` is an address that a mail can be sent to. */
export function isAddress(text: string): boolean {
  return text.length <= 254 && !CONTROL.test(text) && ADDRESS.test(text);
}

export const isMessageId = (text: string): boolean => text.length <= 250 && MESSAGE_ID.test(text);

/** Text from outside made fit for one header line: control characters become spaces, and it is cut to `max` characters. */
export function oneLine(text: string, max = 200): string {
  const flat = text.replace(new RegExp(CONTROL.source, 'gu'), ' ').replace(/\s+/gu, ' ').trim();
  const characters = Array.from(flat);
  return characters.length <= max ? flat : `${characters.slice(0, max - 1).join('')}…`;
}

/** What in a mail's headers would let its content add headers or recipients; such a mail is refused, not repaired. */
export function faultsOf(mail: Mail): readonly MailFault[] {
  const faults: MailFault[] = [];
  const texts: [string, string | undefined][] = [
    ['subject', mail.subject],
    ['to.name', mail.to.name],
    ['replyTo.name', mail.replyTo?.name],
    ['listId', mail.listId],
  ];
  for (const [field, text] of texts) {
    if (text !== undefined && CONTROL.test(text)) faults.push({ field, problem: 'control_character' });
  }
  const addresses: [string, string | undefined][] = [
    ['to', mail.to.address],
    ['replyTo', mail.replyTo?.address],
    ['returnPath', mail.returnPath === '' ? undefined : mail.returnPath],
  ];
  for (const [field, address] of addresses) {
    if (address !== undefined && !isAddress(address)) faults.push({ field, problem: 'address' });
  }
  const ids: [string, string][] = [
    ['messageId', mail.messageId],
    ...(mail.inReplyTo === undefined ? [] : [['inReplyTo', mail.inReplyTo] satisfies [string, string]]),
    ...(mail.references ?? []).map((id): [string, string] => ['references', id]),
  ];
  for (const [field, id] of ids) {
    if (!isMessageId(id)) faults.push({ field, problem: 'message_id' });
  }
  return faults;
}

/** `Name <address>` or a bare address, as configured. */
export function parseMailbox(text: string): Mailbox | undefined {
  const match = /^\s*(?:"?([^"<]*?)"?\s*<([^<>]+)>|([^\s<>]+))\s*$/u.exec(text);
  const address = match?.[2] ?? match?.[3];
  if (address === undefined || !isAddress(address)) return undefined;
  const name = match?.[1]?.trim();
  return name === undefined || name === '' ? { address } : { name, address };
}

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** Characters before the @ of an address that signed tags are added to: with a tag of 41 and the plus it must stay within 64 (RFC 5321 §4.5.3.1.1). */
export const MAX_TAGGED_LOCAL = 22;

export const canBeTagged = (address: string): boolean => address.lastIndexOf('@') <= MAX_TAGGED_LOCAL;

/** `local+tag@domain`: mail to it reaches `address`, and says by its tag what it belongs to. */
export function tagged(address: string, tag: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}+${tag}${address.slice(at)}`;
}

/** The tag of `candidate` when it is `address` with a tag. */
export function tagOf(candidate: string, address: string): string | undefined {
  const at = address.lastIndexOf('@');
  const local = `${address.slice(0, at)}+`.toLowerCase();
  const domain = address.slice(at).toLowerCase();
  const text = candidate.toLowerCase();
  if (!text.startsWith(local) || !text.endsWith(domain)) return undefined;
  return candidate.slice(local.length, candidate.length - domain.length);
}
