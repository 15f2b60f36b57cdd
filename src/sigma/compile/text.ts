import { ANY, DASH, DASHES, fold, type Token, type Tokens } from '../modifiers/sigma-string.js';
import { type Cuts } from './cuts.js';
import { type Cell } from './view.js';

/** Decides over a cell that holds a text. */
export type CellTest = (cell: Cell) => boolean;

/** Compiles a Sigma string; the common shapes come down to one native string operation. */
export function compileText(tokens: Tokens, cased: boolean, cuts: Cuts): CellTest {
  const pattern = cased ? tokens : tokens.map((token) => (typeof token === 'string' ? fold(token) : token));
  const [first, second, third] = pattern;
  if (pattern.length === 0) return (cell) => cell.text === '';
  if (pattern.length === 1 && first === ANY) return () => true;
  if (pattern.length === 1 && typeof first === 'string') return exactly(first, cased);
  if (pattern.length === 2 && first === ANY && typeof second === 'string') return ending(second, cased);
  if (pattern.length === 2 && typeof first === 'string' && second === ANY) return starting(first, cased);
  if (pattern.length === 3 && first === ANY && typeof second === 'string' && third === ANY) {
    return containing(second, cased);
  }
  const match = compileWildcards(pattern);
  return cased ? (cell) => match(cuts.apply(cell.text)) : (cell) => match(cuts.apply(cell.folded));
}

function exactly(literal: string, cased: boolean): CellTest {
  return cased ? (cell) => cell.text === literal : (cell) => cell.folded === literal;
}

function starting(literal: string, cased: boolean): CellTest {
  return cased ? (cell) => cell.text.startsWith(literal) : (cell) => cell.folded.startsWith(literal);
}

function ending(literal: string, cased: boolean): CellTest {
  return cased ? (cell) => cell.text.endsWith(literal) : (cell) => cell.folded.endsWith(literal);
}

function containing(literal: string, cased: boolean): CellTest {
  return cased ? (cell) => cell.text.includes(literal) : (cell) => cell.folded.includes(literal);
}

/** A run of tokens between two `*`; `isPlain` when it is one literal and can be sought natively. */
interface Segment {
  readonly tokens: Tokens;
  readonly isPlain: boolean;
}

/**
 * Matches patterns of any shape in time at most text × pattern: each stretch between stars is taken at its leftmost
 * place, which is enough, since a later place leaves less for the rest.
 */
function compileWildcards(pattern: Tokens): (text: string) => boolean {
  const segments = segmentsOf(pattern);
  const head = segments[0] ?? EMPTY;
  const tail = segments.at(-1) ?? EMPTY;
  if (segments.length === 1) return (text) => endOf(head.tokens, text, 0) === text.length;
  const middle = segments.slice(1, -1);
  const tailBackwards = [...tail.tokens].reverse();
  return (text) => {
    let at = endOf(head.tokens, text, 0);
    if (at === -1) return false;
    for (const segment of middle) {
      at = find(segment, text, at);
      if (at === -1) return false;
    }
    const start = startOf(tailBackwards, text);
    return start >= at;
  };
}

const EMPTY: Segment = { tokens: [], isPlain: false };

function segmentsOf(pattern: Tokens): readonly Segment[] {
  const segments: Token[][] = [[]];
  for (const token of pattern) {
    if (token === ANY) segments.push([]);
    else segments.at(-1)?.push(token);
  }
  return segments.map((tokens) => ({ tokens, isPlain: tokens.length === 1 && typeof tokens[0] === 'string' }));
}

/** Where the segment ends at its first place from `from` on, or -1. */
function find({ tokens, isPlain }: Segment, text: string, from: number): number {
  const [first] = tokens;
  if (isPlain && typeof first === 'string') {
    const at = text.indexOf(first, from);
    return at === -1 ? -1 : at + first.length;
  }
  for (let at = from; at <= text.length; at++) {
    const end = endOf(tokens, text, at);
    if (end !== -1) return end;
  }
  return -1;
}

/** Where the tokens end when they start at `at`, or -1. */
function endOf(tokens: Tokens, text: string, at: number): number {
  for (const token of tokens) {
    if (typeof token === 'string') {
      if (!text.startsWith(token, at)) return -1;
      at += token.length;
    } else if (at >= text.length) {
      return -1;
    } else if (token === DASH) {
      if (!DASHES.includes(text.charAt(at))) return -1;
      at++;
    } else at += isPair(text, at) ? 2 : 1;
  }
  return at;
}

/** Where the tokens, given from last to first, start when they end with the text, or -1. */
function startOf(backwards: Tokens, text: string): number {
  let end = text.length;
  for (const token of backwards) {
    if (typeof token === 'string') {
      if (!text.endsWith(token, end)) return -1;
      end -= token.length;
    } else if (end <= 0) {
      return -1;
    } else if (token === DASH) {
      if (!DASHES.includes(text.charAt(end - 1))) return -1;
      end--;
    } else end -= end >= 2 && isPair(text, end - 2) ? 2 : 1;
    if (end < 0) return -1;
  }
  return end;
}

function isPair(text: string, at: number): boolean {
  const high = text.charCodeAt(at);
  const low = text.charCodeAt(at + 1);
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}
