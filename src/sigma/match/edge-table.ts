import { AT_END, AT_START, EDGE_BYTES, EDGE_GRAMS, EDGE_IS_END, EDGE_PLACE, QUAD } from './layout.js';
import { fileGrams, gramRarity, type Pattern, wordOf } from './gram-table.js';
import { type Scan } from './scan.js';

/** So far from the beginning or the end of a value its characters are asked about, four at a time. */
const PLACES = [0, 4, 8, 12];

const CROWDING = 2;

/**
 * Files literals of at least four characters that have to stand at the beginning or the end of a value, each under four
 * of its characters at one of a few places, so that a value is asked about at those alone, however long it is. Gives the
 * address of the list of places; 0 for no patterns.
 */
export function fileEdges(scan: Scan, patterns: readonly Pattern[]): number {
  if (patterns.length === 0) return 0;
  const byPlace = new Map<number, Pattern[]>();
  const crowds = new Map<string, number>();
  for (const pattern of patterns) {
    const key = bestPlace(pattern, crowds);
    const filed = byPlace.get(key);
    if (filed === undefined) byPlace.set(key, [pattern]);
    else filed.push(pattern);
  }
  const list = scan.allocate(4 + byPlace.size * EDGE_BYTES);
  scan.set(list, 0, byPlace.size);
  for (const [order, [key, filed]] of [...byPlace].entries()) {
    const isEnd = key < 0;
    const place = isEnd ? -1 - key : key;
    const gramEndOf = (literal: string): number => (isEnd ? literal.length - 1 - place : place + QUAD - 1);
    const edge = list + 4 + order * EDGE_BYTES;
    const grams = fileGrams(scan, filed, QUAD, gramEndOf);
    scan.set(edge, EDGE_IS_END, isEnd ? 1 : 0);
    scan.set(edge, EDGE_PLACE, place);
    scan.set(edge, EDGE_GRAMS, grams);
  }
  return list;
}

/** The place at which the literal's characters are rarest, counted from the beginning, or as -1 - place from the end. */
function bestPlace({ literal, anchor }: Pattern, crowds: Map<string, number>): number {
  let best = 0;
  let bestKey = '';
  let bestBits = -Infinity;
  const weigh = (place: number, gramEnd: number): void => {
    const key = `${place} ${wordOf(literal, gramEnd, QUAD)}`;
    const bits = gramRarity(literal, gramEnd, QUAD) - (crowds.get(key) ?? 0) * CROWDING;
    if (bits <= bestBits) return;
    [best, bestKey, bestBits] = [place, key, bits];
  };
  for (const place of PLACES) {
    if (place + QUAD > literal.length) break;
    if ((anchor & AT_END) !== 0) weigh(-1 - place, literal.length - 1 - place);
    else if ((anchor & AT_START) !== 0) weigh(place, place + QUAD - 1);
  }
  crowds.set(bestKey, (crowds.get(bestKey) ?? 0) + 1);
  return best;
}
