import { isIP } from 'node:net';
import { accessFields } from './access-fields.js';
import { type FormatSettings } from './parsed-record.js';
import { combinedTimeAt, isCombinedTimeAt } from './read-time.js';

export interface AccessLine {
  readonly timeMs: number;
  readonly fields: Record<string, unknown>;
}

/**
 * The combined or common log format of nginx and Apache, also with the virtual host in front and with
 * X-Forwarded-For as a last quoted field. Undefined when the line is none. One pass, no backtracking.
 */
export function parseCombined(line: string, settings: FormatSettings | undefined): AccessLine | undefined {
  // Both servers escape quotes inside values, so the first bare one after a bracket opens the request.
  const bracketAt = line.indexOf('] "');
  const timeAt = bracketAt - 26;
  if (timeAt < 6 || line.charCodeAt(timeAt - 1) !== 91 || line.charCodeAt(timeAt - 2) !== 32) return undefined;
  const timeMs = combinedTimeAt(line, timeAt);
  if (Number.isNaN(timeMs) && !isCombinedTimeAt(line, timeAt)) return undefined;
  const requestAt = bracketAt + 3;
  const requestEnd = closingQuote(line, requestAt);
  if (requestEnd < 0) return undefined;
  const statusAt = requestEnd + 2;
  const status = Number(line.slice(statusAt, statusAt + 3));
  if (Number.isNaN(status) || line.charCodeAt(requestEnd + 1) !== 32) return undefined;
  const bytesAt = statusAt + 4;
  const space = line.indexOf(' ', bytesAt);
  const bytesEnd = space < 0 ? line.length : space;
  const bytes = line.charCodeAt(bytesAt) === 45 ? undefined : Number(line.slice(bytesAt, bytesEnd));
  const [referer, userAgent, forwardedFor] = quotedFrom(line, bytesEnd + 1);
  const request = splitRequest(unescaped(line.slice(requestAt, requestEnd)));
  const head = splitHead(line, timeAt - 2);
  return {
    timeMs,
    fields: accessFields({ ...head, ...request, status, bytes, referer, userAgent, forwardedFor }, settings),
  };
}

/** Where the quoted value that begins at `from` ends, or -1; a quote after an odd number of backslashes is inside. */
function closingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (at >= 0) {
    let slashes = 0;
    while (at - 1 - slashes >= from && line.charCodeAt(at - 1 - slashes) === 92) slashes += 1;
    if (slashes % 2 === 0) return at;
    at = line.indexOf('"', at + 1);
  }
  return -1;
}

function quotedFrom(line: string, from: number): (string | undefined)[] {
  const values: (string | undefined)[] = [];
  let at = from;
  while (values.length < 3 && line.charCodeAt(at) === 34) {
    const end = closingQuote(line, at + 1);
    if (end < 0) break;
    values.push(unescaped(line.slice(at + 1, end)));
    at = end + 2;
  }
  return values;
}

function splitHead(line: string, end: number): { peer: string; user?: string; host?: string } {
  let space = line.indexOf(' ');
  let peer = line.slice(0, space);
  let host: string | undefined;
  const second = line.slice(space + 1, Math.max(space + 1, line.indexOf(' ', space + 1)));
  if (second !== '-' && isIP(second) !== 0 && isIP(peer) === 0) {
    host = peer.replace(/:\d{1,5}$/, '');
    peer = second;
    space = line.indexOf(' ', space + 1);
  }
  const identEnd = line.indexOf(' ', space + 1);
  const user = identEnd > 0 && identEnd < end ? unescaped(line.slice(identEnd + 1, end)) : undefined;
  return { peer, ...(user === undefined ? {} : { user }), ...(host === undefined ? {} : { host }) };
}

/** `GET /x HTTP/1.1` in parts; what is no request line (a TLS hello on a plain port) is all target. */
export function splitRequest(request: string): { method?: string; target: string; version?: string } {
  const methodEnd = request.indexOf(' ');
  if (methodEnd < 1 || methodEnd > 32) return { target: request };
  const method = request.slice(0, methodEnd);
  const versionAt = request.lastIndexOf(' HTTP/');
  if (versionAt <= methodEnd) return { method, target: request.slice(methodEnd + 1) };
  return { method, target: request.slice(methodEnd + 1, versionAt), version: request.slice(versionAt + 1) };
}

const SIMPLE: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, f: 12, v: 11, '"': 34, '\\': 92, "'": 39 };

/** Undoes the servers' escapes (`\x22`, `\"`, `\\`, `\n`); bytes so written are read as UTF-8. */
function unescaped(value: string): string {
  if (!value.includes('\\')) return value;
  const bytes = Buffer.from(value, 'utf8');
  let out = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const next = byte === 92 ? String.fromCharCode(bytes[at + 1] ?? 0) : '';
    const hex = next === 'x' ? parseHexByte(bytes, at + 2) : -1;
    const simple = next === '' || next === 'x' ? undefined : SIMPLE[next];
    if (hex >= 0) at += 3;
    else if (simple !== undefined) at += 1;
    bytes[out] = hex >= 0 ? hex : (simple ?? byte);
    out += 1;
  }
  return bytes.toString('utf8', 0, out);
}

function parseHexByte(bytes: Buffer, at: number): number {
  const text = bytes.toString('latin1', at, at + 2);
  return /^[0-9a-fA-F]{2}$/.test(text) ? parseInt(text, 16) : -1;
}
