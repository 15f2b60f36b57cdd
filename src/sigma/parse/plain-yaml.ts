import { MAX_DEPTH, MAX_NODES } from './limits.js';
import { type Entry, type MapNode, type Node } from './node.js';
import {
  APOSTROPHE,
  COLON,
  HASH,
  isBlank,
  NEWLINE,
  QUOTE,
  readInline,
  readQuoted,
  SPACE,
  SPECIAL,
  TAB,
  Unsure,
  withoutComment,
} from './plain-scalars.js';

/** Characters whose meaning is left to the full parser wherever they stand; a tab's only outside quotes and comments. */
// eslint-disable-next-line no-control-regex -- that is what is sought
const UNSURE = /[\0-\x08\x0b-\x1f\x7f\ufeff]/;
/** What ends a document or speaks to the parser, at the start of a line. */
const MARKERS = ['...', '%'];

/** What begins a document, alone on its line. */
const BEGINNING = '---';
/** The longest key that need not be asked for by `?` is 1,024 characters long; what comes near is left alone. */
const LONGEST_KEY = 1_000;

/**
 * Reads a file of block maps, lists, scalars, literal blocks and words in brackets, as nearly all rule files are; a tenth
 * of the full parser's time. Gives exactly the documents that it would give, and undefined for everything it is not sure
 * of: other flow collections, anchors, tags, quotes over several lines, duplicate keys, faults of any kind.
 */
export function readPlainYaml(text: string): readonly MapNode[] | undefined {
  if (UNSURE.test(text)) return undefined;
  if (MARKERS.some((marker) => text.startsWith(marker) || text.includes(`\n${marker}`))) return undefined;
  try {
    return new PlainYaml(text).documents();
  } catch (error) {
    if (error instanceof Unsure) return undefined;
    throw error;
  }
}

class PlainYaml {
  /** Where the content of the current line begins, and how far it is indented; -1 behind the last line. */
  #at = 0;
  #indent = 0;
  #nodes = 0;

  constructor(private readonly text: string) {}

