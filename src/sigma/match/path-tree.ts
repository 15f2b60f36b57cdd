import { type FieldPath } from '../compile/fields.js';
import { type SlotIndex } from './slot-index.js';

/** Leads from the keys of an event to the indexes of the fields that lie there. */
export interface PathNode {
  index: SlotIndex | undefined;
  /** By key; a dotted name is reached as one key and step by step. */
  children: Map<string, PathNode> | undefined;
}

export function emptyPathNode(): PathNode {
  return { index: undefined, children: undefined };
}

/** Puts an index wherever an event may hold the field. */
export function plant(root: PathNode, path: FieldPath, index: SlotIndex): void {
  childOf(root, path.name).index = index;
  if (path.tail !== undefined) plant(childOf(root, path.head), path.tail, index);
}

function childOf(node: PathNode, key: string): PathNode {
  node.children ??= new Map();
  let child = node.children.get(key);
  if (child === undefined) {
    child = emptyPathNode();
    node.children.set(key, child);
  }
  return child;
}
