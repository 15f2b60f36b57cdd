import { type GuardTerm } from '../compile/guard.js';
import { fold } from '../modifiers/sigma-string.js';
import { type Candidates } from './candidates.js';
import { AT_END, AT_START, type Pattern } from './gram-table.js';
import { LiteralFinder } from './literal-finder.js';

export interface IndexedTerm {
  readonly term: GuardTerm;
  readonly rule: number;
}

/** Characters that are not ASCII and whose case folds to ASCII: they pass the tables as what they are not. */
const FOLDS_TO_ASCII = /[\u0130\u017f\u212a]/;

/** Whole values up to this length are looked up at once; a walk would ask about each gram that ends like them. */
const TINY = 3;

const ANCHORS: Readonly<Record<GuardTerm['place'], number>> = {
  whole: AT_START | AT_END,
  start: AT_START,
  end: AT_END,
  inside: 0,
  present: 0,
};

/** Names the rules that one field's value could make match. */
export class SlotIndex {
  readonly #present: Int32Array;
  /** Rules by a whole value of at most `TINY` characters. */
  readonly #tiny: ReadonlyMap<string, readonly number[]> | undefined;
  readonly #literals: LiteralFinder | undefined;

  constructor(terms: readonly IndexedTerm[]) {
    const present = new Set<number>();
    const tiny = new Map<string, number[]>();
    const patterns: Pattern[] = [];
    for (const { term, rule } of terms) {
      const { place, literal } = term;
      if (place === 'present') present.add(rule);
      else if (place === 'whole' && literal.length <= TINY) tiny.set(literal, [...(tiny.get(literal) ?? []), rule]);
      else patterns.push({ literal, anchor: ANCHORS[place], rule });
    }
    this.#present = Int32Array.from(present);
    this.#tiny = tiny.size === 0 ? undefined : tiny;
    this.#literals = patterns.length === 0 ? undefined : new LiteralFinder(patterns);
  }

  /** The field is there, whatever its value. */
  meet(candidates: Candidates): void {
    for (const rule of this.#present) candidates.add(rule);
  }

  /** The field, or one of its elements, holds this text. */
  scan(text: string, candidates: Candidates): void {
    if (this.#tiny !== undefined && text.length <= TINY) addTiny(this.#tiny, text, candidates);
    const isAscii = this.#literals?.findInText(text, candidates) ?? true;
    if (!isAscii && FOLDS_TO_ASCII.test(text)) this.scan(fold(text).replaceAll('\u017f', 's'), candidates);
  }

  /** As `scan`, over a text that lies in `bytes` from `start` to `end` and is ASCII. */
  scanBytes(bytes: Buffer, start: number, end: number, candidates: Candidates): void {
    if (this.#tiny !== undefined && end - start <= TINY) {
      addTiny(this.#tiny, bytes.toString('latin1', start, end), candidates);
    }
    this.#literals?.findInBytes(bytes, start, end, candidates);
  }
}

function addTiny(tiny: ReadonlyMap<string, readonly number[]>, text: string, candidates: Candidates): void {
  for (const rule of tiny.get(fold(text)) ?? NO_RULES) candidates.add(rule);
}

const NO_RULES: readonly number[] = [];
