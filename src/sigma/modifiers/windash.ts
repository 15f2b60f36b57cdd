import { DASH, DASHES, normalise, type Token, type Tokens } from './sigma-string.js';

/** Lets every `-` and `/` that stands before a word be any of the dashes (Sigma spec 2.1, windash). */
export function windash(tokens: Tokens): Tokens {
  const result: Token[] = [];
  for (const token of tokens) {
    if (typeof token !== 'string') {
      result.push(token);
      continue;
    }
    let from = 0;
    for (const match of token.matchAll(/\B[-/]\b/g)) {
      result.push(token.slice(from, match.index), DASH);
      from = match.index + 1;
    }
    result.push(token.slice(from));
  }
  return normalise(result);
}

/** Every spelling of tokens with dashes among them: five to the power of their number, cut at the first 625. */
export function expandDashes(tokens: Tokens): readonly Tokens[] {
  let spellings: Token[][] = [[]];
  for (const token of tokens) {
    if (token === DASH && spellings.length <= 125) {
      spellings = spellings.flatMap((spelling) => DASHES.map((dash) => [...spelling, dash]));
    } else for (const spelling of spellings) spelling.push(token === DASH ? '-' : token);
  }
  return spellings.map(normalise);
}