  documents(): readonly MapNode[] | undefined {
    const documents: MapNode[] = [];
    this.#toLine(0);
    for (let isFirst = true; isFirst || this.#indent !== -1; isFirst = false) {
      if (this.#isBeginning()) this.#toLine(this.#at + BEGINNING.length + 1);
      else if (!isFirst) return undefined;
      if (this.#indent > 0) return undefined;
      if (this.#indent === 0 && !this.#isBeginning()) documents.push(this.#map(0));
    }
    return documents;
  }

  /** Whether a document begins with the current line. */
  #isBeginning(): boolean {
    if (this.#indent !== 0 || !this.text.startsWith(BEGINNING, this.#at)) return false;
    if (this.#lineEnd(this.#at) !== this.#at + BEGINNING.length) throw new Unsure();
    return true;
  }

  /** Goes to the first line from `from`, which begins a line, that is neither empty nor a comment. */
  #toLine(from: number): void {
    const { text } = this;
    let start = from;
    while (start < text.length) {
      let at = start;
      while (text.charCodeAt(at) === SPACE) at++;
      const code = text.charCodeAt(at);
      if (at < text.length && code !== NEWLINE && code !== HASH) {
        this.#at = at;
        this.#indent = at - start;
        return;
      }
      start = this.#lineEnd(at) + 1;
    }
    this.#at = text.length;
    this.#indent = -1;
  }

  #lineEnd(from: number): number {
    const end = this.text.indexOf('\n', from);
    return end === -1 ? this.text.length : end;
  }

  #count(depth: number, nodes = 1): void {
    this.#nodes += nodes;
    if (this.#nodes > MAX_NODES || depth > MAX_DEPTH) throw new Unsure();
  }

  /** The map whose first key stands at the current place. */
  #map(depth: number): MapNode {
    this.#count(depth);
    const indent = this.#indent;
    const at = this.#at;
    const entries: Entry[] = [];
    while (this.#indent === indent && !this.#isItem() && !this.#isBeginning()) {
      entries.push(this.#entry(indent, depth));
    }
    if (this.#indent > indent || entries.length === 0) throw new Unsure();
    if (isRepeating(entries)) throw new Unsure();
    return { kind: 'map', at, entries };
  }

  #entry(indent: number, depth: number): Entry {
    const { text } = this;
    const at = this.#at;
    const first = text.charCodeAt(at);
    if (first === APOSTROPHE || first === QUOTE) {
      const { value: key, after } = readQuoted(text, at, Math.min(this.#lineEnd(at), at + LONGEST_KEY));
      if (text.charCodeAt(after) !== COLON || !isBlank(text.charCodeAt(after + 1))) throw new Unsure();
      return { key, at, value: this.#value(after + 1, indent, depth + 1) };
    }
    const colon = this.#colon(at);
    const key = text.slice(at, colon);
    if (SPECIAL.test(key) || key.endsWith(' ')) throw new Unsure();
    return { key, at, value: this.#value(colon + 1, indent, depth + 1) };
  }

  /** The colon that ends the key at `from`. */
  #colon(from: number): number {
    const { text } = this;
    const first = text.charCodeAt(from) | 0x20;
    if ((first < 0x61 || first > 0x7a) && text.charCodeAt(from) !== UNDERSCORE) throw new Unsure();
    for (let at = from + 1; at < from + LONGEST_KEY; at++) {
      const code = text.charCodeAt(at);
      if (code === COLON && isBlank(text.charCodeAt(at + 1))) return at;
      if (Number.isNaN(code) || code === NEWLINE || code === HASH || code === TAB) break;
    }
    throw new Unsure();
  }

  /** Whether the current line begins with an item of a list. */
  #isItem(): boolean {
    return this.text.charCodeAt(this.#at) === DASH && isBlank(this.text.charCodeAt(this.#at + 1));
  }

  /** What follows a key's colon, or the dash of an item, of a block that is indented by `indent`. */
  #value(from: number, indent: number, depth: number): Node {
    const { text } = this;
    let at = from;
    while (text.charCodeAt(at) === SPACE) at++;
    const code = text.charCodeAt(at);
    if (code === NEWLINE || (code === HASH && at > from) || Number.isNaN(code)) {
      this.#toLine(this.#lineEnd(at) + 1);
      if (this.#isItem() && this.#indent >= indent) return this.#list(depth);
      if (this.#indent > indent)
        return this.#isKey(this.#at) ? this.#map(depth) : this.#scalar(this.#at, indent, depth);
      if (at > from || code !== NEWLINE) throw new Unsure();
      this.#count(depth);
      return { kind: 'scalar', at, value: null };
    }
    return this.#scalar(at, indent, depth);
  }

  /** The scalar, or list in brackets, at `at`, within a block that is indented by `indent`. */
  #scalar(at: number, indent: number, depth: number): Node {
    const { text } = this;
    this.#count(depth);
    const code = text.charCodeAt(at);
    if (code === PIPE) return this.#literal(at, indent);
    const end = this.#lineEnd(at);
    const node = readInline(text, at, end);
    if (node.kind === 'list') this.#count(depth + 1, node.items.length);
    this.#toLine(end + 1);
    if (this.#indent <= indent) return node;
    if (node.kind === 'list' || code === APOSTROPHE || code === QUOTE) throw new Unsure();
    return this.#folded(at, end, indent);
  }

  /** A plain scalar that goes on over deeper lines: each break is a blank, unless empty lines make it breaks. */
  #folded(from: number, firstEnd: number, indent: number): Node {
    const { text } = this;
    let value = withoutComment(text, from, firstEnd);
    let end = firstEnd;
    while (this.#indent > indent) {
      const between = text.slice(end + 1, this.#at);
      if (between.includes('#')) throw new Unsure();
      const empty = between.split('\n').length - 1;
      end = this.#lineEnd(this.#at);
      value += (empty === 0 ? ' ' : '\n'.repeat(empty)) + withoutComment(text, this.#at, end);
      this.#toLine(end + 1);
    }
    return { kind: 'scalar', at: from, value };
  }

  #list(depth: number): Node {
    this.#count(depth);
    const indent = this.#indent;
    const at = this.#at;
    const items: Node[] = [];
    while (this.#indent === indent && this.#isItem()) items.push(this.#item(indent, depth + 1));
    if (this.#indent > indent) throw new Unsure();
    return { kind: 'list', at, items };
  }

  #item(indent: number, depth: number): Node {
    const { text } = this;
    let at = this.#at + 1;
    while (text.charCodeAt(at) === SPACE) at++;
    const code = text.charCodeAt(at);
    if (code === NEWLINE || code === HASH || Number.isNaN(code)) throw new Unsure();
    if (!this.#isKey(at)) return this.#value(at, indent, depth);
    this.#indent += at - this.#at;
    this.#at = at;
    return this.#map(depth);
  }

  /** Whether a key stands at `from`. */
  #isKey(from: number): boolean {
    const { text } = this;
    const first = text.charCodeAt(from);
    const end = this.#lineEnd(from);
    for (let at = text.indexOf(':', from); at !== -1 && at < end; at = text.indexOf(':', at + 1)) {
      if (!isBlank(text.charCodeAt(at + 1))) continue;
      if (first === APOSTROPHE || first === QUOTE) return readQuoted(text, from, end).after === at;
      return !text.slice(from, at).includes(' #');
    }
    return false;
  }

  /** A literal block: the lines below that are indented further, as they stand. */
  #literal(at: number, indent: number): Node {
    const { text } = this;
    let end = this.#lineEnd(at);
    if (end !== at + 1) throw new Unsure();
    const lines: string[] = [];
    let width = -1;
    let start = end + 1;
    for (; start < text.length; start = end + 1) {
      end = this.#lineEnd(start);
      if (end === start) {
        lines.push('');
        continue;
      }
      let content = start;
      while (text.charCodeAt(content) === SPACE) content++;
      // What a line of blanks alone means hangs on its length.
      if (content === end) throw new Unsure();
      if (width === -1) width = content - start;
      if (width <= indent || content - start < width) break;
      lines.push(text.slice(start + width, end));
    }
    while (lines.at(-1) === '') lines.pop();
    if (lines.length === 0 || lines[0] === '') throw new Unsure();
    this.#toLine(start);
    const value = `${lines.join('\n')}\n`;
    if (this.#indent > indent || value.includes('\t')) throw new Unsure();
    return { kind: 'scalar', at, value };
  }
}

/** Up to so many keys are compared each with each, which is quicker than a set of them. */
const FEW_KEYS = 16;

function isRepeating(entries: readonly Entry[]): boolean {
  if (entries.length > FEW_KEYS) return new Set(entries.map(({ key }) => key)).size < entries.length;
  return entries.some(({ key }, index) => {
    for (let at = 0; at < index; at++) if (entries[at]?.key === key) return true;
    return false;
  });
}

const DASH = 0x2d;
const UNDERSCORE = 0x5f;
const PIPE = 0x7c;
