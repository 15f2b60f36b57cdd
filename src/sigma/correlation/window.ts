import { holds, type Resolved } from '../condition/condition.js';
import { type Extension } from '../parse/extension.js';
import { type CorrelationText } from '../parse/correlation.js';
import { type Bound, type ValueCondition } from '../parse/bounds.js';
import { alternativesOf } from './alternatives.js';
import { MAX_MEASURED } from './measure.js';
import { type ClosingPlan, type Measure, type WindowPlan } from './plan.js';

/** How long a rule standing alone counts on into the same alert unless it says otherwise. */
const DEFAULT_QUIET_MS = 10 * 60 * 1000;

/** A rule standing alone: one match fires. */
export function windowOfRule(suppressMs: number | undefined): WindowPlan {
  const quietMs = suppressMs ?? DEFAULT_QUIET_MS;
  return { kind: 'count', atLeast: 1, spanMs: quietMs, quietMs };
}

/** What a consumer needs to know besides its extension. */
interface Basis {
  readonly spanMs: number;
  readonly suppressMs: number | undefined;
  readonly ruleIds: readonly string[];
  /** The id of the rule that an absence expects. */
  readonly expected: string | undefined;
}

/** The window of an extension; a text says why there is none. */
export function windowOfExtension(
  extension: Extension,
  { spanMs, suppressMs, ruleIds, expected }: Basis,
): WindowPlan | string {
  const window = { spanMs, quietMs: suppressMs ?? DEFAULT_QUIET_MS };
  switch (extension.kind) {
    case 'new_terms':
      return { kind: 'novel', ...window, learnMs: extension.learnMs, cap: extension.cap };
    case 'impossible_travel':
      return { kind: 'travel', ...window, speedKmh: extension.speedKmh, distanceKm: extension.distanceKm };
    case 'rate_change': {
      const { factor, windows, atLeast } = extension;
      return { kind: 'rate', ...window, quietMs: suppressMs ?? spanMs, factor, windows, atLeast };
    }
    case 'absence': {
      if (expected === undefined)
        return 'what an absence expects is one of the rules, by the name under which it is listed';
      const others = ruleIds.filter((id) => id !== expected);
      return {
        kind: 'absence',
        ...window,
        opening: others.length === 0 ? [expected] : others,
        expected,
        learnMs: extension.learnMs,
      };
    }
  }
}

/** The window of a correlation whose rules have the given ids; a text says why there is none. */
export function windowOf(
  text: CorrelationText,
  ruleIds: readonly string[],
  idByName: ReadonlyMap<string, string>,
): WindowPlan | string {
  const { type, timespanMs: spanMs, condition, attributes, extension } = text;
  if (extension !== undefined && attributes.within === 'event')
    return 'what is decided within an event has no extension';
  if (extension !== undefined) {
    const [only] = ruleIds.length === 1 ? ruleIds : [];
    const name = extension.kind === 'absence' ? extension.expected : undefined;
    const expected = name === undefined ? only : idByName.get(name);
    const span = extension.timespanMs ?? spanMs;
    return windowOfExtension(extension, { spanMs: span, suppressMs: attributes.suppressMs, ruleIds, expected });
  }
  const window = { spanMs, quietMs: attributes.suppressMs ?? spanMs };
  const expression = condition.expression === undefined ? undefined : withIds(condition.expression, idByName);
  const isPositive = expression === undefined || !hasNot(expression);
  if (expression !== undefined && holds(expression, new Set())) {
    return 'the condition also holds when none of its rules matched: it needs a rule that opens the window';
  }
  if (type === 'temporal_ordered') return ordered(window, ruleIds, expression);
  const atLeast = lowerBoundAlone(condition);
  if (attributes.within === 'event') return withinEvent(text, window, atLeast, expression);
  if (!isPositive || (expression === undefined && atLeast === undefined)) return closing(text, window, expression);
  switch (type) {
    case 'event_count':
      return { kind: 'count', ...window, atLeast: Math.max(1, atLeast ?? 1) };
    case 'value_count':
      return { kind: 'distinct', ...window, of: 'values', atLeast: Math.max(1, atLeast ?? 1), expression: undefined };
    case 'temporal':
      return { kind: 'distinct', ...window, of: 'rules', atLeast: Math.max(1, atLeast ?? 1), expression };
    default:
      return { kind: 'measure', ...window, ...measureOf(text), bounds: condition.bounds };
  }
}

