import { type Candidates } from './candidates.js';
import { EdgeFinder } from './edge-finder.js';
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
  readonly #edges: EdgeFinder | undefined;

  constructor(patterns: readonly Pattern[]) {
    const quads: Pattern[] = [];
    const pairs: Pattern[] = [];
    const edges: Pattern[] = [];
    const foreign = new Set<number>();
    for (const pattern of patterns) {
      const literal = longestAscii(pattern.literal);
      const isWhole = literal === pattern.literal;
      const isShort = literal.length < QUAD - 1;
      if (isShort && !isWhole) foreign.add(pattern.rule);
      else if (isWhole && pattern.anchor !== 0 && literal.length >= QUAD) edges.push(pattern);
      else (isShort ? pairs : quads).push(isWhole ? pattern : { literal, anchor: 0, rule: pattern.rule });
    }
    this.#quads = quads.length === 0 ? undefined : new GramTable(quads, QUAD);
    this.#pairs = pairs.length === 0 ? undefined : new GramTable(pairs, PAIR);
    this.#foreign = Int32Array.from(foreign);
    this.#edges = edges.length === 0 ? undefined : new EdgeFinder(edges);
  }

  /** Over bytes that are ASCII. */
  findInBytes(bytes: Uint8Array, start: number, end: number, candidates: Candidates): void {
    if (this.#quads !== undefined) findQuads(this.#quads, bytes, start, end, candidates);
    if (this.#pairs !== undefined) findPairs(this.#pairs, bytes, start, end, candidates);
    this.#edges?.findInBytes(bytes, start, end, candidates);
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

function findQuads(table: GramTable, bytes: Uint8Array, start: number, end: number, candidates: Candidates): void {
  const { bits, shift } = table;
  let word = 0;
  for (let at = start; at < end; at++) {
    word = (word << 8) | 0x20 | (bytes[at] ?? 0);
    const place = Math.imul(word, FACTOR) >>> shift;
    if (((bits[place >>> 5] ?? 0) & (1 << place)) !== 0) table.compare(word, bytes, start, at, end, candidates);
  }
}

function findPairs(table: GramTable, bytes: Uint8Array, start: number, end: number, candidates: Candidates): void {
  const { bits, shift } = table;
  let word = 0;
  for (let at = start; at < end; at++) {
    word = ((word << 8) | 0x20 | (bytes[at] ?? 0)) & PAIR_MASK;
    const place = Math.imul(word, FACTOR) >>> shift;
    if (((bits[place >>> 5] ?? 0) & (1 << place)) !== 0) table.compare(word, bytes, start, at, end, candidates);
  }
}
