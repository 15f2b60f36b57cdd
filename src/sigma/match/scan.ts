import {
  AFTER_TEXT,
  BEFORE_TEXT,
  DEFERRED_BYTES,
  DEFERRED_INDEX,
  DEFERRED_TOKEN,
  LONGEST_SOURCE,
  MOST_DEFERRED,
  MOST_SORTED,
  MOST_SOURCES,
  PLACE_BYTES,
  ROUTE_CANDIDATES,
  SOURCE_BYTES,
  SOURCE_PLACES,
  STATE_DEFERRED,
  STATE_DEFERRED_COUNT,
  STATE_EPOCH,
  STATE_IS_AMBIGUOUS,
  STATE_LINE,
  STATE_PLACES,
  STATE_SCRATCH,
  STATE_SLOTS,
  STATE_SOURCES,
  STATE_TAPE,
  STATE_TEXT,
  TOKEN_BYTES,
  TOKEN_END,
  TOKEN_START,
} from './layout.js';
import { SCAN_BINARY } from './scan-binary.js';

/** What `src/sigma/scan/scan.ts` exports. */
interface ScanExports {
  readonly memory: WebAssembly.Memory;
  readonly state: () => number;
  readonly heapStart: () => number;
  readonly read: (length: number) => number;
  readonly source: () => number;
  readonly route: () => number;
  readonly remember: (copy: number, route: number) => void;
  readonly walk: (route: number) => void;
  readonly begin: (route: number) => void;
  readonly meet: (index: number) => void;
  readonly find: (index: number, keywords: number, length: number) => number;
  readonly skim: (route: number, skim: number, stretches: number) => number;
  readonly unescape: (token: number) => number;
  readonly end: () => number;
}

const CODE = new WebAssembly.Module(Buffer.from(SCAN_BINARY, 'base64'));

const PAGE_BYTES = 65_536;
const ALIGNMENT = 16;
const FIRST_ROOM = 4_096;

/** A line of so many bytes has at most half as many tokens, but for brackets that open one another. */
const tapeBytes = (line: number): number => (line / 2 + 128) * TOKEN_BYTES;

/** Longer texts are encoded by the platform, whose call alone takes as long as so many characters. */
const SHORT = 48;

/**
 * The scan's code and the memory it works on. Tables are put there once and stay; a line or a text is put there to be
 * looked at. What grows memory makes `words` and `bytes` anew.
 */
export class Scan {
  /** The memory as numbers; the number at an address lies at its fourth part. */
  words: Int32Array;
  bytes: Buffer;
  readonly #exports: ScanExports;
  readonly #state: number;
  #used: number;
  #lineRoom = 0;
  #textRoom = 0;
  #sources = 0;
  #line = 0;
  #text = 0;
  /** The text that was put down last for the event. */
  #put: string | undefined;
  #putLength = 0;

