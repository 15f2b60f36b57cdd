import { type MapNode, type Node, itemsOf, valueOf } from './node.js';
import { type Report } from './report.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TAG = /^[a-z0-9_-]+\.[a-z0-9._-]+$/;
const RELATIONS = ['correlation', 'derived', 'merged', 'obsolete', 'renamed', 'similar'];
const MAX_TITLE_LENGTH = 256;

/**
 * Warns of what the schema of Sigma rules (spec 2.1) does not allow in what is said about a rule. None of it changes what the
 * rule finds, so that the rule loads.
 */
export function checkMetadata(document: MapNode, report: Report): void {
  const warn = (node: Node, message: string): void => report.warn('SCHEMA', node.at, message);
  for (const { key, value } of document.entries) CHECKS.get(key)?.(value, key, warn);
}

type Warn = (node: Node, message: string) => void;
type Check = (node: Node, key: string, warn: Warn) => void;

/** The text of a scalar that is not null. */
function textIn(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? String(node.value) : undefined;
}

const checkTitle: Check = (node, _key, warn) => {
  if ((textIn(node) ?? '').length > MAX_TITLE_LENGTH)
    warn(node, `the title has more than ${MAX_TITLE_LENGTH} characters`);
};

const checkId: Check = (node, key, warn) => {
  const id = textIn(node);
  if (id !== undefined && !UUID.test(id)) warn(node, `'${key}: ${id}' is no UUID`);
};

const checkDate: Check = (node, key, warn) => {
  const date = textIn(node);
  if (date !== undefined && !DATE.test(date)) warn(node, `'${key}: ${date}' is no date like 2026-03-01`);
};

const checkText: Check = (node, key, warn) => {
  if (node.kind !== 'scalar') warn(node, `'${key}' is a text, not a ${node.kind}`);
};

function checkList(node: Node, key: string, warn: Warn): void {
  if (node.kind !== 'list') {
    warn(node, `'${key}' is a list`);
    return;
  }
  const seen = new Set<unknown>();
  for (const item of node.items) {
    if (item.kind !== 'scalar' || item.value === null) {
      warn(item, `'${key}' is a list of texts`);
      continue;
    }
    if (seen.has(item.value)) warn(item, `'${key}' names '${String(item.value)}' twice`);
    seen.add(item.value);
    if (key === 'tags' && !TAG.test(String(item.value))) {
      warn(item, `the tag '${String(item.value)}' is no namespace and name in lower case, such as attack.t1078`);
    }
  }
}

function checkRelated(related: Node, _key: string, warn: Warn): void {
  for (const item of itemsOf(related)) {
    if (item.kind !== 'map') {
      warn(item, '`related` is a list of maps with an `id` and a `type`');
      continue;
    }
    const [id, type] = [valueOf(item, 'id'), valueOf(item, 'type')];
    if (!UUID.test(textIn(id) ?? '')) warn(id ?? item, '`related` names another rule by its `id`, a UUID');
    if (!RELATIONS.includes(textIn(type) ?? '')) {
      warn(type ?? item, `the \`type\` of what is related is one of ${RELATIONS.join(', ')}`);
    }
  }
}

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['title', checkTitle],
  ['id', checkId],
  ['date', checkDate],
  ['modified', checkDate],
  ['name', checkText],
  ['taxonomy', checkText],
  ['license', checkText],
  ['author', checkText],
  ['description', checkText],
  ['references', checkList],
  ['fields', checkList],
  ['falsepositives', checkList],
  ['tags', checkList],
  ['scope', checkList],
  ['related', checkRelated],
]);
