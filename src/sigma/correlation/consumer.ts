import { type Correlation, type Place, type Rule } from '../model.js';
import { type WindowPlan } from './plan.js';

/**
 * What a match feeds: each alerting rule is its own smallest correlation ("one match"), and so is every correlation
 * that names the rule.
 */
export interface Consumer {
  readonly correlation: Correlation | Rule;
  /** Whether its firings feed the correlations that name it. What a rule feeds, its matches do. */
  readonly isRelayed: boolean;
  /** The correlation's hash: state kept under another hash is not to be used. */
  readonly hash: string;
  readonly window: WindowPlan;
  /**
   * The signal a match gives. Undefined when it can take no part: a group-by field is missing, or the counted field is
   * missing or (for sums and averages) no number. A rule standing alone always gives one.
   */
  signalOf(ruleId: string, timeMs: number, fields: Readonly<Record<string, unknown>>): Signal | undefined;
  /** The fields a firing carries into the correlations that name this one: its group-by names with the group's values. */
  fieldsOf(group: readonly string[]): Readonly<Record<string, string>>;
}

/**
 * Whether the consumer asks "was there one" of the rules that it names (temporal correlations) rather than "how many". An alert that counts on
 * is still going on for the former, and is not one more of them for the latter.
 */
export const asksWhether = ({ window }: Pick<Consumer, 'window'>): boolean =>
  window.kind === 'ordered' || (window.kind === 'distinct' && window.of === 'rules');

/** What one match contributes to one consumer; small and JSON-serialisable. */
export interface Signal {
  readonly rule: string;
  readonly timeMs: number;
  /** Text forms of the group-by values, in order; the caller adds the tenant where the scope is `silo`. */
  readonly group: readonly string[];
  /** What is counted: 128 bits of a hash for distinct values, a decimal number for sums, averages and percentiles. */
  readonly value?: string;
  readonly place?: Place;
}
