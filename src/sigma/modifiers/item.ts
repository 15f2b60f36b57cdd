import { type Node, itemsOf, type ScalarNode } from '../parse/node.js';
import { type Report } from '../parse/report.js';
import { compileRegex } from '../regex/compile.js';
import { CHANGES, textOfBytes } from './changes.js';
import { type Draft, type PlaceholderSource } from './draft.js';
import { parseSigmaString } from './sigma-string.js';
import { type Item, type ValueTest } from './value-test.js';

const KNOWN = [...CHANGES.keys(), 'all', 'neq'];

/** Reads one `field|modifiers: values`; faults go to `report` and give undefined. */
export function readItem(
  key: string,
  keyAt: number,
  value: Node,
  placeholders: PlaceholderSource,
  report: Report,
): Item | undefined {
  const [name = '', ...modifiers] = key.split('|');
  const unknown = modifiers.filter((modifier) => !KNOWN.includes(modifier));
  for (const modifier of unknown) {
    report.fault('MODIFIER_UNKNOWN', keyAt, `there is no modifier '${modifier}'; known are ${KNOWN.join(', ')}`);
  }
  const nodes = itemsOf(value);
  if (nodes.length === 0) report.fault('VALUES_EMPTY', keyAt, `'${key}' has an empty list and can never match`);
  if (unknown.length > 0 || nodes.length === 0) return undefined;
  if (modifiers.includes('all') && nodes.length === 1 && !modifiers.includes('expand')) {
    report.fault('MODIFIER_ALL_SINGLE', keyAt, '`all` needs a list of at least two values');
    return undefined;
  }
  const values = nodes.flatMap((node) => readValues(key, modifiers, node, placeholders, report));
  if (values.includes(undefined)) return undefined;
  const item: Item = {
    kind: 'item',
    field: name === '' ? undefined : name,
    at: keyAt,
    negated: modifiers.includes('neq'),
    linking: modifiers.includes('all') ? 'all' : 'any',
    values: values.filter((tests) => tests !== undefined),
  };
  return isSound(item, nodes, report) ? item : undefined;
}

/** Reads keywords: a list of scalars, any of which may stand anywhere in the event. */
export function readKeywords(node: Node, placeholders: PlaceholderSource, report: Report): Item | undefined {
  return readItem('', node.at, node, placeholders, report);
}

/**
 * Reads one value of the list; with `expand` it becomes as many as its placeholders have values, wherever in the chain that
 * modifier stands: only what is written in the rule can name placeholders. Undefined where there is a fault.
 */
function readValues(
  key: string,
  modifiers: readonly string[],
  node: Node,
  placeholders: PlaceholderSource,
  report: Report,
): readonly (readonly ValueTest[] | undefined)[] {
  if (node.kind !== 'scalar') {
    report.fault('VALUE_NOT_SCALAR', node.at, `'${key}' takes texts, numbers and booleans, not a ${node.kind}`);
    return [undefined];
  }
  warnOfNumberForm(node, report);
  let drafts: readonly Draft[] = [draftOf(node.value)];
  if (modifiers.includes('expand')) {
    const expanded = applied('expand', drafts, key, node, placeholders, report);
    if (expanded === undefined) return [undefined];
    drafts = expanded;
  }
  const others = modifiers.filter((modifier) => modifier !== 'expand');
  return drafts.map((draft) => readDraft(draft, others, key, node, placeholders, report));
}

/** A number is compared by the text of its value, which need not be what is written. */
function warnOfNumberForm(node: ScalarNode, report: Report): void {
  if (typeof node.value !== 'number') return;
  const text = String(node.value);
  const written = /^[^\s,\]}#]*/.exec(report.source.text.slice(node.at, node.at + 64))?.[0] ?? '';
  if (written === text || !/^[-+.\w]+$/.test(written) || Number(written) !== node.value) return;
  report.warn(
    'NUMBER_FORM',
    node.at,
    `${written} is compared as the text ${text}; quote it to have it compared as it is written`,
  );
}

function readDraft(
  draft: Draft,
  modifiers: readonly string[],
  key: string,
  node: ScalarNode,
  placeholders: PlaceholderSource,
  report: Report,
): readonly ValueTest[] | undefined {
  let drafts: readonly Draft[] = [draft];
  for (const modifier of modifiers) {
    const changed = applied(modifier, drafts, key, node, placeholders, report);
    if (changed === undefined) return undefined;
    drafts = changed;
  }
  const tests: ValueTest[] = [];
  for (const finished of drafts) {
    const test = testOf(finished);
    if (typeof test === 'string') {
      report.fault('REGEX_INVALID', node.at, `'${key}': ${test}`);
      return undefined;
    }
    tests.push(test);
  }
  return tests;
}

function applied(
  modifier: string,
  drafts: readonly Draft[],
  key: string,
  node: ScalarNode,
  placeholders: PlaceholderSource,
  report: Report,
): readonly Draft[] | undefined {
  const change = CHANGES.get(modifier);
  if (change === undefined) return drafts;
  const next: Draft[] = [];
  for (const draft of drafts) {
    const changed = change(draft, placeholders);
    if ('code' in changed) {
      report.fault(changed.code, node.at, `'${key}', ${modifier}: ${changed.message}`);
      return undefined;
    }
    next.push(...changed);
  }
  return next;
}

function draftOf(value: string | number | boolean | null): Draft {
  if (value === null) return { kind: 'null' };
  const raw = String(value);
  const tokens = typeof value === 'string' ? parseSigmaString(raw) : [raw];
  return { kind: 'text', raw, tokens, cased: false };
}

/** The finished test, or what is wrong with its regular expression. */
function testOf(draft: Draft): ValueTest | string {
  if (draft.kind === 'regex') {
    const regex = compileRegex(draft.source, draft.flags);
    return typeof regex === 'string' ? regex : { kind: 'regex', regex };
  }
  if (draft.kind === 'bytes') return testOf(textOfBytes(draft.bytes));
  return draft.kind === 'text' ? { kind: 'text', tokens: draft.tokens, cased: draft.cased } : draft;
}

/** Faults that only the whole item shows. */
function isSound(item: Item, nodes: readonly Node[], report: Report): boolean {
  const place = nodes[0]?.at ?? item.at;
  const kinds = new Set(item.values.flat().map((test) => test.kind));
  if (kinds.has('null') && item.values.length > 1) {
    report.fault('NULL_IN_LIST', place, 'null may not stand in a list of values; write two selections joined by `or`');
    return false;
  }
  if (kinds.has('exists') && item.values.length > 1) {
    report.fault('EXISTS_LIST', place, '`exists` takes one value, true or false');
    return false;
  }
  const fieldless = (['null', 'exists', 'field'] as const).find((kind) => kinds.has(kind));
  if (item.field === undefined && fieldless !== undefined) {
    report.fault('KEYWORD_KIND', place, 'a keyword is a text, a number or a regular expression; this needs a field');
    return false;
  }
  return true;
}
