import { type Node, itemsOf, type ScalarNode } from '../parse/node.js';
import { type Report } from '../parse/report.js';
import { compileRegex } from '../regex/compile.js';
import { CHANGES, textOfBytes } from './changes.js';
import { type Change, type Changed, type Draft, type PlaceholderSource, type Refusal } from './draft.js';
import { parseSigmaString } from './sigma-string.js';
import { type Item, type ValueTest } from './value-test.js';

const KNOWN = [...CHANGES.keys(), 'all', 'neq'];

/** A field with its modifiers, as the key names them. */
interface Asked {
  readonly key: string;
  readonly field: string | undefined;
  readonly isExpanding: boolean;
  readonly isAll: boolean;
  readonly isNegated: boolean;
  /** What values go through, in order. */
  readonly chain: readonly { readonly name: string; readonly change: Change }[];
}

/** Reads one `field|modifiers: values`; faults go to `report` and give undefined. */
export function readItem(
  key: string,
  keyAt: number,
  value: Node,
  placeholders: PlaceholderSource,
  report: Report,
): Item | undefined {
  const asked = readKey(key, keyAt, report);
  const nodes = itemsOf(value);
  if (nodes.length === 0) report.fault('VALUES_EMPTY', keyAt, `'${key}' has an empty list and can never match`);
  if (asked === undefined || nodes.length === 0) return undefined;
  if (asked.isAll && nodes.length === 1 && !asked.isExpanding) {
    report.fault('MODIFIER_ALL_SINGLE', keyAt, '`all` needs a list of at least two values');
    return undefined;
  }
  const values: (readonly ValueTest[])[] = [];
  let isRead = true;
  for (const node of nodes) isRead = readValues(asked, node, placeholders, report, values) && isRead;
  if (!isRead) return undefined;
  const { field, isNegated: negated, isAll } = asked;
  const linking = isAll ? 'all' : 'any';
  // Items are kept as long as the rule: an array that grew has room for more, its copy has none.
  const item: Item = { kind: 'item', field, at: keyAt, negated, linking, values: values.slice() };
  return isSound(item, nodes, report) ? item : undefined;
}

function readKey(key: string, at: number, report: Report): Asked | undefined {
  const [name = '', ...modifiers] = key.includes('|') ? key.split('|') : [key];
  const chain: { name: string; change: Change }[] = [];
  let isKnown = true;
  for (const modifier of modifiers) {
    const change = CHANGES.get(modifier);
    if (change !== undefined) {
      if (modifier !== 'expand') chain.push({ name: modifier, change });
    } else if (modifier !== 'all' && modifier !== 'neq') {
      report.fault('MODIFIER_UNKNOWN', at, `there is no modifier '${modifier}'; known are ${KNOWN.join(', ')}`);
      isKnown = false;
    }
  }
  if (!isKnown) return undefined;
  return {
    key,
    field: name === '' ? undefined : name,
    isExpanding: modifiers.includes('expand'),
    isAll: modifiers.includes('all'),
    isNegated: modifiers.includes('neq'),
    chain,
  };
}

/** Reads keywords: a list of scalars, any of which may stand anywhere in the event. */
export function readKeywords(node: Node, placeholders: PlaceholderSource, report: Report): Item | undefined {
  return readItem('', node.at, node, placeholders, report);
}

/**
 * Adds what one value of the list asks for; with `expand` it becomes as many as its placeholders have values, wherever in
 * the chain that modifier stands: only what is written in the rule can name placeholders. False where there is a fault.
 */
function readValues(
  asked: Asked,
  node: Node,
  placeholders: PlaceholderSource,
  report: Report,
  values: (readonly ValueTest[])[],
): boolean {
  if (node.kind !== 'scalar') {
    report.fault('VALUE_NOT_SCALAR', node.at, `'${asked.key}' takes texts, numbers and booleans, not a ${node.kind}`);
    return false;
  }
  warnOfNumberForm(node, report);
  let drafts: Draft | readonly Draft[] = draftOf(node.value);
  if (asked.isExpanding) {
    const changed = CHANGES.get('expand')?.(drafts, placeholders) ?? drafts;
    if (isRefused(changed, 'expand', asked.key, node, report)) return false;
    drafts = changed;
  }
  let isRead = true;
  for (const draft of isOne(drafts) ? [drafts] : drafts) {
    const tests = readDraft(asked, draft, node, placeholders, report);
    if (tests === undefined) isRead = false;
    else values.push(tests);
  }
  return isRead;
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

/** The tests, any of which will do, that a value comes to after all modifiers. */
function readDraft(
  asked: Asked,
  draft: Draft,
  node: ScalarNode,
  placeholders: PlaceholderSource,
  report: Report,
): readonly ValueTest[] | undefined {
  let drafts: Draft | readonly Draft[] = draft;
  for (const { name, change } of asked.chain) {
    const changed: Changed = isOne(drafts) ? change(drafts, placeholders) : changeEach(drafts, change, placeholders);
    if (isRefused(changed, name, asked.key, node, report)) return undefined;
    drafts = changed;
  }
  const tests = isOne(drafts) ? [testOf(drafts)] : drafts.map(testOf);
  const wrong = tests.find((test) => typeof test === 'string');
  if (wrong !== undefined) report.fault('REGEX_INVALID', node.at, `'${asked.key}': ${wrong}`);
  return tests.every((test) => typeof test !== 'string') ? tests : undefined;
}

const isOne = (drafts: Draft | readonly Draft[]): drafts is Draft => 'kind' in drafts;

function changeEach(drafts: readonly Draft[], change: Change, placeholders: PlaceholderSource): Changed {
  const all: Draft[] = [];
  for (const draft of drafts) {
    const changed = change(draft, placeholders);
    if ('kind' in changed && changed.kind === 'refusal') return changed;
    if ('kind' in changed) all.push(changed);
    else all.push(...changed);
  }
  return all;
}

function isRefused(
  changed: Changed,
  modifier: string,
  key: string,
  node: ScalarNode,
  report: Report,
): changed is Refusal {
  if (!('kind' in changed) || changed.kind !== 'refusal') return false;
  report.fault(changed.code, node.at, `'${key}', ${modifier}: ${changed.message}`);
  return true;
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
  const special = kindsIn(item);
  if (special === undefined) return true;
  if (special.has('null') && item.values.length > 1) {
    report.fault('NULL_IN_LIST', place, 'null may not stand in a list of values; write two selections joined by `or`');
    return false;
  }
  if (special.has('exists') && item.values.length > 1) {
    report.fault('EXISTS_LIST', place, '`exists` takes one value, true or false');
    return false;
  }
  if (item.field === undefined) {
    report.fault('KEYWORD_KIND', place, 'a keyword is a text, a number or a regular expression; this needs a field');
    return false;
  }
  return true;
}

/** Which kinds of test are there that a keyword or a list cannot have, if any. */
function kindsIn(item: Item): ReadonlySet<string> | undefined {
  let kinds: Set<string> | undefined;
  for (const tests of item.values) {
    for (const { kind } of tests) {
      if (kind === 'null' || kind === 'exists' || kind === 'field') kinds = (kinds ?? new Set()).add(kind);
    }
  }
  return kinds;
}
