import { type Fields, lookUp } from '../compile/fields.js';
import { scalarText } from '../compile/scalar-text.js';
import { Cell, type EventView } from '../compile/view.js';
import { type Candidates } from './candidates.js';
import {
  ARRAY,
  END,
  ESCAPED_STRING,
  type JsonTokens,
  KEY,
  MARK,
  NUMBER,
  OBJECT,
  PLAIN_NUMBER,
  RICH_STRING,
  START,
  STRING,
  TOKEN,
  UNESCAPED,
  WORD,
} from './json-tokens.js';
import { ObjectView } from './object-view.js';
import { childUnder, type PathNode } from './path-tree.js';
import { type Route } from './route.js';
import { type SlotIndex } from './slot-index.js';

/** The field was not met, or has to be looked up in the parsed event: more than one place could hold it. */
const UNMET = -1;
const SEVERAL = -2;

const BACKSLASH = 0x5c;

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
  readonly #textCell = new Cell();
  #isParsed = false;
  /** A key that leads to fields came twice: the later one counts, and only the parser sorts that out. */
  #isAmbiguous = false;
  #bytes: Buffer = Buffer.alloc(0);
  #scratch: Buffer = Buffer.alloc(1024);
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
    const { cuts } = this.fields;
    const before = cuts.count;
    if (!this.#someToken(visit)) return false;
    if (!this.tokens.mayRepeatKeys()) return true;
    cuts.count = before;
    return this.#parsed().someText(visit);
  }

  /** As `someText` over the tokens, without paths: a key that comes twice gives both values, of which the parser drops one. */
  #someToken(visit: (cell: Cell, path: string) => boolean): boolean {
    const { tape } = this.tokens;
    const end = tape[MARK] ?? 0;
    for (let token = TOKEN; token < end; token += TOKEN) {
      const kind = tape[token] ?? KEY;
      if (kind === KEY || kind === OBJECT || kind === ARRAY) continue;
      const value = this.#decode(token);
      if (value !== null && visit(this.#textCell.set(value), '')) return true;
    }
    return false;
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
    const { tape } = this.tokens;
    const start = tape[token + START] ?? 0;
    const end = tape[token + END] ?? 0;
    const kind = tape[token];
    if (kind === STRING) return this.#bytes.toString('latin1', start, end);
    if (kind === ESCAPED_STRING) return this.#scratch.toString('latin1', 0, this.#unescape(start, end));
    if (kind === RICH_STRING) return JSON.parse(this.#bytes.toString('utf8', start - 1, end + 1));
    return JSON.parse(this.#bytes.toString('utf8', start, end));
  }

  /** Puts a string without its escapes into `#scratch`; gives its length. */
  #unescape(start: number, end: number): number {
    if (end - start > this.#scratch.length) this.#scratch = Buffer.alloc((end - start) * 2);
    const bytes = this.#bytes;
    const scratch = this.#scratch;
    let length = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      scratch[length++] = byte === BACKSLASH ? (UNESCAPED[bytes[++at] ?? 0] ?? 0) : byte;
    }
    return length;
  }

  /** Visits an object's keys; `isRepeated` says that arrays lead here, so that a field can lie in many places. */
  #walk(route: Route, node: PathNode | undefined, object: number, isRepeated: boolean): void {
    const { tape } = this.tokens;
    const bytes = this.#bytes;
    const end = tape[object + MARK] ?? 0;
    let token = object + TOKEN;
    while (token < end) {
      const value = token + TOKEN;
      const kind = tape[value] ?? KEY;
      const child =
        node === undefined
          ? undefined
          : childUnder(node, tape[token + MARK] ?? 0, bytes, tape[token + START] ?? 0, tape[token + END] ?? 0);
      if (child !== undefined || route.keywords !== undefined) {
        if (child !== undefined) this.#meet(child, value, isRepeated);
        this.#visit(route, child, value, kind, isRepeated);
      }
      token = kind === OBJECT || kind === ARRAY ? (tape[value + MARK] ?? end) : value + TOKEN;
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
    if (kind === OBJECT) this.#walk(route, node, token, isRepeated);
    else if (kind === ARRAY) this.#visitEach(route, node, token);
    else if (index !== undefined || keywords !== undefined) this.#scan(index, keywords, token, kind, candidates);
  }

  #scan(
    index: SlotIndex | undefined,
    keywords: SlotIndex | undefined,
    token: number,
    kind: number,
    candidates: Candidates,
  ): void {
    const { tape } = this.tokens;
    const start = tape[token + START] ?? 0;
    const end = tape[token + END] ?? 0;
    switch (kind) {
      case STRING:
      case PLAIN_NUMBER:
        index?.scanBytes(this.#bytes, start, end, candidates);
        keywords?.scanBytes(this.#bytes, start, end, candidates);
        return;
      case ESCAPED_STRING: {
        const length = this.#unescape(start, end);
        index?.scanBytes(this.#scratch, 0, length, candidates);
        keywords?.scanBytes(this.#scratch, 0, length, candidates);
        return;
      }
      case RICH_STRING:
      case NUMBER:
      case WORD: {
        const text = scalarText(this.#decode(token));
        if (text === undefined) return;
        index?.scan(text, candidates);
        keywords?.scan(text, candidates);
      }
    }
  }

  #visitEach(route: Route, node: PathNode | undefined, array: number): void {
    const { tape } = this.tokens;
    const end = tape[array + MARK] ?? 0;
    let token = array + TOKEN;
    while (token < end) {
      const kind = tape[token] ?? KEY;
      this.#visit(route, node, token, kind, true);
      token = kind === OBJECT || kind === ARRAY ? (tape[token + MARK] ?? end) : token + TOKEN;
    }
  }
}
