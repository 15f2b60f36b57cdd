import { createHash } from 'node:crypto';
import {
  simpleParser,
  type AddressObject,
  type EmailAddress,
  type ParsedMail,
  type SimpleParserOptions,
} from 'mailparser';
import { oneLine, type Mailbox } from './mail.js';

/** MIME parts of a mail at most; more make it unreadable here (its raw octets are kept all the same). */
export const MAX_PARTS = 1000;
const MAX_HEADER_OCTETS = 256 * 1024;
/** HTML is only turned into text up to this many characters. */
const MAX_HTML_CHARACTERS = 500_000;
/** Text of a mail is cut here. */
const MAX_TEXT_CHARACTERS = 200_000;

const OPTIONS: SimpleParserOptions = {
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  keepCidLinks: true,
  keepDeliveryStatus: true,
  ignoreEmbedded: true,
  checksumAlgo: false,
  maxHtmlLengthToParse: MAX_HTML_CHARACTERS,
  maxHeadSize: MAX_HEADER_OCTETS,
  maxChildNodes: MAX_PARTS,
};

export interface ParsedAttachment {
  /** As the sender named it; hostile. */
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly content: Buffer;
}

/** What is needed of a mail from outside; every string in it is hostile. */
export interface ParsedInbound {
  /** `unreadable`: only the headers could be read, or not even those. */
  readonly fault: 'too_many_parts' | 'unreadable' | null;
  readonly from: Mailbox | null;
  /** Of To, Cc, Delivered-To, X-Original-To and Envelope-To, as written. */
  readonly recipients: readonly string[];
  /** `''` is the null sender; null when the header is missing. */
  readonly returnPath: string | null;
  readonly subject: string;
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  readonly text: string;
  readonly attachments: readonly ParsedAttachment[];
  /** Raw header values by lower-case name, in order, unfolded. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

/** Reads a mail within limits; never throws. */
export async function parseInbound(raw: Buffer): Promise<ParsedInbound> {
  try {
    return inbound(await simpleParser(raw, OPTIONS), null);
  } catch (error) {
    const fault = isTooManyParts(raw) ? 'too_many_parts' : 'unreadable';
    try {
      return { ...inbound(await simpleParser(headOf(raw), OPTIONS), fault), text: '' };
    } catch {
      return { ...EMPTY, fault: error instanceof Error ? fault : 'unreadable' };
    }
  }
}

const EMPTY: ParsedInbound = {
  fault: 'unreadable',
  from: null,
  recipients: [],
  returnPath: null,
  subject: '',
  messageId: null,
  inReplyTo: null,
  references: [],
  text: '',
  attachments: [],
  headers: new Map(),
};

function inbound(mail: ParsedMail, fault: ParsedInbound['fault']): ParsedInbound {
  const headers = headersOf(mail);
  const from = mail.from?.value.find(({ address }) => address !== undefined && address !== '');
  return {
    fault,
    from: from?.address === undefined ? null : { name: oneLine(from.name, 100), address: from.address },
    recipients: [
      ...addresses(mail.to),
      ...addresses(mail.cc),
      ...['delivered-to', 'x-original-to', 'envelope-to'].flatMap((name) =>
        (headers.get(name) ?? []).map((value) => value.replace(/^<|>$/g, '')),
      ),
    ].slice(0, 200),
    returnPath:
      headers
        .get('return-path')?.[0]
        ?.replace(/^\s*<|>\s*$/g, '')
        .trim() ?? null,
    subject: oneLine(mail.subject ?? '', 300),
    messageId: bare(mail.messageId),
    inReplyTo: bare(mail.inReplyTo),
    references: [mail.references ?? []]
      .flat()
      .map(bare)
      .filter((id) => id !== null)
      .slice(-50),
    text: (mail.text ?? '').slice(0, MAX_TEXT_CHARACTERS),
    attachments: mail.attachments.map((attachment) => ({
      name: oneLine(attachment.filename ?? 'unnamed', 150),
      contentType: oneLine(attachment.contentType, 100),
      sizeBytes: attachment.content.length,
      sha256: createHash('sha256').update(attachment.content).digest('hex'),
      content: attachment.content,
    })),
    headers,
  };
}

function headersOf(mail: ParsedMail): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (const { key, line } of mail.headerLines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replace(/\r?\n[ \t]+/g, ' ')
      .trim();
    headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return headers;
}

function addresses(header: AddressObject | AddressObject[] | undefined): string[] {
  const flat = (list: readonly EmailAddress[]): string[] =>
    list.flatMap((entry) => [...(entry.address === undefined ? [] : [entry.address]), ...flat(entry.group ?? [])]);
  return [header ?? []].flat().flatMap((object) => flat(object.value));
}

const bare = (id: string | undefined): string | null => {
  const text = id?.replace(/^\s*<|>\s*$/g, '').trim() ?? '';
  return text === '' ? null : text.slice(0, 250);
};

/** The header block, so that at least sender and subject are known of a mail that is too much. */
function headOf(raw: Buffer): Buffer {
  const head = raw.subarray(0, MAX_HEADER_OCTETS);
  const end = /\r?\n\r?\n/.exec(head.toString('latin1'))?.index ?? head.length;
  const text = head
    .subarray(0, end)
    .toString('latin1')
    .replace(/^content-type:.*(?:\r?\n[ \t].*)*/gim, 'X-Content-Type: left out');
  return Buffer.from(`${text}\r\n\r\n`, 'latin1');
}

function isTooManyParts(raw: Buffer): boolean {
  let parts = 0;
  for (let at = raw.indexOf('\n--'); at !== -1 && parts <= MAX_PARTS; at = raw.indexOf('\n--', at + 3)) parts += 1;
  return parts >= MAX_PARTS;
}
