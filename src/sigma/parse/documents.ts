import { type Entry, type MapNode, type Node, entryOf, valueOf } from './node.js';
import { type Report } from './report.js';

/**
 * Resolves the v1 collections of a file: an `action: global` document is merged under the documents after it, `repeat`
 * over the document before it, `reset` forgets the global parts.
 */
export function resolveCollections(nodes: readonly Node[], report: Report): readonly MapNode[] {
  const documents: MapNode[] = [];
  let globals: MapNode | undefined;
  let previous: MapNode | undefined;
  for (const node of nodes) {
    if (node.kind !== 'map') {
      report.fault('DOCUMENT_NOT_A_MAP', node.at, 'a rule is a map of names and values');
      continue;
    }
    const action = valueOf(node, 'action');
    const name = action?.kind === 'scalar' ? action.value : undefined;
    const body = action === undefined ? node : without(node, 'action');
    if (action !== undefined && name !== 'global' && name !== 'repeat' && name !== 'reset') {
      report.fault('ACTION_UNKNOWN', action.at, "`action` is one of 'global', 'repeat' and 'reset'");
    } else if (name === 'global') {
      globals = globals === undefined ? body : merge(globals, body);
    } else if (name === 'reset') {
      globals = undefined;
    } else if (name === 'repeat' && previous === undefined) {
      report.fault('ACTION_REPEATS_NOTHING', node.at, '`action: repeat` needs a rule before it in the file');
    } else {
      const under = name === 'repeat' ? previous : globals;
      previous = under === undefined ? body : merge(under, body);
      documents.push(previous);
    }
  }
  return documents;
}

function without(map: MapNode, key: string): MapNode {
  return { ...map, entries: map.entries.filter((entry) => entry.key !== key) };
}

/** Maps are merged key by key; anything else is replaced by what lies over it. */
function merge(under: MapNode, over: MapNode): MapNode {
  const entries: Entry[] = [];
  for (const entry of under.entries) {
    const above = entryOf(over, entry.key);
    if (above === undefined) entries.push(entry);
    else if (above.value.kind === 'map' && entry.value.kind === 'map') {
      entries.push({ ...above, value: merge(entry.value, above.value) });
    } else entries.push(above);
  }
  for (const entry of over.entries) if (entryOf(under, entry.key) === undefined) entries.push(entry);
  return { kind: 'map', at: over.at, entries };
}
