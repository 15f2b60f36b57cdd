/** Any run of characters, the empty one and line breaks included. */
export const ANY = Symbol('*');
/** Exactly one character (code point). */
export const ONE = Symbol('?');
/** One of the five dashes and slashes that Windows programs take for the start of an option. */
export const DASH = Symbol('-');

/** A parsed Sigma string: literals, never two in a row and never empty, and wildcards between them. */
export type Tokens = readonly Token[];
export type Token = string | typeof ANY | typeof ONE | typeof DASH;

export const DASHES: readonly string[] = ['-', '/', '\u2013', '\u2014', '\u2015'];

/** What is more than a character: a wildcard, or a backslash before what it escapes. */
const MEANINGFUL = /[*?]|\\\\/;
const ESCAPED = '*?\\';

/** Reads wildcards and escapes: a backslash escapes only `*`, `?` and itself (Sigma spec 2.1, Escaping). */
export function parseSigmaString(text: string): Tokens {
  if (!MEANINGFUL.test(text)) return text === '' ? [] : [text];
  const tokens: Token[] = [];
  let literal = '';
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\' && ESCAPED.includes(text.charAt(at + 1)) && at + 1 < text.length) {
      literal += text.slice(start, at);
      start = ++at;
    } else if (char === '*' || char === '?') {
      literal += text.slice(start, at);
      if (literal !== '') tokens.push(literal);
      if (char === '?' || tokens.at(-1) !== ANY) tokens.push(char === '*' ? ANY : ONE);
      literal = '';
      start = at + 1;
    }
  }
  literal += text.slice(start);
  if (literal !== '') tokens.push(literal);
  return tokens;
}

/** Joins neighbouring literals, so that the invariant of `Tokens` holds. */
export function normalise(tokens: Iterable<Token>): Tokens {
  const result: Token[] = [];
  for (const token of tokens) {
    const last = result.at(-1);
    if (token === '' || (token === ANY && last === ANY)) continue;
    if (typeof token === 'string' && typeof last === 'string') result[result.length - 1] = last + token;
    else result.push(token);
  }
  return result;
}

/** The literal that the tokens are, or undefined when there is a wildcard among them. */
export function literalOf(tokens: Tokens): string | undefined {
  if (tokens.length === 0) return '';
  const [first] = tokens;
  return tokens.length === 1 && typeof first === 'string' ? first : undefined;
}

/** Case is ignored by comparing folded texts on both sides. The final sigma folds like the others. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes('\u03c2') ? lower.replaceAll('\u03c2', '\u03c3') : lower;
}
