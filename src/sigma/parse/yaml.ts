import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { scalarText } from '../compile/scalar-text.js';
import { MAX_DEPTH, MAX_FILE_LENGTH, MAX_NODES } from './limits.js';
import { type Entry, type Node } from './node.js';
import { readPlainYaml } from './plain-yaml.js';
import { type Report } from './report.js';

const require = createRequire(import.meta.url);
let library: typeof Yaml | undefined;

/** The YAML library, loaded when the first file needs it: few do, and it takes longer to load than they to read. */
const yaml = (): typeof Yaml => (library ??= require('yaml') as typeof Yaml);

/** The documents of a YAML file; empty documents are left out, faults go to `report`. */
export function readYaml(text: string, report: Report): readonly Node[] {
  if (text.length > MAX_FILE_LENGTH) {
    report.fault('FILE_TOO_LARGE', 0, `the file has more than ${MAX_FILE_LENGTH} characters`);
    return [];
  }
  return readPlainYaml(text) ?? readAnyYaml(text, report);
}

/** As `readYaml`, by the full parser alone. */
export function readAnyYaml(text: string, report: Report): readonly Node[] {
  try {
    return readDocuments(text, report);
  } catch (error) {
    // The YAML library recurses over nested flow collections: a RangeError is the stack's end, not ours to die of.
    report.fault('YAML_UNREADABLE', 0, `the file cannot be read as YAML: ${String(error)}`);
    return [];
  }
}

function readDocuments(text: string, report: Report): readonly Node[] {
  const documents = yaml().parseAllDocuments(text, { strict: true, uniqueKeys: true, prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  const nodes: Node[] = [];
  const budget = { nodes: MAX_NODES };
  for (const document of documents as readonly Yaml.Document[]) {
    for (const error of document.errors) report.fault('YAML_INVALID', error.pos[0], error.message);
    if (document.errors.length > 0 || document.contents === null) continue;
    const node = convert(document.contents, document, budget, 0, report);
    if (node === undefined) return nodes;
    if (node.kind !== 'scalar' || node.value !== null) nodes.push(node);
  }
  return nodes;
}

function convert(
  node: Yaml.Node | null,
  document: Yaml.Document,
  budget: { nodes: number },
  depth: number,
  report: Report,
): Node | undefined {
  const { isAlias, isMap, isScalar, isSeq } = yaml();
  const at = node?.range?.[0] ?? 0;
  if (--budget.nodes < 0 || depth > MAX_DEPTH) {
    report.fault('YAML_TOO_COMPLEX', at, `more than ${MAX_NODES} values, or nested deeper than ${MAX_DEPTH}`);
    return undefined;
  }
  if (isAlias(node)) {
    const target = node.resolve(document);
    return target === undefined ? scalar(at, null) : convert(target, document, budget, depth + 1, report);
  }
  if (isMap(node)) {
    const entries: Entry[] = [];
    for (const pair of node.items) {
      const key = pair.key as Yaml.Node | null;
      const value = convert(pair.value as Yaml.Node | null, document, budget, depth + 1, report);
      if (value === undefined) return undefined;
      const keyAt = key?.range?.[0] ?? at;
      entries.push({ key: isScalar(key) ? keyText(key.value) : String(key), at: keyAt, value: placed(value, keyAt) });
    }
    return { kind: 'map', at, entries };
  }
  if (isSeq(node)) {
    const items: Node[] = [];
    for (const item of node.items) {
      const value = convert(item as Yaml.Node | null, document, budget, depth + 1, report);
      if (value === undefined) return undefined;
      items.push(placed(value, at));
    }
    return { kind: 'list', at, items };
  }
  return scalar(at, isScalar(node) ? plainScalar(node.value, node.source) : null);
}

/** A value that is not written at all (`key:`) has no place of its own: it takes its key's. */
function placed(node: Node, at: number): Node {
  return node.at === 0 && node.kind === 'scalar' ? { ...node, at } : node;
}

function keyText(value: unknown): string {
  return scalarText(value) ?? '';
}

/** A number that a double cannot hold exactly keeps its digits as text: rules compare text forms. */
function plainScalar(value: unknown, source: string | undefined): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number')
    return Number.isSafeInteger(value) || !Number.isInteger(value) ? value : (source ?? value);
  return source ?? scalarText(value) ?? null;
}

function scalar(at: number, value: string | number | boolean | null): Node {
  return { kind: 'scalar', at, value };
}