  /** For events of which `slots` fields are read. */
  constructor(slots: number) {
    this.#exports = new WebAssembly.Instance(CODE).exports as unknown as ScanExports;
    this.words = new Int32Array(this.#exports.memory.buffer);
    this.bytes = Buffer.from(this.#exports.memory.buffer);
    this.#state = this.#exports.state();
    this.#used = this.#exports.heapStart();
    this.set(this.#state, STATE_SLOTS, slots);
    this.set(this.#state, STATE_PLACES, this.allocate(slots * PLACE_BYTES));
    this.set(this.#state, STATE_DEFERRED, this.allocate(MOST_DEFERRED * DEFERRED_BYTES));
    this.set(this.#state, STATE_SOURCES, this.allocate(SOURCE_PLACES * SOURCE_BYTES));
    this.#reserveLine(FIRST_ROOM);
    this.#reserveText(FIRST_ROOM);
  }

  /** Where the tape begins: the token of the whole event. */
  get tape(): number {
    return this.get(this.#state, STATE_TAPE);
  }

  get epoch(): number {
    return this.get(this.#state, STATE_EPOCH);
  }

  get places(): number {
    return this.get(this.#state, STATE_PLACES);
  }

  get isAmbiguous(): boolean {
    return this.get(this.#state, STATE_IS_AMBIGUOUS) !== 0;
  }

  /** How many texts were left to the engine; more than `MOST_DEFERRED` are not listed. */
  get deferredCount(): number {
    return this.get(this.#state, STATE_DEFERRED_COUNT);
  }

  deferredAt(order: number): { readonly index: number; readonly token: number } {
    const entry = this.get(this.#state, STATE_DEFERRED) + order * DEFERRED_BYTES;
    return { index: this.get(entry, DEFERRED_INDEX), token: this.get(entry, DEFERRED_TOKEN) };
  }

  get(address: number, offset: number): number {
    return this.words[(address + offset) >> 2] ?? 0;
  }

  set(address: number, offset: number, value: number): void {
    this.words[(address + offset) >> 2] = value;
  }

  /** Takes memory that is never given back; it is all zeros. */
  allocate(size: number): number {
    const address = Math.ceil(this.#used / ALIGNMENT) * ALIGNMENT;
    this.#used = address + size;
    const missing = this.#used + AFTER_TEXT - this.bytes.length;
    if (missing > 0) {
      this.#exports.memory.grow(Math.ceil(missing / PAGE_BYTES));
      this.words = new Int32Array(this.#exports.memory.buffer);
      this.bytes = Buffer.from(this.#exports.memory.buffer);
    }
    return address;
  }

  /** Puts down a list of rules; 0 for none. */
  list(rules: readonly number[]): number {
    if (rules.length === 0) return 0;
    const address = this.allocate((rules.length + 1) * 4);
    this.words[address >> 2] = rules.length;
    this.words.set(rules, (address >> 2) + 1);
    return address;
  }

  /** Takes a JSON object apart; false when it is none that the scan knows. */
  read(bytes: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (length > this.#lineRoom) this.#reserveLine(Math.max(length, this.#lineRoom * 2));
    bytes.copy(this.bytes, this.#line, start, end);
    return this.#exports.read(length) !== 0;
  }

  /** The number, from 1, that was remembered for the log source that the event names itself; 0 for a new one. */
  rememberedRoute(): number {
    return this.#exports.route();
  }

  /** Remembers a number for the log source, unless that is long or there are many; whether it did. */
  rememberRoute(number: number): boolean {
    const length = Buffer.byteLength(this.source() ?? '');
    if (length > LONGEST_SOURCE || this.#sources === MOST_SOURCES) return false;
    this.#sources++;
    this.#exports.remember(this.allocate(length), number);
    return true;
  }

  /** The text of the log source that the event names itself; undefined where it names none. */
  source(): string | undefined {
    const token = this.#exports.source();
    if (token === 0) return undefined;
    return this.bytes.toString('utf8', this.get(token, TOKEN_START), this.get(token, TOKEN_END));
  }

  /** Meets the event that was read: the route's candidates, and where fields lie. */
  walk(route: number): void {
    this.#exports.walk(route);
  }

  /** Begins an event that is no text. */
  begin(route: number): void {
    this.#put = undefined;
    this.#exports.begin(route);
  }

  /** A field is there, whatever its value. */
  meet(index: number): void {
    this.#exports.meet(index);
  }

  /**
   * Finds the literals of up to two indexes (0 is none); whether folding case could make some of the text ASCII. Fields
   * in a row often hold the same text, decoded and as it came: it is put down once, and keywords are sought in it once.
   */
  find(text: string, index: number, keywords: number): boolean {
    const isAgain = text === this.#put;
    if (!isAgain) this.#putLength = this.#write(text);
    const mayFold = this.#exports.find(index, isAgain ? 0 : keywords, this.#putLength) !== 0;
    // Looking for them leaves marks where such characters were.
    this.#put = mayFold ? undefined : text;
    return mayFold;
  }

  /** Puts a text down at the line; its stretches are looked at by `skim`. */
  put(bytes: Buffer): void {
    const { length } = bytes;
    if (length > this.#lineRoom) this.#reserveLine(Math.max(length, this.#lineRoom * 2));
    this.bytes.set(bytes, this.#line);
  }

  /** Whether the stretches of the text at the line make any rule of the route worth trying; `skim`: `SKIM_BYTES` each. */
  skim(route: number, skim: number, stretches: number): boolean {
    return this.#exports.skim(route, skim, stretches) !== 0;
  }

  /** The string of a token that is ASCII, without its escapes. */
  unescaped(token: number): string {
    const end = this.#exports.unescape(token);
    return this.bytes.toString('latin1', this.get(this.#state, STATE_SCRATCH), end);
  }

  /** Ends the event: how many candidates it has; the route lists them in load order. */
  end(route: number): number {
    const count = this.#exports.end();
    if (count > MOST_SORTED) {
      const list = this.get(route, ROUTE_CANDIDATES) >> 2;
      this.words.subarray(list, list + count).sort();
    }
    return count;
  }

  candidateAt(route: number, order: number): number {
    return this.words[(this.get(route, ROUTE_CANDIDATES) >> 2) + order] ?? 0;
  }

  /** Puts a text down; gives its length in bytes. */
  #write(text: string): number {
    const { length } = text;
    if (length * 3 > this.#textRoom) this.#reserveText(Math.max(length * 3, this.#textRoom * 2));
    if (length <= SHORT && this.#writeAscii(text)) return length;
    return this.bytes.write(text, this.#text, 'utf8');
  }

  #writeAscii(text: string): boolean {
    const { bytes } = this;
    const at = this.#text;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      bytes[at + index] = code;
    }
    return true;
  }

  #reserveLine(room: number): void {
    this.#lineRoom = room;
    this.#line = this.#reserve(room);
    this.set(this.#state, STATE_LINE, this.#line);
    this.set(this.#state, STATE_SCRATCH, this.#reserve(room));
    this.set(this.#state, STATE_TAPE, this.allocate(tapeBytes(room)));
  }

  #reserveText(room: number): void {
    this.#textRoom = room;
    this.#text = this.#reserve(room);
    this.set(this.#state, STATE_TEXT, this.#text);
  }

  #reserve(room: number): number {
    return this.allocate(BEFORE_TEXT + room + AFTER_TEXT) + BEFORE_TEXT;
  }
}
