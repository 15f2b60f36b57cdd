export const OBJECT = 1;
export const ARRAY = 2;
/** A key of ASCII without escapes; `marks` holds its hash. */
export const KEY = 3;
/** A string of ASCII without escapes. */
export const STRING = 4;
/** Any other string: it has to be decoded before it can be compared. */
export const RICH_STRING = 5;
/** A number whose text form is its bytes. */
export const PLAIN_NUMBER = 6;
export const NUMBER = 7;
/** `true`, `false` and `null`. */
export const WORD = 8;

/** Objects and arrays nested deeper than this are left to the full parser. */
const MAX_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes at which a plain string ends or is none: quote, backslash, control characters, and all that is not ASCII. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === QUOTE || byte === BACKSLASH || byte < 0x20 || byte >= 0x80 ? 1 : 0,
);

/** The hash that key tokens carry. */
export function keyHash(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at++) hash = (Math.imul(hash, 31) + name.charCodeAt(at)) | 0;
  return hash;
}

/**
 * Takes one JSON object apart without building it: where each key and value lies. It accepts only what is JSON, on one
 * line, with plain keys; whatever else comes, it gives up, and the caller parses. One instance serves all lines in turn.
 */
export class JsonTokens {
  kinds = new Uint8Array(1024);
  /** Where the token's content begins and ends; strings without their quotes. */
  starts = new Int32Array(1024);
  ends = new Int32Array(1024);
  /** For objects and arrays the index after their last token; for keys the hash. */
  marks = new Int32Array(1024);
  count = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;

  /** Whether the bytes are an object that could be taken apart. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#end = end;
    this.count = 0;
    const at = this.#skip(start);
    if (at >= end || bytes[at] !== 0x7b) return false;
    const after = this.#object(at, 0);
    return after !== -1 && this.#skip(after) >= end;
  }

  #value(at: number, depth: number): number {
    const byte = this.#bytes[at] ?? 0;
    if (byte === QUOTE) return this.#string(at + 1);
    if (byte === 0x7b) return depth < MAX_DEPTH ? this.#object(at, depth + 1) : -1;
    if (byte === 0x5b) return depth < MAX_DEPTH ? this.#array(at, depth + 1) : -1;
    if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.#number(at);
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
      at = this.#skip(at);
      if (bytes[at] !== 0x3a) return -1;
      at = this.#value(this.#skip(at + 1), depth);
      if (at === -1) return -1;
      at = this.#skip(at);
      if (bytes[at] === 0x7d) return this.#close(token, at);
      if (bytes[at] !== 0x2c) return -1;
      at = this.#skip(at + 1);
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
      if (bytes[at] !== 0x2c) return -1;
      at = this.#skip(at + 1);
    }
  }

  #close(token: number, at: number): number {
    if (at >= this.#end) return -1;
    this.ends[token] = at + 1;
    this.marks[token] = this.count;
    return at + 1;
  }

  #key(start: number): number {
    const bytes = this.#bytes;
    let hash = 0;
    let at = start;
    for (let byte = bytes[at] ?? 0; STOPS[byte] === 0; byte = bytes[++at] ?? 0) hash = (Math.imul(hash, 31) + byte) | 0;
    if (at >= this.#end || bytes[at] !== QUOTE) return -1;
    this.#add(KEY, start, at, hash);
    return at + 1;
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
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#add(RICH_STRING, start, at, 0);
        return at + 1;
      }
      if (byte < 0x20) return -1;
      if (byte === BACKSLASH && !this.#isEscape(++at)) return -1;
    }
    return -1;
  }

  #isEscape(at: number): boolean {
    const byte = this.#bytes[at] ?? 0;
    if (byte !== 0x75) return '"\\/bfnrt'.includes(String.fromCharCode(byte));
    for (let digit = at + 1; digit <= at + 4; digit++) {
      const hex = (this.#bytes[digit] ?? 0) | 0x20;
      if (!((hex >= 0x30 && hex <= 0x39) || (hex >= 0x61 && hex <= 0x66))) return false;
    }
    return true;
  }

  #number(start: number): number {
    const bytes = this.#bytes;
    let at = bytes[start] === 0x2d ? start + 1 : start;
    const first = bytes[at] ?? 0;
    const digits = this.#digits(at);
    if (digits === at || (first === 0x30 && digits > at + 1)) return -1;
    at = digits;
    let isPlain = at - start <= 15 && bytes[start] !== 0x2d;
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
    let at = from;
    while (at < this.#end && (this.#bytes[at] ?? 0) >= 0x30 && (this.#bytes[at] ?? 0) <= 0x39) at++;
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
    let at = from;
    while (at < this.#end) {
      const byte = this.#bytes[at];
      if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) break;
      at++;
    }
    return at;
  }

  #add(kind: number, start: number, end: number, mark: number): number {
    const token = this.count++;
    if (token === this.kinds.length) this.#grow();
    this.kinds[token] = kind;
    this.starts[token] = start;
    this.ends[token] = end;
    this.marks[token] = mark;
    return token;
  }

  #grow(): void {
    const size = this.kinds.length * 2;
    const grown = <T extends Uint8Array | Int32Array>(next: T, old: T): T => {
      next.set(old);
      return next;
    };
    this.kinds = grown(new Uint8Array(size), this.kinds);
    this.starts = grown(new Int32Array(size), this.starts);
    this.ends = grown(new Int32Array(size), this.ends);
    this.marks = grown(new Int32Array(size), this.marks);
  }
}
