const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const OPEN_BRACKET = 91;
const CLOSE_BRACE = 125;
const CLOSE_BRACKET = 93;
const COMMA = 44;
const COLON = 58;

const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/** The first place from `at` on that is no blank. */
export function skipBlanks(bytes: Buffer, at: number): number {
  let next = at;
  while (isBlank(bytes[next])) next += 1;
  return next;
}

/** Behind the closing quote of the string that begins at `at`, or -1. */
function stringEnd(bytes: Buffer, at: number): number {
  for (let quote = bytes.indexOf(QUOTE, at + 1); quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) {
    let slashes = 0;
    while (bytes[quote - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return -1;
}

/**
 * Behind the JSON value that begins at `at`, or -1 when it does not end. Finds places only: what lies between is checked by whoever parses
 * it, so that a value can be passed on with the bytes that were sent.
 */
export function valueEnd(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return stringEnd(bytes, at);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return scalarEnd(bytes, at);
  let depth = 0;
  for (let next = at; next < bytes.length; next += 1) {
    const byte = bytes[next];
    if (byte === QUOTE) {
      next = stringEnd(bytes, next) - 1;
      if (next < 0) return -1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return next + 1;
    }
  }
  return -1;
}

function scalarEnd(bytes: Buffer, at: number): number {
  let next = at;
  while (next < bytes.length) {
    const byte = bytes[next];
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isBlank(byte)) break;
    next += 1;
  }
  return next === at ? -1 : next;
}

/** The bytes of the member `name` of an object that is known to parse, as parsing has it: the last of several, also with a name that is escaped. */
export function memberBytes(object: Buffer, name: string): Buffer | undefined {
  let found: Buffer | undefined;
  for (const value of membersNamed(object, name)) found = value;
  return found;
}

/** Longest value of a member that is looked at by itself, in bytes. */
const MAX_VALUE_BYTES = 64 * 1024;

/** More members of one name than this are not looked for. */
const MAX_VALUES = 100;

/** The values of the member `name` of an object, the first hundred, as far as its text is sound. */
export function valuesOfMember(text: Buffer, name: string): unknown[] {
  if (text[skipBlanks(text, 0)] !== OPEN_BRACE) return [];
  const values: unknown[] = [];
  for (const value of membersNamed(text, name)) {
    if (value.length > MAX_VALUE_BYTES) continue;
    if (values.length === MAX_VALUES) break;
    try {
      values.push(JSON.parse(value.toString('utf8')));
    } catch {
      // What it says cannot be told.
    }
  }
  return values;
}

function* membersNamed(object: Buffer, name: string): Generator<Buffer> {
  const plain = Buffer.from(JSON.stringify(name));
  let at = skipBlanks(object, skipBlanks(object, 0) + 1);
  while (object[at] === QUOTE) {
    const nameEnd = stringEnd(object, at);
    const valueAt = skipBlanks(object, skipBlanks(object, nameEnd) + 1);
    const end = valueEnd(object, valueAt);
    if (nameEnd < 0 || object[skipBlanks(object, nameEnd)] !== COLON || end < 0) return;
    if (isNamed(object.subarray(at, nameEnd), plain, name)) yield object.subarray(valueAt, end);
    at = skipBlanks(object, end);
    if (object[at] !== COMMA) return;
    at = skipBlanks(object, at + 1);
  }
}

/** Longest escape of one character of a name, in bytes: `\u0065`. */
const ESCAPE_BYTES = 6;

function isNamed(quoted: Buffer, plain: Buffer, name: string): boolean {
  if (quoted.equals(plain)) return true;
  if (quoted.length > name.length * ESCAPE_BYTES + 2 || !quoted.includes(BACKSLASH)) return false;
  try {
    return JSON.parse(quoted.toString('utf8')) === name;
  } catch {
    return false;
  }
}

/**
 * The values of a body that is an array, or of values one after another with or without blanks between; `badAt` is the place, from 1, of one that does
 * not end. At most `limit` and one more are looked for.
 */
export function jsonValues(
  bytes: Buffer,
  limit: number,
): { readonly values: readonly Buffer[]; readonly badAt?: number } {
  const values: Buffer[] = [];
  let at = skipBlanks(bytes, 0);
  const isArray = bytes[at] === OPEN_BRACKET;
  if (isArray) at = skipBlanks(bytes, at + 1);
  while (at < bytes.length && values.length <= limit) {
    if (isArray && bytes[at] === CLOSE_BRACKET) {
      return skipBlanks(bytes, at + 1) === bytes.length ? { values } : { values, badAt: values.length + 1 };
    }
    const end = valueEnd(bytes, at);
    if (end < 0) return { values, badAt: values.length + 1 };
    values.push(bytes.subarray(at, end));
    at = skipBlanks(bytes, end);
    if (bytes[at] === COMMA) at = skipBlanks(bytes, at + 1);
  }
  return isArray && values.length <= limit ? { values, badAt: values.length + 1 } : { values };
}

/** Bounds of a text that is to be parsed at once. */
export interface Density {
  /** Most objects, lists, members and elements. */
  readonly parts: number;
  /** The names that its members have. */
  readonly names: NameTable;
  /** Most members of other names. */
  readonly foreignNames: number;
}

/** Whether what may be JSON goes beyond these bounds; what stands within strings does not count. */
export function isTooDense(bytes: Buffer, { parts, names, foreignNames }: Density): boolean {
  let left = parts;
  let foreignLeft = foreignNames;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = stringEnd(bytes, at);
      if (end < 0) return false;
      if (bytes[skipBlanks(bytes, end)] === COLON && !names.has(bytes, at + 1, end - 1)) foreignLeft -= 1;
      at = end - 1;
    } else if (byte === COMMA || byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      left -= 1;
    }
    if (left < 0 || foreignLeft < 0) return true;
  }
  return false;
}

/** Names that are found among bytes without a string being made of them. */
export class NameTable {
  readonly #byLength: readonly (readonly Buffer[])[];

  constructor(names: readonly string[]) {
    const byLength: Buffer[][] = [];
    for (const name of names) (byLength[name.length] ??= []).push(Buffer.from(name));
    this.#byLength = byLength;
  }

  has(bytes: Buffer, from: number, end: number): boolean {
    for (const name of this.#byLength[end - from] ?? []) {
      let index = 0;
      while (index < name.length && bytes[from + index] === name[index]) index += 1;
      if (index === name.length) return true;
    }
    return false;
  }
}
