export const OBJECT = 1;
export const ARRAY = 2;
/** A key of ASCII without escapes; its mark is its hash. */
export const KEY = 3;
/** A string of ASCII without escapes. */
export const STRING = 4;
/** A string of ASCII whose escapes are all of one character (`\\`, `\"`, `\n`). */
export const ESCAPED_STRING = 5;
/** Any other string: it has to be decoded before it can be compared. */
export const RICH_STRING = 6;
/** A number whose text form is its bytes. */
export const PLAIN_NUMBER = 7;
export const NUMBER = 8;
/** `true`, `false` and `null`. */
export const WORD = 9;

/** A token on the tape: its kind, where its content begins and ends (strings without their quotes), and its mark. */
export const START = 1;
export const END = 2;
/** For objects and arrays where the token after their last one lies; for keys the hash. */
export const MARK = 3;
export const TOKEN = 4;

/** Objects and arrays nested deeper than this are left to the full parser. */
const MAX_DEPTH = 64;

/** The keys of an object are compared with one another up to this many. */
const MOST_COMPARED_KEYS = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;

/** Bytes at which a plain string ends or is none: quote, backslash, control characters, and all that is not ASCII. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === QUOTE || byte === BACKSLASH || byte < 0x20 || byte >= 0x80 ? 1 : 0,
);

/** What an escape of one character stands for; 0 for what is none. */
export const UNESCAPED = new Uint8Array(256);
for (const [letter, char] of Object.entries({
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
})) {
  UNESCAPED[letter.charCodeAt(0)] = char.charCodeAt(0);
}

/** The hash that key tokens carry: of a key's length and of five of its characters. */
export function keyHash(name: string): number {
  const last = name.length - 1;
  const code = (at: number): number => (last < 0 ? 0 : name.charCodeAt(at));
  return mixed(name.length, code(0), code(last >> 2), code(last >> 1), code(last - (last >> 2)), code(last));
}

/** As `keyHash`, for a key of at least one character that lies in `bytes`. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  const last = end - 1 - start;
  return mixed(
    last + 1,
    bytes[start] ?? 0,
    bytes[start + (last >> 2)] ?? 0,
    bytes[start + (last >> 1)] ?? 0,
    bytes[end - 1 - (last >> 2)] ?? 0,
    bytes[end - 1] ?? 0,
  );
}

function mixed(length: number, a: number, b: number, c: number, d: number, e: number): number {
  let hash = Math.imul(length, 31) + a;
  hash = Math.imul(hash, 31) + b;
  hash = Math.imul(hash, 31) + c;
  hash = Math.imul(hash, 31) + d;
  hash = Math.imul(hash, 31) + e;
  return hash ^ (hash >>> 11);
}

const EMPTY_KEY = keyHash('');

/**
 * Takes one JSON object apart without building it: where each key and value lies. It accepts only what is JSON, on one
 * line, with plain keys; whatever else comes, it gives up, and the caller parses. One instance serves all lines in turn.
 */
export class JsonTokens {
  /** The tokens in the order of the text, `TOKEN` numbers each. */
  tape = new Int32Array(1024 * TOKEN);
  #used = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;

  /** Whether the bytes are an object that could be taken apart. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#end = end;
    this.#used = 0;
    const at = this.#skip(start);
    if (at >= end || bytes[at] !== 0x7b) return false;
    const after = this.#object(at, 0);
    return after !== -1 && this.#skip(after) >= end;
  }

  /** Whether some object may hold a key twice, of which the parser keeps the later one. */
  mayRepeatKeys(): boolean {
    const { tape } = this;
    for (let token = 0; token < this.#used; token += TOKEN) {
      if (tape[token] === OBJECT && this.#mayRepeatKeysOf(token)) return true;
    }
    return false;
  }

  #mayRepeatKeysOf(object: number): boolean {
    const { tape } = this;
    const end = tape[object + MARK] ?? 0;
    const hashes: number[] = [];
    let key = object + TOKEN;
    while (key < end) {
      const hash = tape[key + MARK] ?? 0;
      if (hashes.length === MOST_COMPARED_KEYS || hashes.includes(hash)) return true;
      hashes.push(hash);
      const value = key + TOKEN;
      const isNested = tape[value] === OBJECT || tape[value] === ARRAY;
      key = isNested ? (tape[value + MARK] ?? end) : value + TOKEN;
    }
    return false;
  }

