import { addCandidate, addCandidates, isCandidate } from './candidates';
import {
  AT_END,
  AT_START,
  EDGE_BYTES,
  EDGE_GRAMS,
  EDGE_IS_END,
  EDGE_PLACE,
  FACTOR,
  GRAM_BYTES,
  GRAM_PATTERN,
  GRAM_WORD,
  GRAMS_FILTER,
  GRAMS_SHIFT,
  GRAMS_TABLE,
  GRAMS_TABLE_MASK,
  GRAMS_TABLE_SHIFT,
  INDEX_EDGES,
  INDEX_PAIRS,
  INDEX_QUADS,
  INDEX_TINY,
  INDEX_TINY_MASK,
  PATTERN_ANCHOR,
  PATTERN_GRAM_END,
  PATTERN_LENGTH,
  PATTERN_LETTERS,
  PATTERN_NEXT,
  PATTERN_RULE,
  QUAD,
  TINY,
  TINY_BYTES,
  TINY_KEY,
  TINY_RULES,
} from '../match/layout';

/** Bit 0x20 in each byte: with it, the cases of a letter are one. */
const CASES: i32 = 0x20202020;

/**
 * Meets the literals of an index wherever they stand in a text. Each is filed under its rarest four characters in a row
 * (those of one or two under two); a walk over the text asks a filter about each stretch of that length, and only where
 * the bit is set the literals filed there are compared. Unlike an automaton's, neighbouring steps do not wait for one
 * another, and the filter fits the nearest cache.
 */
export function findLiterals(index: usize, start: usize, end: usize): void {
  const tiny = load<usize>(index, INDEX_TINY);
  if (tiny !== 0 && <i32>(end - start) <= TINY) findTiny(tiny, load<i32>(index, INDEX_TINY_MASK), start, end);
  const quads = load<usize>(index, INDEX_QUADS);
  if (quads !== 0) findQuads(quads, start, end);
  const pairs = load<usize>(index, INDEX_PAIRS);
  if (pairs !== 0) findPairs(pairs, start, end);
  const edges = load<usize>(index, INDEX_EDGES);
  if (edges !== 0) findEdges(edges, start, end);
}

function findTiny(table: usize, mask: i32, start: usize, end: usize): void {
  let key = <i32>(end - start + 1);
  for (let at = start; at < end; at++) key = (key << 8) | folded(load<u8>(at));
  for (let place = (key * FACTOR) & mask; ; place = (place + 1) & mask) {
    const entry = table + <usize>place * TINY_BYTES;
    const known = load<i32>(entry, TINY_KEY);
    if (known === key) addCandidates(load<usize>(entry, TINY_RULES));
    if (known === key || known === 0) return;
  }
}

function folded(byte: i32): i32 {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function findQuads(grams: usize, start: usize, end: usize): void {
  const filter = load<usize>(grams, GRAMS_FILTER);
  const shift = load<i32>(grams, GRAMS_SHIFT);
  // A literal of three characters ends at the third at the earliest.
  for (let at = start + 2; at < end; at++) {
    const word = load<i32>(at - 3) | CASES;
    const place = (word * FACTOR) >>> shift;
    if (((load<i32>(filter + <usize>((place >>> 5) << 2)) >>> place) & 1) !== 0) compare(grams, word, start, at, end);
  }
}

function findPairs(grams: usize, start: usize, end: usize): void {
  const filter = load<usize>(grams, GRAMS_FILTER);
  const shift = load<i32>(grams, GRAMS_SHIFT);
  for (let at = start; at < end; at++) {
    const word = (<i32>load<u16>(at - 1)) | (CASES & 0xffff);
    const place = (word * FACTOR) >>> shift;
    if (((load<i32>(filter + <usize>((place >>> 5) << 2)) >>> place) & 1) !== 0) compare(grams, word, start, at, end);
  }
}

/** Literals that have to stand at the beginning or the end are looked for there alone, however long the text is. */
function findEdges(edges: usize, start: usize, end: usize): void {
  const last = edges + 4 + <usize>load<i32>(edges) * EDGE_BYTES;
  for (let edge = edges + 4; edge < last; edge += EDGE_BYTES) {
    const place = load<usize>(edge, EDGE_PLACE);
    const at = load<i32>(edge, EDGE_IS_END) !== 0 ? end - 1 - place : start + place + QUAD - 1;
    if (<isize>at >= <isize>end || <isize>at < <isize>(start + QUAD - 1)) continue;
    const grams = load<usize>(edge, EDGE_GRAMS);
    const word = load<i32>(at - 3) | CASES;
    const bit = (word * FACTOR) >>> load<i32>(grams, GRAMS_SHIFT);
    const bits = load<i32>(load<usize>(grams, GRAMS_FILTER) + <usize>((bit >>> 5) << 2));
    if (((bits >>> bit) & 1) !== 0) compare(grams, word, start, at, end);
  }
}

/** Names the rules whose literals lie in the text around the gram `word` that ends at `at`. */
function compare(grams: usize, word: i32, start: usize, at: usize, end: usize): void {
  for (let pattern = firstOf(grams, word); pattern !== 0; pattern = load<usize>(pattern, PATTERN_NEXT)) {
    const from = at - load<usize>(pattern, PATTERN_GRAM_END);
    const to = from + load<usize>(pattern, PATTERN_LENGTH);
    const anchor = load<i32>(pattern, PATTERN_ANCHOR);
    if (from < start || to > end) continue;
    if (((anchor & AT_START) !== 0 && from !== start) || ((anchor & AT_END) !== 0 && to !== end)) continue;
    const rule = load<i32>(pattern, PATTERN_RULE);
    if (!isCandidate(rule) && isSame(load<usize>(pattern, PATTERN_LETTERS), from, to)) addCandidate(rule);
  }
}

function firstOf(grams: usize, word: i32): usize {
  const table = load<usize>(grams, GRAMS_TABLE);
  const mask = load<i32>(grams, GRAMS_TABLE_MASK);
  let place = (word * FACTOR) >>> load<i32>(grams, GRAMS_TABLE_SHIFT);
  while (true) {
    const gram = table + <usize>place * GRAM_BYTES;
    const pattern = load<usize>(gram, GRAM_PATTERN);
    if (pattern === 0 || load<i32>(gram, GRAM_WORD) === word) return pattern;
    place = (place + 1) & mask;
  }
}

function isSame(letters: usize, from: usize, to: usize): bool {
  for (let at = from, sought = letters; at < to; at++, sought++) {
    if (folded(load<u8>(at)) !== load<u8>(sought)) return false;
  }
  return true;
}
