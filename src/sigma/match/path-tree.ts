import { type FieldPath } from '../compile/fields.js';
import { keyHash } from './json-tokens.js';
import { type SlotIndex } from './slot-index.js';

/** Leads from the keys of an event to the fields that rules read. */
export interface PathNode {
  /** The field's number, or -1 where only longer names lead through. */
  slot: number;
  /** Names the rules that the field's value could make match, if it guards any. */
  index: SlotIndex | undefined;
  /** By key; a dotted name is reached as one key and step by step. */
  children: Map<string, PathNode> | undefined;
  /** The same by hash, for keys that are still bytes. */
  byHash: Map<number, readonly NamedNode[]> | undefined;
  /** Scratch of the view that walks here: the last event in which it did. */
  metAt: number;
}

export interface NamedNode {
  readonly name: string;
  readonly node: PathNode;
}

export function emptyPathNode(): PathNode {
  return { slot: -1, index: undefined, children: undefined, byHash: undefined, metAt: 0 };
}

/** Marks every place where an event may hold the field. */
export function plant(root: PathNode, path: FieldPath, slot: number, index: SlotIndex | undefined): void {
  const node = childOf(root, path.name);
  node.slot = slot;
  node.index = index;
  if (path.tail !== undefined) plant(childOf(root, path.head), path.tail, slot, index);
}

function childOf(node: PathNode, key: string): PathNode {
  node.children ??= new Map();
  node.byHash ??= new Map();
  let child = node.children.get(key);
  if (child === undefined) {
    child = emptyPathNode();
    node.children.set(key, child);
    const hash = keyHash(key);
    node.byHash.set(hash, [...(node.byHash.get(hash) ?? []), { name: key, node: child }]);
  }
  return child;
}

/** The child under a key that lies in `bytes` from `start` to `end`. */
export function childUnder(
  node: PathNode,
  hash: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): PathNode | undefined {
  const named = node.byHash?.get(hash);
  if (named === undefined) return undefined;
  for (const { name, node: child } of named) if (isSame(name, bytes, start, end)) return child;
  return undefined;
}

function isSame(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}
