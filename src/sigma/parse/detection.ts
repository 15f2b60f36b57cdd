import { type ConditionFault, isFault, namesIn, resolve, type Resolved } from '../condition/condition.js';
import { parseCondition } from '../condition/parse.js';
import { type PlaceholderSource } from '../modifiers/draft.js';
import { readItem, readKeywords } from '../modifiers/item.js';
import { type Detection, type Quantifier } from '../modifiers/value-test.js';
import { MAX_DEPTH } from './limits.js';
import { type Entry, type MapNode, type Node, itemsOf, valueOf } from './node.js';
import { type Report } from './report.js';

/** The selections of a rule or filter and the condition over them; several conditions are joined by "or". */
export interface DetectionText {
  readonly selections: ReadonlyMap<string, Detection>;
  readonly condition: Resolved;
}

/** Reads all selections but the keys in `reserved`; undefined when there was a fault. */
export function readDetection(
  map: MapNode,
  reserved: readonly string[],
  placeholders: PlaceholderSource,
  report: Report,
  depth = 0,
): DetectionText | undefined {
  const selections = new Map<string, Detection>();
  let sound = true;
  for (const { key, at, value } of map.entries) {
    if (reserved.includes(key)) continue;
    if (key === 'timeframe')
      report.warn('TIMEFRAME_IGNORED', at, '`timeframe` belonged to aggregations; write a correlation');
    const detection = key === 'timeframe' ? undefined : readSelection(value, at, placeholders, report, depth);
    if (detection !== undefined) selections.set(key, detection);
    else if (key !== 'timeframe') sound = false;
  }
  const names = map.entries.map(({ key }) => key).filter((key) => !reserved.includes(key) && key !== 'timeframe');
  const condition = readCondition(map, names, report);
  return sound && condition !== undefined ? { selections, condition } : undefined;
}

function readSelection(
  node: Node,
  at: number,
  placeholders: PlaceholderSource,
  report: Report,
  depth: number,
): Detection | undefined {
  if (depth > MAX_DEPTH) {
    report.fault('SELECTION_DEPTH', at, `nested deeper than ${MAX_DEPTH}`);
    return undefined;
  }
  if (node.kind === 'scalar') return readKeywords(node, placeholders, report);
  if (node.kind === 'map') {
    if (node.entries.length === 0) report.fault('SELECTION_EMPTY', at, 'the selection is empty and can never match');
    const operands = node.entries.map((entry) => readEntry(entry, placeholders, report, depth));
    return joined('and', at, operands);
  }
  if (node.items.length === 0) report.fault('SELECTION_EMPTY', at, 'the selection is empty and can never match');
  if (node.items.every((item) => item.kind === 'scalar')) return readKeywords({ ...node, at }, placeholders, report);
  const operands = node.items.map((item) => readSelection(item, item.at, placeholders, report, depth + 1));
  return joined('or', at, operands);
}

function readEntry(
  entry: Entry,
  placeholders: PlaceholderSource,
  report: Report,
  depth: number,
): Detection | undefined {
  const block = /^([^|]+)\[(any|all|all_or_empty|none)\]$/.exec(entry.key);
  if (block !== null) return readBlock(entry, block[1] ?? '', block[2] as Quantifier, placeholders, report, depth);
  if (entry.value.kind !== 'map') return readItem(entry.key, entry.at, entry.value, placeholders, report);
  const hint = `write dotted field names, or '${entry.key}[any]' for conditions on one element of an array`;
  report.fault('VALUE_NOT_SCALAR', entry.value.at, `'${entry.key}' takes values, not a map; ${hint}`);
  return undefined;
}

/** Reads `field[any]: {…}`: items that all hold of one element, or selections of it with a condition of their own. */
function readBlock(
  { key, at, value }: Entry,
  field: string,
  quantifier: Quantifier,
  placeholders: PlaceholderSource,
  report: Report,
  depth: number,
): Detection | undefined {
  if (value.kind !== 'map') {
    report.fault(
      'ELEMENT_BLOCK',
      value.at,
      `'${key}' takes a map of conditions on an element; '.' is the element itself`,
    );
    return undefined;
  }
  const isExtended = valueOf(value, 'condition') !== undefined;
  const whole = isExtended ? undefined : readSelection(value, at, placeholders, report, depth + 1);
  const body = isExtended
    ? readDetection(value, ['condition'], placeholders, report, depth + 1)
    : whole && { selections: new Map([[key, whole]]), condition: { kind: 'selection' as const, name: key } };
  if (body === undefined) return undefined;
  if ([...body.selections.values()].some(hasKeyword)) {
    report.fault('ELEMENT_BLOCK', at, `'${key}' has keywords, which search the whole event: name the element's fields`);
    return undefined;
  }
  return { kind: 'elements', field, at, quantifier, body };
}

function hasKeyword(detection: Detection): boolean {
  if (detection.kind === 'item') return detection.field === undefined;
  return detection.kind !== 'elements' && detection.operands.some(hasKeyword);
}

function joined(kind: 'and' | 'or', at: number, operands: readonly (Detection | undefined)[]): Detection | undefined {
  if (operands.length === 0 || operands.includes(undefined)) return undefined;
  const sound = operands.filter((operand) => operand !== undefined);
  return sound.length === 1 ? sound[0] : { kind, at, operands: sound };
}

function readCondition(map: MapNode, names: readonly string[], report: Report): Resolved | undefined {
  const node = valueOf(map, 'condition');
  if (node === undefined || node.kind === 'map') {
    report.fault('CONDITION_MISSING', node?.at ?? map.at, 'a detection needs a `condition`, a text or a list of texts');
    return undefined;
  }
  const conditions: Resolved[] = [];
  for (const item of itemsOf(node)) {
    const condition = readOneCondition(item, names, report);
    if (condition !== undefined) conditions.push(condition);
  }
  const used = new Set(conditions.flatMap(namesIn));
  if (conditions.length === itemsOf(node).length) {
    for (const name of names) {
      if (!used.has(name)) report.warn('SELECTION_UNUSED', node.at, `the condition never uses the selection '${name}'`);
    }
  }
  const [only] = conditions;
  if (conditions.length !== itemsOf(node).length || only === undefined) return undefined;
  return conditions.length === 1 ? only : { kind: 'or', operands: conditions };
}

/** Reads one condition text over the given names; faults are placed within the text where the file shows it as it is. */
export function readOneCondition(node: Node, names: readonly string[], report: Report): Resolved | undefined {
  if (node.kind !== 'scalar' || typeof node.value === 'boolean' || node.value === null) {
    report.fault('CONDITION_MISSING', node.at, 'a condition is a text');
    return undefined;
  }
  const text = String(node.value);
  const parsed = parseCondition(text);
  const resolved = isFault(parsed) ? parsed : resolve(parsed, names);
  if (!isFault(resolved)) return resolved;
  report.fault(resolved.code, placeWithin(node.at, text, resolved, report), resolved.message);
  return undefined;
}

function placeWithin(at: number, text: string, { at: inside }: ConditionFault, report: Report): number {
  for (const start of [at, at + 1]) if (report.source.text.startsWith(text, start)) return start + inside;
  return at;
}
