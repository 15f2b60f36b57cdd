import { type Node } from './node.js';

/** What is not plain, or what nobody can be sure of without reading all of YAML: the file goes to the full parser. */
export class Unsure extends Error {}

export const TAB = 0x09;
export const NEWLINE = 0x0a;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const APOSTROPHE = 0x27;
export const COLON = 0x3a;

const BRACKET = 0x5b;
const BACKSLASH = 0x5c;

/** What a plain scalar cannot begin with, or what begins something else than a scalar. */
const INDICATORS = new Set('?:,[]{}#&*!|>\'"%@`');

export const SPECIAL = /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE)?$/;
const NUMBER_LIKE =
  /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;
const PLAIN_INTEGER = /^[-+]?[0-9]{1,15}$/;

/** First letters of words with a meaning. */
const MEANINGFUL = new Set('~nNtTfF');

export function isBlank(code: number): boolean {
  return code === SPACE || code === NEWLINE || Number.isNaN(code);
}

/** The scalar or list in brackets that begins at `at`, not with a blank, and ends on its line. */
export function readInline(text: string, at: number, end: number): Node {
  const code = text.charCodeAt(at);
  if (code === BRACKET) return bracketed(text, at, end);
  if (code === APOSTROPHE || code === QUOTE) {
    const { value, after } = readQuoted(text, at, end);
    checkRest(text, after, end);
    return { kind: 'scalar', at, value };
  }
  return { kind: 'scalar', at, value: plain(text, at, end) };
}

function plain(text: string, from: number, end: number): string | number | boolean | null {
  const first = text.charAt(from);
  if (first === ':' || first === '-' ? isBlank(text.charCodeAt(from + 1)) : INDICATORS.has(first)) throw new Unsure();
  let to = end;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === HASH && text.charCodeAt(at - 1) === SPACE) {
      to = at;
      break;
    }
    if (code === TAB || (code === COLON && isBlank(text.charCodeAt(at + 1)))) throw new Unsure();
  }
  while (text.charCodeAt(to - 1) === SPACE) to--;
  const value = text.slice(from, to);
  const code = text.charCodeAt(from);
  // What begins otherwise is neither a number nor a word with a meaning.
  if (code > 0x39 && !MEANINGFUL.has(first)) return value;
  return scalarOf(value);
}

/** A line of a plain scalar over several lines, which a comment would end. */
export function withoutComment(text: string, from: number, end: number): string {
  let to = end;
  while (text.charCodeAt(to - 1) === SPACE) to--;
  const line = text.slice(from, to);
  if (/\t| #|^[#-]|:(?: |$)/.test(line)) throw new Unsure();
  return line;
}

function scalarOf(text: string): string | number | boolean | null {
  if (PLAIN_INTEGER.test(text) && text !== '-0') return Number(text);
  if (NUMBER_LIKE.test(text)) throw new Unsure();
  if (!SPECIAL.test(text)) return text;
  const word = text.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : null;
}

/** The text in quotes that begins at `from` and ends before `end`, and the place after it. */
export function readQuoted(
  text: string,
  from: number,
  end: number,
): { readonly value: string; readonly after: number } {
  return text.charCodeAt(from) === APOSTROPHE ? singleQuoted(text, from, end) : doubleQuoted(text, from, end);
}

function singleQuoted(text: string, from: number, end: number): ReturnType<typeof readQuoted> {
  let close = text.indexOf("'", from + 1);
  let hasQuotes = false;
  while (close !== -1 && text.charCodeAt(close + 1) === APOSTROPHE) {
    hasQuotes = true;
    close = text.indexOf("'", close + 2);
  }
  if (close === -1 || close >= end) throw new Unsure();
  const inner = text.slice(from + 1, close);
  return { value: hasQuotes ? inner.replaceAll("''", "'") : inner, after: close + 1 };
}

function doubleQuoted(text: string, from: number, end: number): ReturnType<typeof readQuoted> {
  let close = from + 1;
  let isEscaped = false;
  for (let code = text.charCodeAt(close); code !== QUOTE; code = text.charCodeAt(++close)) {
    if (close >= end) throw new Unsure();
    if (code !== BACKSLASH) continue;
    isEscaped = true;
    if (!JSON_ESCAPE.test(text.slice(close, close + 6))) throw new Unsure();
    close++;
  }
  const after = close + 1;
  const written = text.slice(from, after);
  if (!isEscaped) return { value: written.slice(1, -1), after };
  // JSON has no tabs in strings.
  if (written.includes('\t')) throw new Unsure();
  return { value: JSON.parse(written) as string, after };
}

/** Escapes that mean in YAML what they mean in JSON. */
const JSON_ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;

/** Nothing but a comment may follow on the line. */
function checkRest(text: string, from: number, end: number): void {
  let at = from;
  while (text.charCodeAt(at) === SPACE) at++;
  if (at < end && (text.charCodeAt(at) !== HASH || at === from)) throw new Unsure();
}

/** Words without a sign that has a meaning in brackets. */
const WORDS = /^\[ *\w[\w./-]*(?: *, *\w[\w./-]*)* *\]$/;
const WORD = /[\w./-]+/g;

/** A list of words in brackets. */
function bracketed(text: string, from: number, end: number): Node {
  const close = text.indexOf(']', from);
  const written = text.slice(from, close + 1);
  if (close === -1 || close >= end || !WORDS.test(written)) throw new Unsure();
  checkRest(text, close + 1, end);
  const items = Array.from(written.matchAll(WORD), ({ index, 0: word }): Node => {
    return { kind: 'scalar', at: from + index, value: scalarOf(word) };
  });
  return { kind: 'list', at: from, items };
}
