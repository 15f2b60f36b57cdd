import { MAX_ALTERNATIVES } from '../parse/limits.js';
import { type PlaceholderSource, type Refusal } from './draft.js';
import { normalise, parseSigmaString, type Token, type Tokens } from './sigma-string.js';

/**
 * Puts a placeholder's values in the place of each `%name%`; `\%` is a percent sign. A placeholder without values is a
 * fault: a tool that cannot resolve one must refuse the rule (Sigma spec 2.1, expand).
 */
export function expandPlaceholders(raw: string, placeholders: PlaceholderSource): readonly Tokens[] | Refusal {
  let alternatives: Token[][] = [[]];
  // An escaped percent sign is kept out of the pattern's way as a private-use character that no rule can mean.
  const parts = raw.replaceAll('\\%', '\uf8ff').split(/%([^%\s]+)%/);
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 0) {
      const tokens = parseSigmaString(part.replaceAll('\uf8ff', '%'));
      for (const alternative of alternatives) alternative.push(...tokens);
      continue;
    }
    const values = placeholders(part);
    if (values === undefined || values.length === 0) {
      return { kind: 'refusal', code: 'PLACEHOLDER_UNKNOWN', message: `the placeholder %${part}% has no values here` };
    }
    alternatives = alternatives.flatMap((start) => values.map((value) => [...start, ...parseSigmaString(value)]));
    if (alternatives.length > MAX_ALTERNATIVES) {
      return { kind: 'refusal', code: 'MODIFIER_VALUE', message: `stands for more than ${MAX_ALTERNATIVES} values` };
    }
  }
  return alternatives.map(normalise);
}
