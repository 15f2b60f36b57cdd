import { type CorrelationType, type SilowatchAttributes } from '../model.js';
import { readAttributes } from './attributes.js';
import { readBounds, type ValueCondition } from './bounds.js';
import { readExtension } from './extension.js';
import { readHeader } from './header.js';
import { isFault, namesWritten } from '../condition/condition.js';
import { parseCondition } from '../condition/parse.js';
import { type Entry, entryOf, type MapNode, type Node, plainOf, type ScalarNode, valueOf } from './node.js';
import { type Report } from './report.js';
import { type DocumentText } from './rule.js';
import { textOf, textsIn, textsOf, timespanOf, warnOfUnknownKeys } from './scalars.js';

export interface CorrelationText extends DocumentText {
  readonly kind: 'correlation';
  readonly type: CorrelationType;
  /** What feeds it, by id or name. */
  readonly references: readonly Reference[];
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  readonly condition: ValueCondition;
  /** By alias, then by rule as it is referred to: the field that holds the alias's value. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly generate: boolean;
  readonly attributes: SilowatchAttributes;
  /** All that decides what it finds, as JSON for the hash. */
  readonly substance: string;
}

export interface Reference {
  readonly name: string;
  readonly at: number;
}

const TYPES: readonly CorrelationType[] = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
];

const KEYS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate'];

/** Reads a correlation (Sigma spec 2.1, Correlations); undefined when it has a fault. */
export function readCorrelation(document: MapNode, report: Report): CorrelationText | undefined {
  const header = readHeader(document, report);
  const attributes = readAttributes(document, report);
  const extension = readExtension(document, report);
  const node = valueOf(document, 'correlation');
  if (node?.kind !== 'map') {
    report.fault('CORRELATION_TYPE', node?.at ?? document.at, '`correlation` is a map');
    return undefined;
  }
  warnOfUnknownKeys(node, KEYS, '`correlation`', report);
  const type = readType(node, report);
  const references = readReferences(node, type, report);
  const timespanMs = timespanOf(node, 'timespan', report);
  if (valueOf(node, 'timespan') === undefined) {
    report.fault('TIMESPAN_INVALID', node.at, 'a correlation needs a `timespan`, for instance 5m');
  }
  const condition = type === undefined ? undefined : readBounds(node, type, references, report);
  const aliases = readAliases(node, references, report);
  const generate = readGenerate(node, report);
  if (type === undefined || condition === undefined || timespanMs === undefined || report.faults.length > 0)
    return undefined;
  const groupBy = textsOf(node, 'group-by', report);
  const groupedBy = [...groupBy, ...(extension?.groupBy ?? [])];
  for (const { key, at } of entriesUnder(node, 'aliases')) {
    if (!groupedBy.includes(key)) report.warn('ALIAS_UNUSED', at, `\`group-by\` never uses the alias '${key}'`);
  }
  const own = valueOf(document, 'silowatch');
  const substance = JSON.stringify([plainOf(node), own === undefined ? null : plainOf(own)]);
  const text = { kind: 'correlation' as const, at: document.at, header, attributes, extension, report };
  return { ...text, type, references, groupBy, timespanMs, condition, aliases, generate, substance };
}

function readType(node: MapNode, report: Report): CorrelationType | undefined {
  const text = textOf(node, 'type', report);
  const type = TYPES.find((known) => known === text);
  if (type === undefined) {
    const at = valueOf(node, 'type')?.at ?? node.at;
    report.fault('CORRELATION_TYPE', at, `the correlation's type is one of ${TYPES.join(', ')}`);
  }
  return type;
}

function readReferences(node: MapNode, type: CorrelationType | undefined, report: Report): readonly Reference[] {
  const rules = valueOf(node, 'rules');
  const condition = valueOf(node, 'condition');
  const isTemporal = type === 'temporal' || type === 'temporal_ordered';
  if (rules === undefined && isTemporal && condition?.kind === 'scalar') return namedIn(condition);
  const items: readonly Node[] = rules === undefined ? [] : rules.kind === 'list' ? rules.items : [rules];
  const references = items.flatMap((item) => textsIn(item, 'rules', report).map((name) => ({ name, at: item.at })));
  if (references.length === 0) {
    report.fault('CORRELATION_RULES', rules?.at ?? node.at, 'a correlation names its `rules` by id or name');
  }
  return references;
}

/** A condition over rule names says itself which rules are meant, in the order in which it names them. */
function namedIn(condition: ScalarNode): readonly Reference[] {
  const parsed = parseCondition(String(condition.value));
  return isFault(parsed) ? [] : namesWritten(parsed).map((name) => ({ name, at: condition.at }));
}

function readGenerate(node: MapNode, report: Report): boolean {
  const generate = valueOf(node, 'generate');
  if (generate === undefined) return false;
  if (generate.kind === 'scalar' && typeof generate.value === 'boolean') return generate.value;
  report.fault('CORRELATION_GENERATE', generate.at, '`generate` is true or false');
  return false;
}

function readAliases(
  node: MapNode,
  references: readonly Reference[],
  report: Report,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const aliases = new Map<string, ReadonlyMap<string, string>>();
  const map = entryOf(node, 'aliases');
  if (map === undefined) return aliases;
  if (map.value.kind !== 'map') {
    report.fault('CORRELATION_ALIASES', map.at, '`aliases` maps each alias to a map of rules and their fields');
    return aliases;
  }
  for (const { key, at, value } of map.value.entries) {
    const fields = new Map<string, string>();
    for (const entry of value.kind === 'map' ? value.entries : []) {
      const isScalar = entry.value.kind === 'scalar' && entry.value.value !== null;
      if (isScalar && references.some(({ name }) => name === entry.key)) fields.set(entry.key, plainText(entry.value));
      else
        report.fault(
          'CORRELATION_ALIASES',
          entry.at,
          `'${entry.key}' is none of the correlation's rules, or names no field`,
        );
    }
    if (value.kind !== 'map')
      report.fault('CORRELATION_ALIASES', at, `the alias '${key}' is a map of rules and their fields`);
    aliases.set(key, fields);
  }
  return aliases;
}

function entriesUnder(node: MapNode, key: string): readonly Entry[] {
  const value = valueOf(node, key);
  return value?.kind === 'map' ? value.entries : [];
}

function plainText(node: Node): string {
  return String(plainOf(node));
}
