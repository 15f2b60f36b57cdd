import { type Answers } from './answers.js';
import { MAX_ARRAY_DEPTH } from './limits.js';
import { scalarText } from './scalar-text.js';
import { fold } from '../modifiers/sigma-string.js';

export const ABSENT = 0;
export const NULL = 1;
/** A string, number or boolean, compared by its text form. */
export const TEXT = 2;
/** An array: its elements are tried one by one. */
export const MANY = 3;
/** An object: it exists, and has no text of its own. */
export const OBJECT = 4;

export type CellKind = typeof ABSENT | typeof NULL | typeof TEXT | typeof MANY | typeof OBJECT;

/** A field's value as rules see it. */
export class Cell {
  kind: CellKind = ABSENT;
  text = '';
  elements: readonly Cell[] = NO_CELLS;
  /** The object that was taken; undefined for everything else. */
  source: unknown;
  /** How many lists of literals were sought in the text, and what one walk over it said of all: see `Sought`. */
  asked = 0;
  answers: Answers | undefined;
  #folded: string | undefined;

  /** The text without differences of case. */
  get folded(): string {
    return (this.#folded ??= fold(this.text));
  }

  /** Takes a JSON value; `undefined` is an absent field. */
  set(value: unknown): this {
    this.#folded = undefined;
    this.asked = 0;
    this.answers = undefined;
    this.elements = NO_CELLS;
    this.source = undefined;
    this.kind = kindOf(value);
    if (this.kind === TEXT) this.text = scalarText(value) ?? '';
    else if (Array.isArray(value)) this.elements = cellsOf(value);
    else this.source = value;
    return this;
  }
}

const NO_CELLS: readonly Cell[] = [];

/** Arrays within arrays are one array; what lies deeper than `MAX_ARRAY_DEPTH` is not looked at. */
function cellsOf(values: readonly unknown[]): readonly Cell[] {
  const flat: readonly unknown[] = values.some(Array.isArray) ? values.flat(MAX_ARRAY_DEPTH) : values;
  return flat.filter((value) => !Array.isArray(value)).map((value) => new Cell().set(value));
}

function kindOf(value: unknown): CellKind {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return TEXT;
    case 'object':
      return value === null ? NULL : Array.isArray(value) ? MANY : OBJECT;
    default:
      return ABSENT;
  }
}

/** What compiled rules read of an event. */
export interface EventView {
  /** The value of the field with this number. The cell is only good until the next event. */
  cell(slot: number): Cell;
  /** Every scalar of the event, wherever it lies, until `visit` says true; whether it did. */
  someText(visit: (cell: Cell, path: string) => boolean): boolean;
}
