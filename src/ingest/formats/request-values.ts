import { decodeRequest } from './decode-request.js';

/** Values beyond this are given as one. */
const MAX_VALUES = 64;

/** Longer JSON is looked at as it stands. */
const MAX_JSON_CHARS = 16 * 1024;

/** Words, numbers and the signs of names, dates and tokens: what is made of these alone gives an interpreter nothing to run. */
const ORDINARY = /^[\w.,:@~!\u0080-\ufeff-]*={0,2}$/;
const ORDINARY_QUERY = /^[\w.,:@~!=&-]*$/;
const ORDINARY_PATH = /^[\w.,:@~!/+\u0080-\ufeff-]*$/;
/** Schemes are short, and a long run of letters must not be tried from each of them. */
const ODD_IN_PATH = /[a-z][a-z0-9+]{0,30}:\/|\/\*|[^\w.,:@~!/+*\u0080-\ufeff-]|\.\.|(?<=\/)\//i;
/** A product with its version, or plain words, as agents name themselves. */
const ORDINARY_AGENT = /^(?:[a-z][\w .+-]{0,80}\/v?\d[^'"<>$`|{}\\^%=\r\n]*|[\w .-]*)$/i;
/** Keys that mean nothing to whoever takes the object for a query, a class or a prototype. */
const ORDINARY_KEY = /^(?!__proto__$|constructor$)[\w .:/-]*$/;
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

/** What is rare is sought first: a common first character costs a look at each place where it stands. */
function hasOddRun(text: string): boolean {
  return text.includes('..') || text.includes('--') || (text.includes('x2e') && text.includes('0x2e'));
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
  // What stands around a bare && or entity, or an ampersand with a blank, belongs together.
  if (/&(?:&(?![\w.[\]-]+=)|\+|%20| |#|(?!amp;)[a-z]{2,7};)/i.test(query)) parts.push(query);
  for (const part of parts) addPart(values, part);
}

function addPart(values: string[], sent: string): void {
  // Links copied out of a page's source keep the entity.
  const part = sent.startsWith('amp;') ? sent.slice(4) : sent;
  const decoded = decodeValue(part);
  const equalsAt = part.indexOf('=');
  const name = equalsAt < 0 ? '' : decodeValue(part.slice(0, equalsAt));
  if (equalsAt < 0 || !/^[\w.:$-]*$/.test(name)) {
    addValue(values, decoded);
    return;
  }
  addValue(values, decodeValue(part.slice(equalsAt + 1)));
}

function addValue(values: string[], value: string): void {
  if (isOrdinary(value)) return;
  const first = value.charCodeAt(0);
  if ((first === 123 || first === 91) && value.length <= MAX_JSON_CHARS && addJson(values, value)) return;
  values.push(value);
}

/** Inside JSON that holds together the texts are what counts, its quotes are none that anybody broke out of. */
function addJson(values: string[], value: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return false;
  }
  const open: unknown[] = [parsed];
  for (let taken = 0; open.length > 0 && taken < MAX_VALUES; taken += 1) {
    const item = open.pop();
    if (typeof item === 'string') {
      if (!isOrdinary(item)) values.push(item);
    } else if (typeof item === 'object' && item !== null) {
      for (const [key, inner] of Object.entries(item)) {
        if (!Array.isArray(item) && !ORDINARY_KEY.test(key)) values.push(`${key}:`);
        open.push(inner);
      }
    }
  }
  return open.length === 0;
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
