import { type Candidates } from './candidates.js';
import { FACTOR, GramTable, type Pattern } from './gram-table.js';

const QUAD = 4;
const PAIR = 2;
const PAIR_MASK = 0xffff;

/** What stands in a word of characters for each that is not ASCII: no literal has it. */
const FOREIGN = 0xff;

/**
 * Meets every literal wherever it stands in a text. Each literal is filed under its rarest four characters in a row
 * (those of one or two under two); a walk over the text asks a bit table about each stretch of that length, and only
 * where the bit is set the literals filed there are compared. Unlike an automaton's, neighbouring steps do not wait for
 * one another, and the bits fit the nearest cache.
 */
export class LiteralFinder {
  readonly #quads: GramTable | undefined;
  readonly #pairs: GramTable | undefined;
  /** Rules whose literal has no stretch of ASCII worth looking for: met by any text that is not all ASCII. */
  readonly #foreign: Int32Array;
  /** So far into a text, from its beginning and from its end, a literal can stand. */
  readonly #reach: number;

  constructor(patterns: readonly Pattern[]) {
    const quads: Pattern[] = [];
    const pairs: Pattern[] = [];
    const foreign = new Set<number>();
    let reach = 0;
    for (const pattern of patterns) {
      const literal = longestAscii(pattern.literal);
      const isWhole = literal === pattern.literal;
      const isShort = literal.length < QUAD - 1;
      if (isShort && !isWhole) foreign.add(pattern.rule);
      else (isShort ? pairs : quads).push(isWhole ? pattern : { literal, anchor: 0, rule: pattern.rule });
      reach = pattern.anchor === 0 || !isWhole ? Infinity : Math.max(reach, literal.length);
    }
    this.#quads = quads.length === 0 ? undefined : new GramTable(quads, QUAD);
    this.#pairs = pairs.length === 0 ? undefined : new GramTable(pairs, PAIR);
    this.#foreign = Int32Array.from(foreign);
    this.#reach = reach;
  }

  /** Over bytes that are ASCII. */
  findInBytes(bytes: Uint8Array, start: number, end: number, candidates: Candidates): void {
    const reach = this.#reach;
    if (end - start <= reach * 2) this.#find(bytes, start, end, start, end, candidates);
    else {
      this.#find(bytes, start, start + reach, start, end, candidates);
      this.#find(bytes, end - reach, end, start, end, candidates);
    }
  }

  /** Over any text; tells whether it is ASCII. */
  findInText(text: string, candidates: Candidates): boolean {
    const { length } = text;
    if (length > scratch.length) scratch = new Uint8Array(length * 2);
    const bytes = scratch;
    let seen = 0;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      seen |= code;
      bytes[at] = code < 0x80 ? code : FOREIGN;
    }
    const isAscii = seen < 0x80;
    if (!isAscii) for (const rule of this.#foreign) candidates.add(rule);
    this.findInBytes(bytes, 0, length, candidates);
    return isAscii;
  }

  #find(bytes: Uint8Array, from: number, to: number, start: number, end: number, candidates: Candidates): void {
    if (this.#quads !== undefined) findQuads(this.#quads, bytes, from, to, start, end, candidates);
    if (this.#pairs !== undefined) findPairs(this.#pairs, bytes, from, to, start, end, candidates);
  }
}

/** The text being read, as bytes. */
let scratch = new Uint8Array(1024);

const NOT_ASCII = /[^\0-\x7f]+/u;

/** The longest part of the literal that is ASCII: a text that holds the literal holds that, too. */
function longestAscii(literal: string): string {
  let longest = '';
  for (const part of literal.split(NOT_ASCII)) if (part.length > longest.length) longest = part;
  return longest;
}

/** Walks from `from` to `to` within a value that lies from `start` to `end`. */
function findQuads(
  table: GramTable,
  bytes: Uint8Array,
  from: number,
  to: number,
  start: number,
  end: number,
  candidates: Candidates,
): void {
  const { bits, shift } = table;
  let word = 0;
  for (let at = from; at < to; at++) {
    word = (word << 8) | 0x20 | (bytes[at] ?? 0);
    const place = Math.imul(word, FACTOR) >>> shift;
    if (((bits[place >>> 5] ?? 0) & (1 << place)) !== 0) table.compare(word, bytes, start, at, end, candidates);
  }
}

function findPairs(
  table: GramTable,
  bytes: Uint8Array,
  from: number,
  to: number,
  start: number,
  end: number,
  candidates: Candidates,
): void {
  const { bits, shift } = table;
  let word = 0;
  for (let at = from; at < to; at++) {
    word = ((word << 8) | 0x20 | (bytes[at] ?? 0)) & PAIR_MASK;
    const place = Math.imul(word, FACTOR) >>> shift;
    if (((bits[place >>> 5] ?? 0) & (1 << place)) !== 0) table.compare(word, bytes, start, at, end, candidates);
  }
}
