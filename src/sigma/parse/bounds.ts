import { numberOf } from '../compile/item.js';
import { namesIn, type Resolved } from '../condition/condition.js';
import { type CorrelationType } from '../model.js';
import { readOneCondition } from './detection.js';
import { entryOf, type MapNode, type Node, valueOf } from './node.js';
import { type Report } from './report.js';
import { textsOf, warnOfUnknownKeys } from './scalars.js';

/** What a correlation asks of its window: bounds on a number, or an expression over the names of its rules. */
export interface ValueCondition {
  readonly bounds: readonly Bound[];
  readonly fields: readonly string[];
  /** Of value_percentile, above 0 and at most 100. */
  readonly percentile: number;
  readonly expression: Resolved | undefined;
}

/** A rule as the correlation names it, and where it does. */
interface Named {
  readonly name: string;
  readonly at: number;
}

export type BoundOperator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';

export interface Bound {
  readonly operator: BoundOperator;
  readonly value: number;
}

const OPERATORS: readonly BoundOperator[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];

/** A count beyond this would make one group's memory a danger. */
const MAX_COUNT = 10_000;

/** Reads a correlation's condition; temporal types without one ask for all of their rules. */
export function readBounds(
  node: MapNode,
  type: CorrelationType,
  references: readonly Named[],
  report: Report,
): ValueCondition | undefined {
  const isTemporal = type === 'temporal' || type === 'temporal_ordered';
  const condition = valueOf(node, 'condition');
  if (condition === undefined && isTemporal) return allOf(references.length);
  if (condition === undefined) {
    report.fault('CORRELATION_CONDITION', node.at, `a correlation of type ${type} needs a \`condition\``);
    return undefined;
  }
  if (condition.kind === 'scalar' && isTemporal) return readExpression(condition, references, report);
  if (condition.kind !== 'map') {
    report.fault('CORRELATION_CONDITION', condition.at, '`condition` is a map such as `gte: 10`');
    return undefined;
  }
  return readMap(condition, type, references.length, report);
}

function allOf(count: number): ValueCondition {
  return { bounds: [{ operator: 'gte', value: count }], fields: [], percentile: 50, expression: undefined };
}

function readExpression(node: Node, references: readonly Named[], report: Report): ValueCondition | undefined {
  const names = references.map(({ name }) => name);
  const expression = readOneCondition(node, names, report);
  const used = new Set(expression === undefined ? names : namesIn(expression));
  for (const { name, at } of references) {
    if (!used.has(name)) report.warn('CORRELATION_RULE_UNUSED', at, `the condition never uses the rule '${name}'`);
  }
  return expression === undefined ? undefined : { bounds: [], fields: [], percentile: 50, expression };
}

function readMap(map: MapNode, type: CorrelationType, count: number, report: Report): ValueCondition | undefined {
  warnOfUnknownKeys(map, [...OPERATORS, 'field', 'percentile'], '`condition`', report);
  const bounds = OPERATORS.flatMap((operator) => readBound(map, operator, type, report) ?? []);
  const fields = textsOf(map, 'field', report);
  const isValued = type.startsWith('value_');
  if (isValued && fields.length === 0) report.fault('CORRELATION_FIELD', map.at, `${type} needs a \`field\``);
  if (!isValued && fields.length > 0) report.warn('CORRELATION_FIELD', map.at, `${type} does not read \`field\``);
  if (type !== 'value_count' && fields.length > 1)
    report.fault('CORRELATION_FIELD', map.at, `${type} takes one \`field\``);
  if (!OPERATORS.some((operator) => entryOf(map, operator) !== undefined)) {
    report.fault('CORRELATION_CONDITION', map.at, `\`condition\` needs one of ${OPERATORS.join(', ')}`);
  }
  if (bounds.length === 0) return undefined;
  const asksForAll =
    bounds.length === 1 && bounds.every(({ operator, value }) => operator === 'gte' && value === count);
  if (type === 'temporal_ordered' && !asksForAll) {
    report.fault(
      'CORRELATION_CONDITION',
      map.at,
      `temporal_ordered asks for all of its ${count} rules; leave the condition out`,
    );
  }
  return { bounds, fields, percentile: readPercentile(map, type, report), expression: undefined };
}

function readBound(map: MapNode, operator: BoundOperator, type: CorrelationType, report: Report): Bound | undefined {
  const entry = entryOf(map, operator);
  if (entry === undefined) return undefined;
  const node = entry.value;
  const value = numberIn(node);
  const isCount =
    type === 'event_count' || type === 'value_count' || type === 'temporal' || type === 'temporal_ordered';
  const isSound = isCount ? Number.isInteger(value) && value >= 0 && value <= MAX_COUNT : Number.isFinite(value);
  if (isSound) return { operator, value };
  const wanted = isCount ? `a whole number from 0 to ${MAX_COUNT}` : 'a number';
  report.fault('CORRELATION_CONDITION', node.at, `'${operator}' needs ${wanted}`);
  return undefined;
}

/** A number, also where it is written in quotes; not a number for anything else. */
function numberIn(node: Node): number {
  if (node.kind !== 'scalar') return Number.NaN;
  if (typeof node.value === 'string') return numberOf(node.value) ?? Number.NaN;
  return typeof node.value === 'number' ? node.value : Number.NaN;
}

function readPercentile(map: MapNode, type: CorrelationType, report: Report): number {
  const node = valueOf(map, 'percentile');
  if (node === undefined || type === 'value_median') return 50;
  const value = numberIn(node);
  if (value > 0 && value <= 100) return value;
  report.fault('CORRELATION_PERCENTILE', node.at, '`percentile` is a number above 0 and at most 100');
  return 50;
}
