import { entryOf, type MapNode, type Node, valueOf } from './node.js';
import { type Report } from './report.js';
import { textOf, textsOf, timespanOf, warnOfUnknownKeys } from './scalars.js';

/** What Sigma cannot say, said under `silowatch:`. In a rule it brings its own grouping, in a correlation that one's is used. */
export type Extension = (
  | { readonly kind: 'new_terms'; readonly fields: readonly string[]; readonly learnMs: number; readonly cap: number }
  | { readonly kind: 'absence'; readonly expected: string | undefined; readonly learnMs: number; readonly at: number }
  | {
      readonly kind: 'impossible_travel';
      readonly address: string;
      readonly speedKmh: number;
      readonly distanceKm: number;
    }
  | { readonly kind: 'rate_change'; readonly factor: number; readonly windows: number; readonly atLeast: number }
) & { readonly groupBy: readonly string[] | undefined; readonly timespanMs: number | undefined };

const KINDS = ['new_terms', 'absence', 'impossible_travel', 'rate_change'] as const;

const DAY_MS = 86_400_000;

/** Distinct values that a group remembers unless the rule says otherwise, and the most it may say. */
const DEFAULT_CAP = 1_000;
const MAX_CAP = 10_000;

/** Reads the extension of a rule or correlation; at most one makes sense. */
export function readExtension(document: MapNode, report: Report): Extension | undefined {
  const own = valueOf(document, 'silowatch');
  if (own?.kind !== 'map') return undefined;
  const present = KINDS.filter((kind) => valueOf(own, kind) !== undefined);
  const [kind, second] = present;
  if (second !== undefined) report.fault('EXTENSION_SEVERAL', own.at, `one of ${present.join(' and ')} at a time`);
  const node = kind === undefined ? undefined : valueOf(own, kind);
  if (kind === undefined || node === undefined) return undefined;
  if (node.kind === 'map') return readMap(kind, node, document, report);
  report.fault('EXTENSION_TYPE', node.at, `'${kind}' is a map`);
  return undefined;
}

const KEYS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  new_terms: ['field', 'learn', 'cap'],
  absence: ['expected', 'learn'],
  impossible_travel: ['address', 'speed', 'distance'],
  rate_change: ['factor', 'windows', 'at-least'],
};

function readMap(kind: (typeof KINDS)[number], map: MapNode, document: MapNode, report: Report): Extension | undefined {
  const correlation = valueOf(document, 'correlation');
  warnOfUnknownKeys(map, [...KEYS[kind], 'group-by', 'timespan'], `'${kind}'`, report);
  const groupBy = valueOf(map, 'group-by') === undefined ? undefined : textsOf(map, 'group-by', report);
  const timespanMs = timespanOf(map, 'timespan', report);
  if (correlation === undefined && timespanMs === undefined) {
    report.fault('EXTENSION_TIMESPAN', map.at, `'${kind}' in a rule needs a \`timespan\``);
  }
  const shared = { groupBy, timespanMs };
  switch (kind) {
    case 'new_terms': {
      const fields = fieldsOf(map, correlation, report);
      const learnMs = timespanOf(map, 'learn', report) ?? 7 * DAY_MS;
      return { kind, ...shared, fields, learnMs, cap: numberAt(map, 'cap', DEFAULT_CAP, 1, MAX_CAP, report) };
    }
    case 'absence':
      return {
        kind,
        ...shared,
        expected: textOf(map, 'expected', report),
        learnMs: timespanOf(map, 'learn', report) ?? 0,
        at: map.at,
      };
    case 'impossible_travel': {
      const address = textOf(map, 'address', report);
      if (address === undefined)
        report.fault('EXTENSION_FIELD', map.at, '`impossible_travel` needs an `address`, a field name');
      const speedKmh = numberAt(map, 'speed', 900, 1, 100_000, report);
      return {
        kind,
        ...shared,
        address: address ?? '',
        speedKmh,
        distanceKm: numberAt(map, 'distance', 100, 0, 20_000, report),
      };
    }
    case 'rate_change': {
      const factor = numberAt(map, 'factor', 5, 1.01, 1_000_000, report);
      const windows = Math.round(numberAt(map, 'windows', 12, 1, 1_000, report));
      return { kind, ...shared, factor, windows, atLeast: numberAt(map, 'at-least', 20, 1, 1_000_000_000, report) };
    }
  }
}

/** The fields whose values are new or not: its own, or those that a value_count counts. */
function fieldsOf(map: MapNode, correlation: Node | undefined, report: Report): readonly string[] {
  const condition = correlation?.kind === 'map' ? valueOf(correlation, 'condition') : undefined;
  const own = textsOf(map, 'field', report);
  const fields = own.length > 0 || condition?.kind !== 'map' ? own : textsOf(condition, 'field', report);
  if (fields.length === 0) report.fault('EXTENSION_FIELD', map.at, '`new_terms` needs a `field`');
  return fields;
}

function numberAt(map: MapNode, key: string, absent: number, least: number, most: number, report: Report): number {
  const entry = entryOf(map, key);
  if (entry === undefined) return absent;
  const value = entry.value.kind === 'scalar' && typeof entry.value.value === 'number' ? entry.value.value : Number.NaN;
  if (value >= least && value <= most) return value;
  report.fault('EXTENSION_NUMBER', entry.at, `'${key}' is a number from ${least} to ${most}`);
  return absent;
}
