import { MAX_DEPTH, MAX_NODES } from './limits.js';
import { type Entry, type MapNode, type Node } from './node.js';

/** Characters whose meaning is left to the full parser wherever they stand. */
// eslint-disable-next-line no-control-regex -- that is what is sought
const UNSURE = /[\0-\x09\x0b-\x1f\x7f\ufeff]/;
/** What begins or ends a document, or speaks to the parser, at the start of a line. */
const MARKERS = ['---', '...', '%'];

/** What a plain scalar cannot begin with, or what begins something else than a scalar. */
const INDICATORS = new Set('?:,[]{}#&*!|>\'"%@`');

const SPECIAL = /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE)?$/;
const NUMBER_LIKE =
  /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;
const PLAIN_INTEGER = /^-?(?:0|[1-9][0-9]{0,14})$/;

/** The longest key that need not be asked for by `?` is 1,024 characters long; what comes near is left alone. */
const LONGEST_KEY = 1_000;

/**
 * Reads a file that is one block map of block maps, lists, scalars on one line and literal blocks, as nearly all rule
 * files are; a tenth of the full parser's time. Gives exactly what that would give, and undefined for everything it is
 * not sure of: flow collections, anchors, tags, scalars over several lines, duplicate keys, faults of any kind.
 */
export function readPlainYaml(text: string): MapNode | undefined {
  if (UNSURE.test(text)) return undefined;
  if (MARKERS.some((marker) => text.startsWith(marker) || text.includes(`\n${marker}`))) return undefined;
  try {
    return new PlainYaml(text).document();
  } catch (error) {
    if (error instanceof Unsure) return undefined;
    throw error;
  }
}

class Unsure extends Error {}

class PlainYaml {
  /** Where the content of the current line begins, and how far it is indented; -1 behind the last line. */
  #at = 0;
  #indent = 0;
  #nodes = 0;

  constructor(private readonly text: string) {}

  document(): MapNode | undefined {
    this.#toLine(0);
    if (this.#isIndentedBy(0)) {
      const map = this.#map(0);
      if (this.#isIndentedBy(-1)) return map;
    }
    return undefined;
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

  #isIndentedBy(indent: number): boolean {
    return this.#indent === indent;
  }

  #lineEnd(from: number): number {
    const end = this.text.indexOf('\n', from);
    return end === -1 ? this.text.length : end;
  }

  #count(depth: number): void {
    if (++this.#nodes > MAX_NODES || depth > MAX_DEPTH) throw new Unsure();
  }

