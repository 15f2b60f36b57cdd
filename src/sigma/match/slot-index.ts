import { type GuardTerm } from '../compile/guard.js';
import {
  AT_END,
  AT_START,
  FACTOR,
  INDEX_BYTES,
  INDEX_EDGES,
  INDEX_FOREIGN,
  INDEX_PAIRS,
  INDEX_PRESENT,
  INDEX_QUADS,
  INDEX_TINY,
  INDEX_TINY_MASK,
  PAIR,
  QUAD,
  TINY,
  TINY_BYTES,
  TINY_KEY,
  TINY_RULES,
} from './layout.js';
import { fileEdges } from './edge-table.js';
import { fileGrams, type Pattern } from './gram-table.js';
import { type Scan } from './scan.js';

export interface IndexedTerm {
  readonly term: GuardTerm;
  readonly rule: number;
}

const ANCHORS: Readonly<Record<GuardTerm['place'], number>> = {
  whole: AT_START | AT_END,
  start: AT_START,
  end: AT_END,
  inside: 0,
  present: 0,
};

/** Puts down the index that names the rules that one field's value could make match; gives its address. */
export function fileIndex(scan: Scan, terms: readonly IndexedTerm[]): number {
  const present = new Set<number>();
  /** Rules whose literal has no stretch of ASCII worth looking for: met by any text that is not all ASCII. */
  const foreign = new Set<number>();
  const tiny = new Map<string, number[]>();
  const [quads, pairs, edges]: [Pattern[], Pattern[], Pattern[]] = [[], [], []];
  for (const { term, rule } of terms) {
    const { place } = term;
    const literal = longestAscii(term.literal);
    const isWhole = literal === term.literal;
    const anchor = isWhole ? ANCHORS[place] : 0;
    if (place === 'present') present.add(rule);
    else if (isWhole && place === 'whole' && literal.length <= TINY) append(tiny, literal, rule);
    else if (!isWhole && literal.length < QUAD - 1) foreign.add(rule);
    else if (anchor !== 0 && literal.length >= QUAD) edges.push({ literal, anchor, rule });
    else (literal.length < QUAD - 1 ? pairs : quads).push({ literal, anchor, rule });
  }
  const index = scan.allocate(INDEX_BYTES);
  scan.set(index, INDEX_PRESENT, scan.list([...present]));
  scan.set(index, INDEX_FOREIGN, scan.list([...foreign]));
  fileTiny(scan, index, tiny);
  scan.set(index, INDEX_QUADS, fileGrams(scan, quads, QUAD));
  scan.set(index, INDEX_PAIRS, fileGrams(scan, pairs, PAIR));
  scan.set(index, INDEX_EDGES, fileEdges(scan, edges));
  return index;
}

function append(lists: Map<string, number[]>, key: string, rule: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [rule]);
  else list.push(rule);
}

/** Whole values that are tiny are looked up at once; a walk would ask about each gram that ends like them. */
function fileTiny(scan: Scan, index: number, tiny: ReadonlyMap<string, readonly number[]>): void {
  if (tiny.size === 0) return;
  const size = 2 ** Math.ceil(Math.log2(tiny.size * 2 + 1));
  const table = scan.allocate(size * TINY_BYTES);
  scan.set(index, INDEX_TINY, table);
  scan.set(index, INDEX_TINY_MASK, size - 1);
  for (const [literal, rules] of tiny) {
    const list = scan.list(rules);
    const key = tinyKey(literal);
    let place = Math.imul(key, FACTOR) & (size - 1);
    while (scan.get(table + place * TINY_BYTES, TINY_KEY) !== 0) place = (place + 1) & (size - 1);
    scan.set(table + place * TINY_BYTES, TINY_KEY, key);
    scan.set(table + place * TINY_BYTES, TINY_RULES, list);
  }
}

/** One more than the length, then the characters. */
function tinyKey(literal: string): number {
  let key = literal.length + 1;
  for (let at = 0; at < literal.length; at++) key = (key << 8) | literal.charCodeAt(at);
  return key;
}

const NOT_ASCII = /[^\0-\x7f]+/u;

/** The longest part of the literal that is ASCII: a text that holds the literal holds that, too. */
function longestAscii(literal: string): string {
  let longest = '';
  for (const part of literal.split(NOT_ASCII)) if (part.length > longest.length) longest = part;
  return longest;
}
