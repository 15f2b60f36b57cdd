import { ANY, DASH, DASHES, fold, ONE, type Token, type Tokens } from '../modifiers/sigma-string.js';

/** A pattern letter by letter; wildcards stand for themselves. */
type Sign = Exclude<Token, string> | string;

export interface Pattern {
  readonly tokens: Tokens;
  readonly cased: boolean;
}

/** Patterns longer than this are compared by their shape alone (letters and wildcards). */
const MAX_SIGNS = 400;

/** Whether every text that `special` takes is taken by `general`; false also where that cannot be told. */
export function takesAll(general: Pattern, special: Pattern): boolean {
  if (general.cased && !special.cased && hasLetters(special.tokens)) return false;
  const isFolded = !general.cased;
  const wide = signsOf(general.tokens, isFolded);
  const narrow = signsOf(special.tokens, isFolded);
  if (wide.length > MAX_SIGNS || narrow.length > MAX_SIGNS) return isSame(wide, narrow);
  return takes(wide, narrow);
}

function hasLetters(tokens: Tokens): boolean {
  return tokens.some((token) => typeof token === 'string' && token.toLowerCase() !== token.toUpperCase());
}

/** Rules are compared each with each, so that the same patterns come again and again. */
const FOLDED = new WeakMap<Tokens, readonly Sign[]>();
const EXACT = new WeakMap<Tokens, readonly Sign[]>();

function signsOf(tokens: Tokens, isFolded: boolean): readonly Sign[] {
  const known = isFolded ? FOLDED : EXACT;
  let signs = known.get(tokens);
  if (signs === undefined) {
    signs = tokens.flatMap((token): readonly Sign[] =>
      typeof token === 'string' ? Array.from(isFolded ? fold(token) : token) : [token],
    );
    known.set(tokens, signs);
  }
  return signs;
}

function isSame(left: readonly Sign[], right: readonly Sign[]): boolean {
  return left.length === right.length && left.every((sign, at) => sign === right[at]);
}

/** Greedy matching with one way back, as of any pattern against a text; a wildcard of `narrow` is taken by one as wide. */
function takes(wide: readonly Sign[], narrow: readonly Sign[]): boolean {
  let [at, from, star, resume] = [0, 0, -1, 0];
  while (from < narrow.length) {
    const sign = wide[at];
    if (sign === ANY) {
      star = at++;
      resume = from;
    } else if (sign !== undefined && takesSign(sign, narrow[from])) {
      at++;
      from++;
    } else if (star !== -1) {
      at = star + 1;
      from = ++resume;
    } else return false;
  }
  while (wide[at] === ANY) at++;
  return at === wide.length;
}

function takesSign(wide: Sign, narrow: Sign | undefined): boolean {
  if (narrow === ANY || narrow === undefined) return false;
  if (wide === ONE) return true;
  if (wide === DASH) return narrow === DASH || (typeof narrow === 'string' && DASHES.includes(narrow));
  return wide === narrow;
}

/** Whether no text is taken by both; false also where that cannot be told. */
export function areApart(left: Pattern, right: Pattern): boolean {
  const [a, b] = [signsOf(left.tokens, true), signsOf(right.tokens, true)];
  if (isLiteral(a)) return !takes(b, a);
  if (isLiteral(b)) return !takes(a, b);
  return differAtStart(a, b) || differAtStart(a.toReversed(), b.toReversed());
}

function isLiteral(signs: readonly Sign[]): boolean {
  return signs.every((sign) => typeof sign === 'string');
}

function differAtStart(left: readonly Sign[], right: readonly Sign[]): boolean {
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [a, b] = [left[at], right[at]];
    if (typeof a !== 'string' || typeof b !== 'string') return false;
    if (a !== b) return true;
  }
  return false;
}