  /** The map whose first key stands at the current place. */
  #map(depth: number): MapNode {
    this.#count(depth);
    const indent = this.#indent;
    const at = this.#at;
    const entries: Entry[] = [];
    const keys = new Set<string>();
    while (this.#indent === indent && !this.#isItem()) {
      const keyAt = this.#at;
      const colon = this.#colon(keyAt);
      const key = this.text.slice(keyAt, colon);
      if (keys.has(key) || SPECIAL.test(key) || key.endsWith(' ') || key === '<<') throw new Unsure();
      keys.add(key);
      entries.push({ key, at: keyAt, value: this.#value(colon + 1, indent, depth + 1) });
    }
    if (this.#indent > indent || entries.length === 0) throw new Unsure();
    return { kind: 'map', at, entries };
  }

  /** The colon that ends the key at `from`. */
  #colon(from: number): number {
    const { text } = this;
    const first = text.charCodeAt(from) | 0x20;
    if ((first < 0x61 || first > 0x7a) && text.charCodeAt(from) !== UNDERSCORE) throw new Unsure();
    for (let at = from + 1; at < from + LONGEST_KEY; at++) {
      const code = text.charCodeAt(at);
      if (code === COLON && isBlank(text.charCodeAt(at + 1))) return at;
      if (Number.isNaN(code) || code === NEWLINE || code === HASH) break;
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
      if (this.#indent <= indent) throw new Unsure();
      return this.#map(depth);
    }
    this.#count(depth);
    if (code === PIPE) return this.#literal(at, indent);
    const value = code === APOSTROPHE ? this.#quoted(at) : code === QUOTE ? this.#doubleQuoted(at) : this.#plain(at);
    this.#toLine(this.#lineEnd(at) + 1);
    // A deeper line would go on with the scalar, or be a fault.
    if (this.#indent > indent) throw new Unsure();
    return { kind: 'scalar', at, value };
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

  /** Whether a key stands at `from`; a quoted text is a scalar, and whatever follows it is looked at there. */
  #isKey(from: number): boolean {
    const { text } = this;
    const first = text.charCodeAt(from);
    if (first === APOSTROPHE || first === QUOTE) return false;
    const end = this.#lineEnd(from);
    for (let at = text.indexOf(':', from); at !== -1 && at < end; at = text.indexOf(':', at + 1)) {
      if (isBlank(text.charCodeAt(at + 1))) return true;
    }
    return false;
  }

  #plain(from: number): string | number | boolean | null {
    const { text } = this;
    const first = text.charAt(from);
    if (INDICATORS.has(first) || (first === '-' && isBlank(text.charCodeAt(from + 1)))) throw new Unsure();
    const line = text.slice(from, this.#lineEnd(from));
    const comment = line.indexOf(' #');
    let end = comment === -1 ? line.length : comment;
    while (line.charCodeAt(end - 1) === SPACE) end--;
    const value = line.slice(0, end);
    if (value.includes(': ') || value.endsWith(':')) throw new Unsure();
    const code = text.charCodeAt(from);
    // What begins otherwise is neither a number nor a word with a meaning.
    if (code > 0x39 && !MEANINGFUL.has(first)) return value;
    return scalarOf(value);
  }

  #quoted(from: number): string {
    const { text } = this;
    const end = this.#lineEnd(from);
    let close = text.indexOf("'", from + 1);
    let hasQuotes = false;
    while (close !== -1 && text.charCodeAt(close + 1) === APOSTROPHE) {
      hasQuotes = true;
      close = text.indexOf("'", close + 2);
    }
    if (close === -1 || close >= end) throw new Unsure();
    this.#checkRest(close + 1, end);
    const value = text.slice(from + 1, close);
    return hasQuotes ? value.replaceAll("''", "'") : value;
  }

  #doubleQuoted(from: number): string {
    const { text } = this;
    const end = this.#lineEnd(from);
    const close = text.indexOf('"', from + 1);
    if (close === -1 || close >= end) throw new Unsure();
    const value = text.slice(from + 1, close);
    if (value.includes('\\')) throw new Unsure();
    this.#checkRest(close + 1, end);
    return value;
  }

  /** Nothing but a comment may follow on the line. */
  #checkRest(from: number, end: number): void {
    let at = from;
    while (this.text.charCodeAt(at) === SPACE) at++;
    if (at < end && (this.text.charCodeAt(at) !== HASH || at === from)) throw new Unsure();
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
    if (this.#indent > indent) throw new Unsure();
    return { kind: 'scalar', at, value: `${lines.join('\n')}\n` };
  }
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const APOSTROPHE = 0x27;
const DASH = 0x2d;
const COLON = 0x3a;
const UNDERSCORE = 0x5f;
const PIPE = 0x7c;

/** First letters of words with a meaning. */
const MEANINGFUL = new Set('~nNtTfF');

function isBlank(code: number): boolean {
  return code === SPACE || code === NEWLINE || Number.isNaN(code);
}

function scalarOf(text: string): string | number | boolean | null {
  if (PLAIN_INTEGER.test(text) && text !== '-0') return Number(text);
  if (NUMBER_LIKE.test(text)) throw new Unsure();
  if (!SPECIAL.test(text)) return text;
  const word = text.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : null;
}
