import { EVERYWHERE, RARITY_BITS } from '../compile/commonness.js';
import {
  FACTOR,
  FOREIGN,
  GRAM_BYTES,
  GRAM_PATTERN,
  GRAM_WORD,
  GRAMS_BYTES,
  GRAMS_FILTER,
  GRAMS_SHIFT,
  GRAMS_TABLE,
  GRAMS_TABLE_MASK,
  GRAMS_TABLE_SHIFT,
  PAIR,
  PATTERN_ANCHOR,
  PATTERN_BYTES,
  PATTERN_GRAM_END,
  PATTERN_LENGTH,
  PATTERN_LETTERS,
  PATTERN_NEXT,
  PATTERN_RULE,
  QUAD,
} from './layout.js';
import { type Scan } from './scan.js';

/** What is found: `rule` when `literal`, which is ASCII and folded, is met where it has to stand. */
export interface Pattern {
  readonly literal: string;
  readonly anchor: number;
  readonly rule: number;
}

/** Bits in the filter for each gram that is filed: that many stretches of a text are let by in vain for one that is not. */
const BITS_PER_GRAM = 64;
const FEWEST_BITS_LOG2 = 10;

/** How much each pattern that already lies under a gram speaks against filing another one there, in bits of rarity. */
const CROWDING = 1;

/**
 * Files patterns by one of their grams, that is characters in a row, each with bit 0x20 set, so that the cases of a
 * letter are one. Literals may be one shorter than a gram. `gramEndOf` says where the gram ends under which a literal is
 * filed; its rarest unless given. Gives the table's address; 0 for no patterns.
 */
export function fileGrams(
  scan: Scan,
  patterns: readonly Pattern[],
  size: number,
  gramEndOf?: (literal: string) => number,
): number {
  if (patterns.length === 0) return 0;
  const { heads, entries, letters } = filed(patterns, size, gramEndOf);
  const lettersAt = scan.allocate(letters.length);
  const patternsAt = scan.allocate(entries.length * PATTERN_BYTES);
  const addressOf = (entry: number): number => (entry === -1 ? 0 : patternsAt + entry * PATTERN_BYTES);
  scan.bytes.write(letters, lettersAt, 'latin1');
  for (const [index, entry] of entries.entries()) {
    const at = addressOf(index);
    scan.set(at, PATTERN_LETTERS, lettersAt + entry.letter);
    scan.set(at, PATTERN_LENGTH, entry.length);
    scan.set(at, PATTERN_GRAM_END, entry.gramEnd);
    scan.set(at, PATTERN_ANCHOR, entry.anchor);
    scan.set(at, PATTERN_RULE, entry.rule);
    scan.set(at, PATTERN_NEXT, addressOf(entry.next));
  }
  return fileHeads(scan, new Map([...heads].map(([word, entry]) => [word, addressOf(entry)])));
}

interface FiledPattern {
  readonly letter: number;
  readonly length: number;
  readonly gramEnd: number;
  readonly anchor: number;
  readonly rule: number;
  readonly next: number;
}

/** Patterns under their words; of those that share a word each names the next. */
function filed(
  patterns: readonly Pattern[],
  size: number,
  gramEndOf: ((literal: string) => number) | undefined,
): {
  readonly heads: ReadonlyMap<number, number>;
  readonly entries: readonly FiledPattern[];
  readonly letters: string;
} {
  const heads = new Map<number, number>();
  const entries: FiledPattern[] = [];
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
      entries.push({ letter, length: literal.length, gramEnd, anchor, rule, next });
    }
    letters.push(literal);
    letter += literal.length;
  }
  return { heads, entries, letters: letters.join('') };
}

/** The filter and the table of words. */
function fileHeads(scan: Scan, heads: ReadonlyMap<number, number>): number {
  const bitsLog2 = Math.max(FEWEST_BITS_LOG2, Math.ceil(Math.log2(heads.size * BITS_PER_GRAM)));
  const shift = 32 - bitsLog2;
  const placesLog2 = Math.ceil(Math.log2(heads.size)) + 1;
  const mask = 2 ** placesLog2 - 1;
  const grams = scan.allocate(GRAMS_BYTES);
  const filter = scan.allocate(2 ** (bitsLog2 - 3));
  const table = scan.allocate(2 ** placesLog2 * GRAM_BYTES);
  scan.set(grams, GRAMS_FILTER, filter);
  scan.set(grams, GRAMS_SHIFT, shift);
  scan.set(grams, GRAMS_TABLE, table);
  scan.set(grams, GRAMS_TABLE_SHIFT, 32 - placesLog2);
  scan.set(grams, GRAMS_TABLE_MASK, mask);
  for (const [word, pattern] of heads) {
    const bit = Math.imul(word, FACTOR) >>> shift;
    const part = (bit >>> 5) * 4;
    scan.set(filter, part, scan.get(filter, part) | (1 << bit));
    let place = Math.imul(word, FACTOR) >>> (32 - placesLog2);
    while (scan.get(table + place * GRAM_BYTES, GRAM_PATTERN) !== 0) place = (place + 1) & mask;
    scan.set(table + place * GRAM_BYTES, GRAM_WORD, word);
    scan.set(table + place * GRAM_BYTES, GRAM_PATTERN, pattern);
  }
  return grams;
}

/** Where in the literal its rarest gram ends, those aside where many others lie already. */
function bestGramEnd(literal: string, size: number, crowds: ReadonlyMap<number, number>): number {
  let best = literal.length - 1;
  let bestBits = -Infinity;
  let rarity = 0;
  let word = 0;
  for (let end = 0; end < literal.length; end++) {
    const code = literal.charCodeAt(end);
    rarity += RARITY_BITS[code] ?? 0;
    word = (word >>> 8) | ((code | 0x20) << (8 * (size - 1)));
    if (end < size - 1) continue;
    const bits = (COMMON_WORDS.has(word) ? rarity / 2 : rarity) - (crowds.get(word) ?? 0) * CROWDING;
    rarity -= RARITY_BITS[literal.charCodeAt(end - size + 1)] ?? 0;
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
  return COMMON_WORDS.has(wordOf(literal, end, size)) ? bits / 2 : bits;
}

/** The words under which a literal is filed: one, or for a literal one character too short all that end in it. */
function wordsEndingAt(literal: string, end: number, size: number): readonly number[] {
  const word = wordOf(literal, end, size);
  return literal.length >= size ? [word] : BEFORE.map((before) => before | word);
}

/** What can stand before a literal: ASCII with bit 0x20 set, and what is not ASCII. */
const BEFORE = [...Array.from({ length: 128 }, (_, code) => code).filter((code) => (code & 0x20) !== 0), FOREIGN];

/**
 * The word of the gram that ends at `end`, its last character in the highest byte; for a literal one shorter than a gram
 * the lowest byte is 0.
 */
export function wordOf(literal: string, end: number, size: number): number {
  let word = 0;
  for (let at = end, byte = size - 1; at >= 0 && byte >= 0; at--, byte--) {
    word |= (literal.charCodeAt(at) | 0x20) << (8 * byte);
  }
  return word;
}

/** Words of the grams that logs are full of; those of two characters and of four do not meet. */
const COMMON_WORDS: ReadonlySet<number> = new Set(
  EVERYWHERE.flatMap((text) =>
    Array.from(text).flatMap((_, at) => [
      ...(at >= PAIR - 1 ? [wordOf(text, at, PAIR)] : []),
      ...(at >= QUAD - 1 ? [wordOf(text, at, QUAD)] : []),
    ]),
  ),
);
