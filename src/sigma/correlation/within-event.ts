import { holds, type Resolved } from '../condition/condition.js';
import { type Correlation, type Rule } from '../model.js';

/** A correlation that the matches of one event decide, without a window and without state. */
export interface EventCorrelation {
  readonly correlation: Correlation;
  /** Over ids of rules; undefined where a number of them has to match. */
  readonly expression: Resolved | undefined;
  readonly atLeast: number;
}

/** What matched in one event, and the correlations within it that this decides. */
export type Feeders = (matched: readonly Rule[]) => readonly (Rule | Correlation)[];

/** Correlations come after the rules, in load order; without any, what matched is given back as it is. */
export function feedersWith(correlations: readonly EventCorrelation[]): Feeders {
  const named = new Set(correlations.flatMap(({ correlation }) => correlation.rules));
  return (matched) => {
    if (!matched.some(({ id }) => named.has(id))) return matched;
    const ids = new Set(matched.map(({ id }) => id));
    const decided = correlations.filter((one) => isDecided(one, ids));
    return decided.length === 0 ? matched : [...matched, ...decided.map(({ correlation }) => correlation)];
  };
}

function isDecided({ correlation, expression, atLeast }: EventCorrelation, ids: ReadonlySet<string>): boolean {
  if (expression !== undefined) return holds(expression, ids);
  return new Set(correlation.rules.filter((id) => ids.has(id))).size >= atLeast;
}
