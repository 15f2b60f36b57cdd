import { type Fields, lookUp } from '../compile/fields.js';
import { MAX_EVENT_DEPTH } from '../compile/limits.js';
import { Cell, type EventView } from '../compile/view.js';

/** Reads a parsed event; each field is looked up once, however many rules ask. One view serves all events in turn. */
export class ObjectView implements EventView {
  readonly #cells: Cell[] = [];
  readonly #readAt: number[] = [];
  readonly #scratch = new Cell();
  #event: Readonly<Record<string, unknown>> = {};
  #epoch = 0;

  constructor(private readonly fields: Fields) {
    for (let slot = 0; slot < fields.size; slot++) {
      this.#cells.push(new Cell());
      this.#readAt.push(-1);
    }
  }

  get event(): Readonly<Record<string, unknown>> {
    return this.#event;
  }

  show(event: Readonly<Record<string, unknown>>): void {
    this.#event = event;
    this.#epoch++;
  }

  cell(slot: number): Cell {
    const cell = this.#cells[slot] ?? this.#grow(slot);
    if (this.#readAt[slot] === this.#epoch) return cell;
    this.#readAt[slot] = this.#epoch;
    const path = this.fields.paths[slot];
    return cell.set(path === undefined ? undefined : lookUp(this.#event, path));
  }

  someText(visit: (cell: Cell, path: string) => boolean): boolean {
    return this.#search(this.#event, '', 0, visit);
  }

  #search(value: unknown, path: string, depth: number, visit: (cell: Cell, path: string) => boolean): boolean {
    if (typeof value !== 'object' || value === null) {
      return value !== null && value !== undefined && visit(this.#scratch.set(value), path);
    }
    if (depth > MAX_EVENT_DEPTH) return false;
    if (Array.isArray(value)) return value.some((item) => this.#search(item, path, depth + 1, visit));
    for (const [key, inner] of Object.entries(value)) {
      if (this.#search(inner, path === '' ? key : `${path}.${key}`, depth + 1, visit)) return true;
    }
    return false;
  }

  /** A field that was named after the view was made: explanations compile on their own. */
  #grow(slot: number): Cell {
    const cell = new Cell();
    this.#cells[slot] = cell;
    this.#readAt[slot] = -1;
    return cell;
  }
}
