import { type Fields, lookUp } from '../compile/fields.js';
import { scalarText } from '../compile/scalar-text.js';
import { Cell, type EventView } from '../compile/view.js';
import {
  ARRAY,
  ESCAPED_STRING,
  KEY,
  NULL,
  OBJECT,
  PLACE_BYTES,
  PLACE_EPOCH,
  PLACE_TOKEN,
  PLAIN_NUMBER,
  RICH_STRING,
  SEVERAL,
  STRING,
  TOKEN_BYTES,
  TOKEN_END,
  TOKEN_KIND,
  TOKEN_MARK,
  TOKEN_START,
} from './layout.js';
import { ObjectView } from './object-view.js';
import { findFolded } from './route.js';
import { type Scan } from './scan.js';

/** The keys of an object are compared with one another up to this many. */
const MOST_COMPARED_KEYS = 64;

/**
 * Reads an event that the scan took apart: only the values that candidates ask for are decoded. What one place cannot
 * answer is answered by parsing everything.
 */
export class TokenView implements EventView {
  readonly #cells: Cell[] = [];
  readonly #parsedView: ObjectView;
  /** By slot: the event in which its cell was set. */
  readonly #readAt: Int32Array;
  readonly #textCell = new Cell();
  #epoch = 0;
  #isParsed = false;

  constructor(
    private readonly fields: Fields,
    private readonly scan: Scan,
  ) {
    for (let slot = 0; slot < fields.size; slot++) this.#cells.push(new Cell());
    this.#parsedView = new ObjectView(fields);
    this.#readAt = new Int32Array(fields.size);
  }

  /** Shows the event that the scan met last, and meets for it what only decoding tells. */
  show(): void {
    const { scan } = this;
    this.#epoch = scan.epoch;
    // After 2^32 events the marks of long ago would count again.
    if (this.#epoch === 0) this.#readAt.fill(-1);
    this.#isParsed = false;
    for (let order = 0; order < scan.deferredCount; order++) {
      const { index, token } = scan.deferredAt(order);
      const text = scalarText(this.#decode(token));
      if (text !== undefined) findFolded(scan, text, index, 0);
    }
  }

  cell(slot: number): Cell {
    const cell = this.#cells[slot];
    if (cell === undefined) return this.#parsed().cell(slot);
    if (this.#readAt[slot] === this.#epoch) return cell;
    this.#readAt[slot] = this.#epoch;
    const { scan } = this;
    const place = scan.places + slot * PLACE_BYTES;
    if (scan.get(place, PLACE_EPOCH) !== this.#epoch) return cell.set(undefined);
    const token = scan.get(place, PLACE_TOKEN);
    if (token !== SEVERAL && !scan.isAmbiguous) return cell.set(this.#decode(token));
    const path = this.fields.paths[slot];
    return cell.set(path === undefined ? undefined : lookUp(this.#parsed().event, path));
  }

  someText(visit: (cell: Cell, path: string) => boolean): boolean {
    const { cuts } = this.fields;
    const before = cuts.count;
    if (!this.#someToken(visit)) return false;
    if (!this.#mayRepeatKeys()) return true;
    cuts.count = before;
    return this.#parsed().someText(visit);
  }

  /** As `someText` over the tokens, without paths: a key that comes twice gives both values, of which the parser drops one. */
  #someToken(visit: (cell: Cell, path: string) => boolean): boolean {
    const { scan } = this;
    const end = scan.get(scan.tape, TOKEN_MARK);
    for (let token = scan.tape + TOKEN_BYTES; token < end; token += TOKEN_BYTES) {
      const kind = scan.get(token, TOKEN_KIND);
      if (kind === KEY || kind === OBJECT || kind === ARRAY || kind === NULL) continue;
      if (visit(this.#textCell.set(this.#decode(token)), '')) return true;
    }
    return false;
  }

  /** Whether some object may hold a key twice, of which the parser keeps the later one. */
  #mayRepeatKeys(): boolean {
    const { scan } = this;
    const end = scan.get(scan.tape, TOKEN_MARK);
    for (let token = scan.tape; token < end; token += TOKEN_BYTES) {
      if (scan.get(token, TOKEN_KIND) === OBJECT && this.#mayRepeatKeysOf(token)) return true;
    }
    return false;
  }

  #mayRepeatKeysOf(object: number): boolean {
    const { scan } = this;
    const end = scan.get(object, TOKEN_MARK);
    const hashes: number[] = [];
    let key = object + TOKEN_BYTES;
    while (key < end) {
      const hash = scan.get(key, TOKEN_MARK);
      if (hashes.length === MOST_COMPARED_KEYS || hashes.includes(hash)) return true;
      hashes.push(hash);
      const value = key + TOKEN_BYTES;
      const kind = scan.get(value, TOKEN_KIND);
      key = kind === OBJECT || kind === ARRAY ? scan.get(value, TOKEN_MARK) : value + TOKEN_BYTES;
    }
    return false;
  }

  #parsed(): ObjectView {
    if (!this.#isParsed) {
      this.#isParsed = true;
      this.#parsedView.show(this.#decode(this.scan.tape) as Readonly<Record<string, unknown>>);
    }
    return this.#parsedView;
  }

  #decode(token: number): unknown {
    const { scan } = this;
    const kind = scan.get(token, TOKEN_KIND);
    const start = scan.get(token, TOKEN_START);
    const end = scan.get(token, TOKEN_END);
    if (kind === STRING) return scan.bytes.toString('latin1', start, end);
    if (kind === ESCAPED_STRING) return scan.unescaped(token);
    // Rules see the text of a number, which this is.
    if (kind === PLAIN_NUMBER) return scan.bytes.toString('latin1', start, end);
    const quote = kind === RICH_STRING ? 1 : 0;
    return JSON.parse(scan.bytes.toString('utf8', start - quote, end + quote));
  }
}
