import { holdsAny, MOST_ALTERNATIVES } from './holds-any.js';
import { type CellTest } from './text.js';
import { type Cell } from './view.js';

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

/**
 * The lists of literals that rules seek in one field. A rule with many expressions asks a text about dozens of lists,
 * and others after it about the same text: one walk over it then answers for all.
 */
export class Sought {
  readonly #numbers = new Map<string, number>();
  readonly #lists: (readonly string[])[] = [];
  #size = 0;
  #pairs: Filed | undefined;
  #singles: Filed = { numbers: new Uint16Array(128), entries: [[]] };

  holdsAny(literals: readonly string[]): CellTest {
    const alone = holdsAny(literals);
    if (literals.length > MOST_ALTERNATIVES || literals.includes('')) return (cell) => alone(cell.folded);
    const number = this.#numberOf(literals);
    const [word, bit] = [number >>> 5, 1 << (number & 31)];
    return (cell) => {
      if (cell.answers === undefined || cell.answeredBy !== this) {
        if (cell.asked++ < ASKED_SINGLY) return alone(cell.folded);
        this.#answer(cell);
      }
      // Lists that explanations added since the tables were made are not in them.
      return number < this.#size ? ((cell.answers?.[word] ?? 0) & bit) !== 0 : alone(cell.folded);
    };
  }

  #numberOf(literals: readonly string[]): number {
    const key = JSON.stringify(literals);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#lists.length);
    return this.#lists.push(literals) - 1;
  }

  #answer(cell: Cell): void {
    const { numbers, entries } = (this.#pairs ??= this.#file());
    const answers = new Uint32Array(Math.ceil(this.#size / 32));
    const text = cell.folded;
    let unit = text.charCodeAt(0);
    for (let at = 0; at < text.length; at++) {
      const next = text.charCodeAt(at + 1);
      const single = this.#singles.numbers[unit & 127] ?? 0;
      if (single !== 0) mark(answers, this.#singles.entries[single], text, at);
      const pair = numbers[pairOf(unit, next)] ?? 0;
      if (pair !== 0) mark(answers, entries[pair], text, at);
      unit = next;
    }
    cell.answers = answers;
    cell.answeredBy = this;
  }

  #file(): Filed {
    this.#size = this.#lists.length;
    const byLiteral = new Map<string, Uint32Array>();
    for (const [number, literals] of this.#lists.entries()) {
      for (const literal of literals) {
        const lists = byLiteral.get(literal) ?? new Uint32Array(Math.ceil(this.#size / 32));
        lists[number >>> 5] = (lists[number >>> 5] ?? 0) | (1 << (number & 31));
        byLiteral.set(literal, lists);
      }
    }
    const all = [...byLiteral].map(([literal, lists]) => ({ literal, lists }));
    this.#singles = filed(all.filter(isSingle), 128, ({ literal }) => literal.charCodeAt(0) & 127);
    const longer = all.filter((entry) => !isSingle(entry));
    return filed(longer, 128 * 128, ({ literal }) => pairOf(literal.charCodeAt(0), literal.charCodeAt(1)));
  }
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

function mark(answers: Uint32Array, entries: readonly Entry[] | undefined, text: string, at: number): void {
  for (const { literal, lists } of entries ?? []) {
    if (!text.startsWith(literal, at)) continue;
    for (let word = 0; word < answers.length; word++) answers[word] = (answers[word] ?? 0) | (lists[word] ?? 0);
  }
}
