import { type MapNode, type Node, itemsOf, valueOf } from './node.js';
import { type Report } from './report.js';

/** The text under `key`; numbers and booleans give their text. Anything else is a fault and undefined. */
export function textOf(map: MapNode, key: string, report: Report): string | undefined {
  const node = valueOf(map, key);
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return undefined;
  if (node.kind === 'scalar') return String(node.value);
  report.fault('HEADER_TYPE', node.at, `'${key}' is a text, not a ${node.kind}`);
  return undefined;
}

/** The texts under `key`: a list, or one alone; absent gives an empty list. */
export function textsOf(map: MapNode, key: string, report: Report): readonly string[] {
  const node = valueOf(map, key);
  if (node === undefined) return [];
  return textsIn(node, key, report);
}

export function textsIn(node: Node, key: string, report: Report): readonly string[] {
  const texts: string[] = [];
  for (const item of itemsOf(node)) {
    if (item.kind !== 'scalar') report.fault('HEADER_TYPE', item.at, `'${key}' is a list of texts`);
    else if (item.value !== null) texts.push(String(item.value));
  }
  return texts;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
  ['M', 30 * 86_400_000],
  ['y', 365 * 86_400_000],
]);

/** Milliseconds of `15m` and the like; a month counts 30 days, a year 365. */
export function parseTimespan(text: string): number | undefined {
  const match = /^(\d{1,9})([smhdwMy])$/.exec(text);
  const count = Number(match?.[1]);
  const unit = UNITS.get(match?.[2] ?? '');
  return unit === undefined || count === 0 ? undefined : count * unit;
}

/** The duration under `key` in milliseconds; a fault when it is written and is none. */
export function timespanOf(map: MapNode, key: string, report: Report): number | undefined {
  const text = textOf(map, key, report);
  if (text === undefined) return undefined;
  const span = parseTimespan(text);
  if (span === undefined) {
    const at = valueOf(map, key)?.at ?? map.at;
    report.fault(
      'TIMESPAN_INVALID',
      at,
      `'${key}: ${text}' is no time span: a number above 0 and one of s m h d w M y`,
    );
  }
  return span;
}

/** Warns of keys that have no meaning, which are nearly always misspelt. */
export function warnOfUnknownKeys(map: MapNode, known: readonly string[], where: string, report: Report): void {
  for (const { key, at } of map.entries) {
    if (!known.includes(key))
      report.warn('KEY_UNKNOWN', at, `'${key}' has no meaning in ${where}; known are ${known.join(', ')}`);
  }
}
