import { decodeRequest } from './decode-request.js';

/** Values beyond this are given as one. */
const MAX_VALUES = 64;

/** Words, numbers and the signs of names, dates and tokens: what is made of these alone gives an interpreter nothing to run. */
const ORDINARY = /^[\w.,:@~!\u0080-\ufeff-]*={0,2}$/;
const ORDINARY_QUERY = /^[\w.,:@~!=&-]*$/;
const ORDINARY_PATH = /^[\w.,:@~!/+*\u0080-\ufeff-]*$/;
const ODD_IN_PATH = /[a-z][a-z0-9+]*:\/|[^\w.,:@~!/+*\u0080-\ufeff-]|\.\.|(?<=\/)\//i;
/** A product with its version, or plain words, as agents name themselves. */
const ORDINARY_AGENT = /^(?:[a-z][\w .+-]{0,80}\/v?\d[^'"<>$`|{}\\^%=\r\n]*|[\w .-]*)$/i;
const ORIGIN = /^https?:\/\/[\w.:@[\]-]+(?=[/?#]|$)/i;

/** Where a request came from and what it asked for, as sent. */
export interface SentParts {
  readonly stem: string;
  readonly query: string | undefined;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
}

/**
 * Each value that a request carries, decoded by itself, if it is odd enough to be looked at: parameters' values (with
 * their names where the name is odd too), the path from its first odd segment on, the same of the referer, and a user
 * agent unlike an agent's. What begins or ends a value is thereby known, and most requests have none.
 */
export function requestValues({ stem, query, referer, userAgent }: SentParts): string[] {
  const values: string[] = [];
  addPath(values, stem);
  if (query !== undefined) addQuery(values, query);
  if (referer !== undefined) addReferer(values, referer);
  if (userAgent !== undefined && (!ORDINARY_AGENT.test(userAgent) || userAgent.includes('..'))) {
    values.push(decodeRequest(userAgent));
  }
  return values;
}

function hasOddRun(text: string): boolean {
  return text.includes('..') || text.includes('--');
}

function addPath(values: string[], stem: string): void {
  if (ORDINARY_PATH.test(stem) && !stem.includes('..') && !stem.includes('//')) return;
  const path = decodeRequest(stem);
  const oddAt = path.search(ODD_IN_PATH);
  if (oddAt >= 0) values.push(path.slice(path.lastIndexOf('/', Math.max(0, oddAt - 1)) + 1));
}

function addQuery(values: string[], query: string): void {
  if (ORDINARY_QUERY.test(query) && !hasOddRun(query)) return;
  const parts = query.split('&', MAX_VALUES);
  const read = parts.reduce((sum, part) => sum + part.length + 1, 0);
  if (read < query.length) parts.push(query.slice(read));
  // What stands around a bare && or an ampersand with a blank belongs together.
  if (/&(?:&|\+|%20| )/.test(query)) parts.push(query);
  for (const part of parts) addPart(values, part);
}

function addPart(values: string[], sent: string): void {
  // Links copied out of a page's source keep the entity.
  const part = sent.startsWith('amp;') ? sent.slice(4) : sent;
  const decoded = decodeValue(part);
  const equalsAt = part.indexOf('=');
  const name = equalsAt < 0 ? '' : decodeValue(part.slice(0, equalsAt));
  if (equalsAt < 0 || !/^[\w.:$-]*$/.test(name)) {
    if (!isOrdinary(decoded)) values.push(decoded);
    return;
  }
  const value = decodeValue(part.slice(equalsAt + 1));
  if (!isOrdinary(value)) values.push(value);
}

function isOrdinary(value: string): boolean {
  return ORDINARY.test(value) && !hasOddRun(value);
}

/** A parameter, in which `+` is a blank. */
function decodeValue(text: string): string {
  return decodeRequest(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

function addReferer(values: string[], referer: string): void {
  const origin = ORIGIN.exec(referer)?.[0];
  if (origin === undefined) {
    if (!isOrdinary(referer)) values.push(decodeValue(referer));
    return;
  }
  const rest = referer.slice(origin.length).split('#', 1)[0] ?? '';
  const queryAt = rest.indexOf('?');
  addPath(values, queryAt < 0 ? rest : rest.slice(0, queryAt));
  if (queryAt >= 0) addQuery(values, rest.slice(queryAt + 1));
}