/** The rules in their order, or where there is a condition those of them that it asks for, in that order. */
function ordered(
  window: { readonly spanMs: number; readonly quietMs: number },
  ruleIds: readonly string[],
  expression: Resolved | undefined,
): WindowPlan | string {
  if (expression === undefined) return { kind: 'ordered', ...window, chains: [ruleIds] };
  const alternatives = alternativesOf(expression, ruleIds);
  if (alternatives === undefined)
    return 'there are too many ways for the condition to hold: write several correlations';
  if (alternatives.length === 0) return 'the condition can never hold: it asks for a rule and for its absence';
  if (alternatives.every(({ absent }) => absent.length === 0)) {
    return { kind: 'ordered', ...window, chains: alternatives.map((way) => way.ordered) };
  }
  return {
    kind: 'closing',
    ...window,
    of: 'rules',
    percentile: 50,
    bounds: [],
    expression: undefined,
    alternatives,
    saturation: SEQUENCE_PER_RULE,
  };
}

/** Signals of one rule that a sequence keeps until its window ends. */
const SEQUENCE_PER_RULE = 16;

function measureOf({ type, condition }: CorrelationText): { readonly measure: Measure; readonly percentile: number } {
  const measure = type === 'value_sum' ? 'sum' : type === 'value_avg' ? 'average' : 'percentile';
  return { measure, percentile: condition.percentile };
}

/** The least whole count that will do, when nothing but lower bounds are asked; undefined otherwise. */
function lowerBoundAlone({ bounds }: ValueCondition): number | undefined {
  if (!bounds.every(({ operator }) => operator === 'gt' || operator === 'gte')) return undefined;
  return Math.max(
    ...bounds.map(({ operator, value }) => (operator === 'gt' ? Math.floor(value) + 1 : Math.ceil(value))),
  );
}

function closing(
  text: CorrelationText,
  window: { readonly spanMs: number; readonly quietMs: number },
  expression: Resolved | undefined,
): ClosingPlan | string {
  const { type, condition, references } = text;
  const of =
    type === 'event_count'
      ? 'signals'
      : type === 'value_count'
        ? 'values'
        : type === 'temporal'
          ? 'rules'
          : measureOf(text).measure;
  const isCounting = of === 'signals' || of === 'values' || of === 'rules';
  if (isCounting && expression === undefined && !canHold(condition.bounds)) {
    return 'the condition can never hold: a window opens with its first signal, so that its count is 1 or more';
  }
  const highest = Math.max(0, ...condition.bounds.map(({ value }) => value));
  const saturation = expression !== undefined ? references.length : isCounting ? highest + 1 : MAX_MEASURED;
  return {
    kind: 'closing',
    ...window,
    of,
    percentile: condition.percentile,
    bounds: condition.bounds,
    expression,
    alternatives: undefined,
    saturation,
  };
}

/** Whether some count from 1 on meets all bounds. */
function canHold(bounds: readonly Bound[]): boolean {
  const equal = bounds.filter(({ operator }) => operator === 'eq').map(({ value }) => value);
  const least = bounds.map(({ operator, value }) => (operator === 'gte' ? value : operator === 'gt' ? value + 1 : 1));
  const most = bounds.map(({ operator, value }) =>
    operator === 'lte' ? value : operator === 'lt' ? value - 1 : Infinity,
  );
  const from = Math.max(1, ...least, ...equal);
  return from <= Math.min(Infinity, ...most, ...equal);
}

/** One event is decided at once, also where the condition says `not`. */
function withinEvent(
  { aliases }: CorrelationText,
  window: { readonly spanMs: number; readonly quietMs: number },
  atLeast: number | undefined,
  expression: Resolved | undefined,
): WindowPlan | string {
  if (aliases.size > 0) return 'what is decided within an event has no aliases';
  if (expression === undefined && atLeast === undefined)
    return 'within an event the condition is one over rules, or asks for a least number of them';
  return { kind: 'distinct', ...window, of: 'rules', atLeast: Math.max(1, atLeast ?? 1), expression };
}

function hasNot(condition: Resolved): boolean {
  if (condition.kind === 'selection') return false;
  return condition.kind === 'not' || condition.operands.some(hasNot);
}

function withIds(condition: Resolved, idByName: ReadonlyMap<string, string>): Resolved {
  switch (condition.kind) {
    case 'selection':
      return { kind: 'selection', name: idByName.get(condition.name) ?? condition.name };
    case 'not':
      return { kind: 'not', operand: withIds(condition.operand, idByName) };
    case 'and':
    case 'or':
      return { kind: condition.kind, operands: condition.operands.map((operand) => withIds(operand, idByName)) };
  }
}
