import { isInCommonWord, RARITY_BITS } from '../compile/commonness.js';
import { type Candidates } from './candidates.js';

/** What is found: `rule` when `literal`, which is ASCII and folded, is met where it has to stand. */
export interface Pattern {
  readonly literal: string;
  readonly anchor: number;
  readonly rule: number;
}

/** Bits of an anchor: the literal has to stand at the beginning of the value, at its end. */
export const AT_START = 1;
export const AT_END = 2;

/** One pattern as it lies in `#entries`. */
const LETTER = 0;
const LENGTH = 1;
const GRAM_END = 2;
const ANCHOR = 3;
const RULE = 4;
const NEXT = 5;

/** Bits in the filter for each gram that is filed: that many stretches of a text are let by in vain for one that is not. */
const BITS_PER_GRAM = 64;
const FEWEST_BITS_LOG2 = 10;

/** How much each pattern that already lies under a gram speaks against filing another one there, in bits of rarity. */
const CROWDING = 1;

/** Spreads words over the places of the tables (Knuth's multiplicative hashing). */
export const FACTOR = 0x9e3779b1 | 0;

/** ASCII bytes without differences of case. */
const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

/**
 * Patterns by one of their grams, that is characters in a row, each with bit 0x20 set, so that the cases of a letter are
 * one. `bits` is the filter: a gram that has no bit at its place is no pattern's.
 */
export class GramTable {
  readonly bits: Int32Array;
  readonly shift: number;
  /** The literals, one after the other. */
  readonly #letters: Uint8Array;
  readonly #entries: Int32Array;
  /** An open table: the word at a place, and its first entry, or -1 where nothing lies. */
  readonly #keys: Int32Array;
  readonly #heads: Int32Array;
  readonly #keyShift: number;

  /**
   * Literals may be one shorter than a gram. `gramEndOf` says where the gram ends under which a literal is filed; its
   * rarest unless given.
   */
  constructor(patterns: readonly Pattern[], size: number, gramEndOf?: (literal: string) => number) {
    const heads = new Map<number, number>();
    const entries: number[] = [];
    const letters: string[] = [];
    const gramEnds = new Map<string, number>();
    const crowds = new Map<number, number>();
    let letter = 0;
    for (const { literal, anchor, rule } of patterns) {
      const gramEnd = gramEndOf?.(literal) ?? gramEnds.get(literal) ?? bestGramEnd(literal, size, crowds);
      gramEnds.set(literal, gramEnd);
      for (const word of wordsEndingAt(literal, gramEnd, size)) {
        crowds.set(word, (crowds.get(word) ?? 0) + 1);
        const next = heads.get(word) ?? -1;
        heads.set(word, entries.length);
        entries.push(letter, literal.length, gramEnd, anchor, rule, next);
      }
      letters.push(literal);
      letter += literal.length;
    }
    this.#letters = Buffer.from(letters.join(''), 'latin1');
    this.#entries = Int32Array.from(entries);
    const bitsLog2 = Math.max(FEWEST_BITS_LOG2, Math.ceil(Math.log2(heads.size * BITS_PER_GRAM)));
    this.shift = 32 - bitsLog2;
    this.bits = new Int32Array(2 ** (bitsLog2 - 5));
    const keysLog2 = Math.ceil(Math.log2(heads.size)) + 1;
    this.#keyShift = 32 - keysLog2;
    this.#keys = new Int32Array(2 ** keysLog2);
    this.#heads = new Int32Array(2 ** keysLog2).fill(-1);
    for (const [word, head] of heads) this.#put(word, head);
  }

  /** Names the rules whose literals lie in the value around the gram `word` that ends at `at`. */
  compare(word: number, bytes: Uint8Array, start: number, at: number, end: number, candidates: Candidates): void {
    const entries = this.#entries;
    for (let entry = this.#heads[this.#placeOf(word)] ?? -1; entry !== -1; entry = entries[entry + NEXT] ?? -1) {
      const from = at - (entries[entry + GRAM_END] ?? 0);
      const to = from + (entries[entry + LENGTH] ?? 0);
      const anchor = entries[entry + ANCHOR] ?? 0;
      if (from < start || to > end) continue;
      if (((anchor & AT_START) !== 0 && from !== start) || ((anchor & AT_END) !== 0 && to !== end)) continue;
      const rule = entries[entry + RULE] ?? 0;
      if (!candidates.has(rule) && this.#isSame(entries[entry + LETTER] ?? 0, bytes, from, to)) candidates.add(rule);
    }
  }

  #isSame(letter: number, bytes: Uint8Array, from: number, to: number): boolean {
    const letters = this.#letters;
    for (let at = from, sought = letter; at < to; at++, sought++) {
      if (FOLDED[bytes[at] ?? 0] !== letters[sought]) return false;
    }
    return true;
  }

  #put(word: number, head: number): void {
    const bit = Math.imul(word, FACTOR) >>> this.shift;
    this.bits[bit >>> 5] = (this.bits[bit >>> 5] ?? 0) | (1 << bit);
    const place = this.#placeOf(word);
    this.#keys[place] = word;
    this.#heads[place] = head;
  }

  /** Where the word lies, or would. */
  #placeOf(word: number): number {
    const mask = this.#keys.length - 1;
    let place = Math.imul(word, FACTOR) >>> this.#keyShift;
    while (this.#heads[place] !== -1 && this.#keys[place] !== word) place = (place + 1) & mask;
    return place;
  }
}

/** Where in the literal its rarest gram ends, those aside where many others lie already. */
function bestGramEnd(literal: string, size: number, crowds: ReadonlyMap<number, number>): number {
  let best = literal.length - 1;
  let bestBits = -Infinity;
  for (let end = size - 1; end < literal.length; end++) {
    const bits = gramRarity(literal, end, size) - (crowds.get(wordOf(literal, end, size)) ?? 0) * CROWDING;
    if (bits <= bestBits) continue;
    bestBits = bits;
    best = end;
  }
  return best;
}

/** How rare the gram that ends at `end` is guessed to be, in bits. */
export function gramRarity(literal: string, end: number, size: number): number {
  let bits = 0;
  for (let at = end - size + 1; at <= end; at++) bits += RARITY_BITS[literal.charCodeAt(at)] ?? 0;
  return isInCommonWord(literal.slice(end - size + 1, end + 1)) ? bits / 2 : bits;
}

/** The words under which a literal is filed: one, or for a literal one character too short all that end in it. */
function wordsEndingAt(literal: string, end: number, size: number): readonly number[] {
  const word = wordOf(literal, end, size);
  return literal.length >= size ? [word] : BEFORE.map((before) => (before << (8 * literal.length)) | word);
}

/** What can stand before a literal: nothing, ASCII with bit 0x20 set, and what is not ASCII. */
const BEFORE = [0, ...Array.from({ length: 128 }, (_, code) => code).filter((code) => (code & 0x20) !== 0), 0xff];

/** The word of the gram that ends at `end`; for a literal shorter than a gram, of all of it. */
export function wordOf(literal: string, end: number, size: number): number {
  let word = 0;
  for (let at = Math.max(0, end - size + 1); at <= end; at++) word = (word << 8) | literal.charCodeAt(at) | 0x20;
  return word;
}
