import { type Answers } from './answers.js';
import { holdsAny, MOST_ALTERNATIVES } from './holds-any.js';
import { type CellTest } from './text.js';

/** So many lists are sought in a text one by one; who asks about more is answered about all of them by one walk. */
const ASKED_SINGLY = 4;

/** A literal, and the lists it is in, a bit each. */
interface Entry {
  readonly literal: string;
  readonly lists: Uint32Array;
}

/** Entries by their first character or their first two; 0 stands for none. */
interface Filed {
  readonly numbers: Uint16Array;
  readonly entries: Entry[][];
}

/** All lists that there were when the tables were made: the first so many. */
interface Tables {
  readonly size: number;
  readonly singles: Filed;
  readonly pairs: Filed;
}

/** Rules are made when an event first needs them, and bring their lists then: tables are made anew after so many walks. */
const WALKS_BEFORE_ANEW = 64;

/**
 * The lists of literals that rules seek in one field. A rule with many expressions asks a text about dozens of lists,
 * and others after it about the same text: one walk over it then answers for all.
 */
export class Sought {
  readonly #numbers = new Map<string, number>();
  readonly #lists: (readonly string[])[] = [];
  #tables: Tables | undefined;
  #walks = 0;

  holdsAny(literals: readonly string[]): CellTest {
    const alone = holdsAny(literals);
    if (literals.length > MOST_ALTERNATIVES || literals.includes('')) return (cell) => alone(cell.folded);
    const number = this.#numberOf(literals);
    const [word, bit] = [number >>> 5, 1 << (number & 31)];
    return (cell) => {
      let { answers } = cell;
      if (answers?.of !== this) {
        if (cell.asked++ < ASKED_SINGLY) return alone(cell.folded);
        answers = this.#answersTo(cell.folded);
        cell.answers = answers;
      }
      return number < answers.size ? ((answers.bits[word] ?? 0) & bit) !== 0 : alone(cell.folded);
    };
  }

  #numberOf(literals: readonly string[]): number {
    const key = JSON.stringify(literals);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#lists.length);
    return this.#lists.push(literals) - 1;
  }

  #answersTo(text: string): Answers {
    const { size, singles, pairs } = this.#current();
    const bits = new Uint32Array(Math.ceil(size / 32));
    let unit = text.charCodeAt(0);
    for (let at = 0; at < text.length; at++) {
      const next = text.charCodeAt(at + 1);
      const single = singles.numbers[unit & 127] ?? 0;
      if (single !== 0) mark(bits, singles.entries[single], text, at);
      const pair = pairs.numbers[pairOf(unit, next)] ?? 0;
      if (pair !== 0) mark(bits, pairs.entries[pair], text, at);
      unit = next;
    }
    return { of: this, size, bits };
  }

  #current(): Tables {
    const isBehind = this.#tables === undefined || this.#tables.size < this.#lists.length;
    if (this.#tables !== undefined && (!isBehind || this.#walks++ < WALKS_BEFORE_ANEW)) return this.#tables;
    this.#walks = 0;
    return (this.#tables = tablesOf(this.#lists));
  }
}

function tablesOf(lists: readonly (readonly string[])[]): Tables {
  const size = lists.length;
  const byLiteral = new Map<string, Uint32Array>();
  for (const [number, literals] of lists.entries()) {
    for (const literal of literals) {
      const bits = byLiteral.get(literal) ?? new Uint32Array(Math.ceil(size / 32));
      bits[number >>> 5] = (bits[number >>> 5] ?? 0) | (1 << (number & 31));
      byLiteral.set(literal, bits);
    }
  }
  const all = [...byLiteral].map(([literal, bits]) => ({ literal, lists: bits }));
  const longer = all.filter((entry) => !isSingle(entry));
  return {
    size,
    singles: filed(all.filter(isSingle), 128, ({ literal }) => literal.charCodeAt(0) & 127),
    pairs: filed(longer, 128 * 128, ({ literal }) => pairOf(literal.charCodeAt(0), literal.charCodeAt(1))),
  };
}

const isSingle = ({ literal }: Entry): boolean => literal.length === 1;

/** Characters that are not ASCII share places with others: entries are compared with the text itself. */
const pairOf = (first: number, second: number): number => ((first & 127) << 7) | (second & 127);

function filed(entries: readonly Entry[], places: number, placeOf: (entry: Entry) => number): Filed {
  const result: Filed = { numbers: new Uint16Array(places), entries: [[]] };
  for (const [place, those] of Map.groupBy(entries, placeOf)) {
    result.numbers[place] = result.entries.length;
    result.entries.push(those);
  }
  return result;
}

function mark(bits: Uint32Array, entries: readonly Entry[] | undefined, text: string, at: number): void {
  for (const { literal, lists } of entries ?? []) {
    if (!text.startsWith(literal, at)) continue;
    for (let word = 0; word < bits.length; word++) bits[word] = (bits[word] ?? 0) | (lists[word] ?? 0);
  }
}