  #value(at: number, depth: number): number {
    const byte = this.#bytes[at] ?? 0;
    if (byte === QUOTE) return this.#string(at + 1);
    if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.#number(at, byte);
    if (byte === 0x7b) return depth < MAX_DEPTH ? this.#object(at, depth + 1) : -1;
    if (byte === 0x5b) return depth < MAX_DEPTH ? this.#array(at, depth + 1) : -1;
    return this.#word(at, byte);
  }

  #object(start: number, depth: number): number {
    const bytes = this.#bytes;
    const token = this.#add(OBJECT, start, start, 0);
    let at = this.#skip(start + 1);
    if (bytes[at] === 0x7d) return this.#close(token, at);
    for (;;) {
      if (bytes[at] !== QUOTE) return -1;
      at = this.#key(at + 1);
      if (at === -1) return -1;
      at = this.#value(at, depth);
      if (at === -1) return -1;
      if (bytes[at] !== COMMA) {
        at = this.#skip(at);
        if (bytes[at] === 0x7d) return this.#close(token, at);
        if (bytes[at] !== COMMA) return -1;
      }
      at++;
      if (bytes[at] !== QUOTE) at = this.#skip(at);
    }
  }

  #array(start: number, depth: number): number {
    const bytes = this.#bytes;
    const token = this.#add(ARRAY, start, start, 0);
    let at = this.#skip(start + 1);
    if (bytes[at] === 0x5d) return this.#close(token, at);
    for (;;) {
      at = this.#value(at, depth);
      if (at === -1) return -1;
      at = this.#skip(at);
      if (bytes[at] === 0x5d) return this.#close(token, at);
      if (bytes[at] !== COMMA) return -1;
      at = this.#skip(at + 1);
    }
  }

  #close(token: number, at: number): number {
    if (at >= this.#end) return -1;
    this.tape[token + END] = at + 1;
    this.tape[token + MARK] = this.#used;
    return at + 1;
  }

  /** Reads a key and its colon; gives where the value begins. */
  #key(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (STOPS[bytes[at] ?? 0] === 0) at++;
    if (at >= this.#end || bytes[at] !== QUOTE) return -1;
    this.#add(KEY, start, at, at === start ? EMPTY_KEY : hashOf(bytes, start, at));
    at++;
    if (bytes[at] !== COLON) {
      at = this.#skip(at);
      if (bytes[at] !== COLON) return -1;
    }
    return this.#skip(at + 1);
  }

  #string(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (STOPS[bytes[at] ?? 0] === 0) at++;
    if (at >= this.#end) return -1;
    if (bytes[at] !== QUOTE) return this.#richString(start, at);
    this.#add(STRING, start, at, 0);
    return at + 1;
  }

  #richString(start: number, from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let kind = ESCAPED_STRING;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (STOPS[byte] === 0) continue;
      if (byte === QUOTE) {
        this.#add(kind, start, at, 0);
        return at + 1;
      }
      if (byte < 0x20) return -1;
      if (byte === BACKSLASH) {
        at++;
        if (UNESCAPED[bytes[at] ?? 0] !== 0) continue;
        if (!this.#isCodeUnit(at)) return -1;
      }
      kind = RICH_STRING;
    }
    return -1;
  }

  /** Whether `u` and four hexadecimal digits stand there. */
  #isCodeUnit(at: number): boolean {
    if (this.#bytes[at] !== 0x75) return false;
    for (let digit = at + 1; digit <= at + 4; digit++) {
      const hex = (this.#bytes[digit] ?? 0) | 0x20;
      if (!((hex >= 0x30 && hex <= 0x39) || (hex >= 0x61 && hex <= 0x66))) return false;
    }
    return true;
  }

  #number(start: number, byte: number): number {
    const bytes = this.#bytes;
    const isNegative = byte === 0x2d;
    let at = isNegative ? start + 1 : start;
    const first = bytes[at] ?? 0;
    const digits = this.#digits(at);
    if (digits === at || (first === 0x30 && digits > at + 1)) return -1;
    at = digits;
    let isPlain = at - start <= 15 && !isNegative;
    if (bytes[at] === 0x2e) {
      isPlain = false;
      const fraction = this.#digits(at + 1);
      if (fraction === at + 1) return -1;
      at = fraction;
    }
    if (((bytes[at] ?? 0) | 0x20) === 0x65) {
      isPlain = false;
      const sign = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? at + 2 : at + 1;
      at = this.#digits(sign);
      if (at === sign) return -1;
    }
    this.#add(isPlain ? PLAIN_NUMBER : NUMBER, start, at, 0);
    return at;
  }

  #digits(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = from;
    while (at < end && (bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39) at++;
    return at;
  }

  #word(at: number, byte: number): number {
    const word = byte === 0x74 ? 'true' : byte === 0x66 ? 'false' : byte === 0x6e ? 'null' : undefined;
    if (word === undefined || at + word.length > this.#end) return -1;
    for (let index = 1; index < word.length; index++) {
      if (this.#bytes[at + index] !== word.charCodeAt(index)) return -1;
    }
    this.#add(WORD, at, at + word.length, 0);
    return at + word.length;
  }

  /** Blanks within a line. */
  #skip(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = from;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d)) break;
      at++;
    }
    return at;
  }

  #add(kind: number, start: number, end: number, mark: number): number {
    const token = this.#used;
    this.#used = token + TOKEN;
    if (this.#used > this.tape.length) this.#grow();
    const { tape } = this;
    tape[token] = kind;
    tape[token + START] = start;
    tape[token + END] = end;
    tape[token + MARK] = mark;
    return token;
  }

  #grow(): void {
    const tape = new Int32Array(this.tape.length * 2);
    tape.set(this.tape);
    this.tape = tape;
  }
}
