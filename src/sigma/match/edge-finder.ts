import { type Candidates } from './candidates.js';
import { AT_END, AT_START, FACTOR, gramRarity, GramTable, type Pattern, wordOf } from './gram-table.js';

const QUAD = 4;

/** So far from the beginning or the end of a value its characters are asked about, four at a time. */
const PLACES = [0, 4, 8, 12];

const CROWDING = 2;

interface Edge {
  /** Whether the place is counted from the end. */
  readonly isEnd: boolean;
  readonly place: number;
  readonly table: GramTable;
}

/**
 * Meets literals of at least four characters that have to stand at the beginning or the end of a value. Each is filed
 * under four of its characters at one of a few places, so that a value is asked about at those alone, however long it is.
 */
export class EdgeFinder {
  readonly #edges: readonly Edge[];

  constructor(patterns: readonly Pattern[]) {
    const byPlace = new Map<number, Pattern[]>();
    const crowds = new Map<string, number>();
    for (const pattern of patterns) {
      const key = bestPlace(pattern, crowds);
      const filed = byPlace.get(key);
      if (filed === undefined) byPlace.set(key, [pattern]);
      else filed.push(pattern);
    }
    this.#edges = [...byPlace].map(([key, filed]) => {
      const isEnd = key < 0;
      const place = isEnd ? -1 - key : key;
      const gramEndOf = (literal: string): number => (isEnd ? literal.length - 1 - place : place + QUAD - 1);
      return { isEnd, place, table: new GramTable(filed, QUAD, gramEndOf) };
    });
  }

  /** Over bytes that are ASCII, but for marks of what is not. */
  findInBytes(bytes: Uint8Array, start: number, end: number, candidates: Candidates): void {
    for (const { isEnd, place, table } of this.#edges) {
      const at = isEnd ? end - 1 - place : start + place + QUAD - 1;
      if (at >= end || at < start + QUAD - 1) continue;
      const word =
        ((bytes[at - 3] ?? 0) << 24) | ((bytes[at - 2] ?? 0) << 16) | ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0);
      const folded = word | 0x20202020;
      const bit = Math.imul(folded, FACTOR) >>> table.shift;
      if (((table.bits[bit >>> 5] ?? 0) & (1 << bit)) !== 0) table.compare(folded, bytes, start, at, end, candidates);
    }
  }
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
