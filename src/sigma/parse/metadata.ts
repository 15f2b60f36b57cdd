import { type MapNode, type Node, itemsOf, valueOf } from './node.js';
import { type Report } from './report.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TAG = /^[a-z0-9_-]+\.[a-z0-9._-]+$/;
const RELATIONS = ['correlation', 'derived', 'merged', 'obsolete', 'renamed', 'similar'];
const MAX_TITLE_LENGTH = 256;

const TEXTS = ['name', 'taxonomy', 'license', 'author', 'description'];
const LISTS = ['references', 'fields', 'falsepositives', 'tags', 'scope'];

/**
 * Warns of what the schema of Sigma rules (spec 2.1) does not allow in what is said about a rule. None of it changes what the
 * rule finds, so that the rule loads.
 */
export function checkMetadata(document: MapNode, report: Report): void {
  const warn = (node: Node, message: string): void => report.warn('SCHEMA', node.at, message);
  const title = textAt(document, 'title');
  if (title !== undefined && title.text.length > MAX_TITLE_LENGTH) {
    warn(title.node, `the title has more than ${MAX_TITLE_LENGTH} characters`);
  }
  const id = textAt(document, 'id');
  if (id !== undefined && !UUID.test(id.text)) warn(id.node, `'id: ${id.text}' is no UUID`);
  for (const key of ['date', 'modified']) {
    const date = textAt(document, key);
    if (date !== undefined && !DATE.test(date.text))
      warn(date.node, `'${key}: ${date.text}' is no date like 2026-03-01`);
  }
  for (const key of TEXTS) {
    const node = valueOf(document, key);
    if (node !== undefined && node.kind !== 'scalar') warn(node, `'${key}' is a text, not a ${node.kind}`);
  }
  for (const key of LISTS) checkList(document, key, warn);
  checkRelated(document, warn);
}

type Warn = (node: Node, message: string) => void;

function textAt(map: MapNode, key: string): { readonly node: Node; readonly text: string } | undefined {
  const node = valueOf(map, key);
  return node?.kind === 'scalar' && node.value !== null ? { node, text: String(node.value) } : undefined;
}

function checkList(document: MapNode, key: string, warn: Warn): void {
  const node = valueOf(document, key);
  if (node === undefined) return;
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

function checkRelated(document: MapNode, warn: Warn): void {
  const related = valueOf(document, 'related');
  if (related === undefined) return;
  for (const item of itemsOf(related)) {
    if (item.kind !== 'map') {
      warn(item, '`related` is a list of maps with an `id` and a `type`');
      continue;
    }
    const [id, type] = [textAt(item, 'id'), textAt(item, 'type')];
    if (id === undefined || !UUID.test(id.text))
      warn(id?.node ?? item, '`related` names another rule by its `id`, a UUID');
    if (type === undefined || !RELATIONS.includes(type.text)) {
      warn(type?.node ?? item, `the \`type\` of what is related is one of ${RELATIONS.join(', ')}`);
    }
  }
}
