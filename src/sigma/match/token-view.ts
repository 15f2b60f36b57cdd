import { type Fields, lookUp } from '../compile/fields.js';
import { scalarText } from '../compile/scalar-text.js';
import { Cell, type EventView } from '../compile/view.js';
import { ARRAY, type JsonTokens, KEY, NUMBER, OBJECT, PLAIN_NUMBER, RICH_STRING, STRING, WORD } from './json-tokens.js';
import { ObjectView } from './object-view.js';
import { childUnder, type PathNode } from './path-tree.js';
import { type Route } from './route.js';

/** The field was not met, or has to be looked up in the parsed event: more than one place could hold it. */
const UNMET = -1;
const SEVERAL = -2;

/**
 * Reads an event that is still bytes: a walk over its tokens gathers candidates and notes where each field lies, and
 * only the values that candidates ask for are decoded. What one place cannot answer is answered by parsing everything.
 */
export class TokenView implements EventView {
  readonly #cells: Cell[] = [];
  readonly #parsedView: ObjectView;
  /** By slot: the token of the field's value, and the events in which token and cell were set. */
  readonly #places: Int32Array;
  readonly #placedAt: Int32Array;
  readonly #readAt: Int32Array;
  #epoch = 0;
  #isParsed = false;
  /** A key that leads to fields came twice: the later one counts, and only the parser sorts that out. */
  #isAmbiguous = false;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  constructor(
    private readonly fields: Fields,
    private readonly tokens: JsonTokens,
  ) {
    for (let slot = 0; slot < fields.size; slot++) this.#cells.push(new Cell());
    this.#parsedView = new ObjectView(fields);
    this.#places = new Int32Array(fields.size);
    this.#placedAt = new Int32Array(fields.size);
    this.#readAt = new Int32Array(fields.size);
  }

  /** Walks the tokens of `bytes` from `start` to `end`; the candidates are the route's. */
  show(route: Route, bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#epoch = (this.#epoch + 1) | 0;
    this.#isParsed = false;
    this.#isAmbiguous = false;
    this.#walk(route, route.root, 0, false);
  }

  cell(slot: number): Cell {
    const cell = this.#cells[slot];
    if (cell === undefined) return this.#parsed().cell(slot);
    if (this.#readAt[slot] === this.#epoch) return cell;
    this.#readAt[slot] = this.#epoch;
    const place = this.#placedAt[slot] === this.#epoch ? (this.#places[slot] ?? UNMET) : UNMET;
    if (place === UNMET) return cell.set(undefined);
    if (place !== SEVERAL && !this.#isAmbiguous) return cell.set(this.#decode(place));
    const path = this.fields.paths[slot];
    return cell.set(path === undefined ? undefined : lookUp(this.#parsed().event, path));
  }

  someText(visit: (cell: Cell, path: string) => boolean): boolean {
    return this.#parsed().someText(visit);
  }

  #parsed(): ObjectView {
    if (!this.#isParsed) {
      this.#isParsed = true;
      const text = this.#bytes.toString('utf8', this.#start, this.#end);
      this.#parsedView.show(JSON.parse(text) as Readonly<Record<string, unknown>>);
    }
    return this.#parsedView;
  }

  #decode(token: number): unknown {
    const { kinds, starts, ends } = this.tokens;
    const start = starts[token] ?? 0;
    const end = ends[token] ?? 0;
    const kind = kinds[token];
    if (kind === STRING) return this.#bytes.toString('latin1', start, end);
    if (kind === RICH_STRING) return JSON.parse(this.#bytes.toString('utf8', start - 1, end + 1));
    return JSON.parse(this.#bytes.toString('utf8', start, end));
  }

  /** Visits an object's keys; `isRepeated` says that arrays lead here, so that a field can lie in many places. */
  #walk(route: Route, node: PathNode | undefined, object: number, isRepeated: boolean): void {
    const { kinds, starts, ends, marks } = this.tokens;
    const end = marks[object] ?? 0;
    let token = object + 1;
    while (token < end) {
      const child =
        node === undefined
          ? undefined
          : childUnder(node, marks[token] ?? 0, this.#bytes, starts[token] ?? 0, ends[token] ?? 0);
      const value = token + 1;
      const kind = kinds[value] ?? KEY;
      if (child !== undefined || route.keywords !== undefined) {
        if (child !== undefined) this.#meet(child, value, isRepeated);
        this.#visit(route, child, value, kind, isRepeated);
      }
      token = kind === OBJECT || kind === ARRAY ? (marks[value] ?? end) : value + 1;
    }
  }

  #meet(node: PathNode, token: number, isRepeated: boolean): void {
    if (node.slot >= 0) this.#place(node.slot, token, isRepeated);
    if (node.children === undefined) return;
    if (node.metAt === this.#epoch) this.#isAmbiguous = true;
    node.metAt = this.#epoch;
  }

  #place(slot: number, token: number, isRepeated: boolean): void {
    const isSecond = this.#placedAt[slot] === this.#epoch;
    this.#placedAt[slot] = this.#epoch;
    this.#places[slot] = isSecond || isRepeated ? SEVERAL : token;
  }

  #visit(route: Route, node: PathNode | undefined, token: number, kind: number, isRepeated: boolean): void {
    const { candidates, keywords } = route;
    const index = node?.index;
    index?.meet(candidates);
    switch (kind) {
      case STRING:
      case PLAIN_NUMBER: {
        const start = this.tokens.starts[token] ?? 0;
        const end = this.tokens.ends[token] ?? 0;
        index?.scanBytes(this.#bytes, start, end, candidates);
        keywords?.scanBytes(this.#bytes, start, end, candidates);
        return;
      }
      case RICH_STRING:
      case NUMBER:
      case WORD: {
        if (index === undefined && keywords === undefined) return;
        const value = this.#decode(token);
        const text = scalarText(value);
        if (text === undefined) return;
        index?.scan(text, candidates);
        keywords?.scan(text, candidates);
        return;
      }
      case OBJECT:
        this.#walk(route, node, token, isRepeated);
        return;
      case ARRAY:
        this.#visitEach(route, node, token);
    }
  }

  #visitEach(route: Route, node: PathNode | undefined, array: number): void {
    const { kinds, marks } = this.tokens;
    const end = marks[array] ?? 0;
    let token = array + 1;
    while (token < end) {
      const kind = kinds[token] ?? KEY;
      this.#visit(route, node, token, kind, true);
      token = kind === OBJECT || kind === ARRAY ? (marks[token] ?? end) : token + 1;
    }
  }
}
