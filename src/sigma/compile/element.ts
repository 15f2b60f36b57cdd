import { type ElementBlock } from '../modifiers/value-test.js';
import { type Fields, lookUp } from './fields.js';
import { type EventTest } from './item.js';
import { ABSENT, Cell, type EventView, MANY, NULL } from './view.js';

/** The field name by which a block speaks of the element itself. */
const ITSELF = '.';

/** One element of an array as an event of its own, whose fields are the element's. */
export class ElementView implements EventView {
  readonly #cells: (Cell | undefined)[] = [];

  constructor(
    private readonly element: Cell,
    private readonly fields: Fields,
  ) {}

  cell(slot: number): Cell {
    const known = this.#cells[slot];
    if (known !== undefined) return known;
    const path = this.fields.paths[slot];
    const isItself = path === undefined || path.name === ITSELF;
    const cell = isItself ? this.element : new Cell().set(lookUp(this.element.source, path));
    this.#cells[slot] = cell;
    return cell;
  }

  /** Blocks have no keywords: reading a rule refuses them. */
  someText(): boolean {
    return false;
  }
}

/** What a block's quantifier runs over: the elements of an array, or the value alone; nothing for null and absent. */
export function elementsOf(cell: Cell): readonly Cell[] {
  if (cell.kind === MANY) return cell.elements;
  return cell.kind === ABSENT || cell.kind === NULL ? [] : [cell];
}

/** Compiles a block; `body` reads the fields that `inner` numbers. */
export function compileElements({ quantifier }: ElementBlock, slot: number, inner: Fields, body: EventTest): EventTest {
  const holds = (element: Cell): boolean => body(new ElementView(element, inner));
  switch (quantifier) {
    case 'any':
      return (view) => elementsOf(view.cell(slot)).some(holds);
    case 'none':
      return (view) => !elementsOf(view.cell(slot)).some(holds);
    case 'all_or_empty':
      return (view) => elementsOf(view.cell(slot)).every(holds);
    case 'all':
      return (view) => {
        const elements = elementsOf(view.cell(slot));
        return elements.length > 0 && elements.every(holds);
      };
  }
}
