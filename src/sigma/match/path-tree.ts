import { type FieldPath } from '../compile/fields.js';
import {
  CHILD_BYTES,
  CHILD_HASH,
  CHILD_LENGTH,
  CHILD_NAME,
  CHILD_NODE,
  NODE_BYTES,
  NODE_CHILDREN,
  NODE_INDEX,
  NODE_MASK,
  NODE_SLOT,
} from './layout.js';
import { type Scan } from './scan.js';

/** Leads from the keys of an event to the fields that rules read. */
export interface PathNode {
  /** The field's number, or -1 where only longer names lead through. */
  slot: number;
  /** Address of the index that names the rules that the field's value could make match, 0 if it guards none. */
  index: number;
  /** By key; a dotted name is reached as one key and step by step. */
  children: Map<string, PathNode> | undefined;
}

export function emptyPathNode(): PathNode {
  return { slot: -1, index: 0, children: undefined };
}

/** Marks every place where an event may hold the field. */
export function plant(root: PathNode, path: FieldPath, slot: number, index: number): void {
  const node = childOf(root, path.name);
  node.slot = slot;
  node.index = index;
  if (path.tail !== undefined) plant(childOf(root, path.head), path.tail, slot, index);
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

/** Puts the tree down for keys that are still bytes; gives its address. */
export function fileTree(scan: Scan, node: PathNode): number {
  const address = scan.allocate(NODE_BYTES);
  scan.set(address, NODE_SLOT, node.slot);
  scan.set(address, NODE_INDEX, node.index);
  if (node.children !== undefined) fileChildren(scan, address, node.children);
  return address;
}

function fileChildren(scan: Scan, node: number, children: ReadonlyMap<string, PathNode>): void {
  const size = 2 ** Math.ceil(Math.log2(children.size * 4));
  const table = scan.allocate(size * CHILD_BYTES);
  scan.set(node, NODE_CHILDREN, table);
  scan.set(node, NODE_MASK, size - 1);
  for (const [name, child] of children) {
    // Keys that are not ASCII are not taken apart as bytes.
    if (!IS_ASCII.test(name)) continue;
    const childAt = fileTree(scan, child);
    const nameAt = scan.allocate(name.length);
    scan.bytes.write(name, nameAt, 'latin1');
    const hash = keyHash(name);
    let place = hash & (size - 1);
    while (scan.get(table + place * CHILD_BYTES, CHILD_NODE) !== 0) place = (place + 1) & (size - 1);
    const entry = table + place * CHILD_BYTES;
    scan.set(entry, CHILD_HASH, hash);
    scan.set(entry, CHILD_NODE, childAt);
    scan.set(entry, CHILD_NAME, nameAt);
    scan.set(entry, CHILD_LENGTH, name.length);
  }
}

const IS_ASCII = /^[\0-\x7f]*$/;

/** The hash that key tokens carry: of a key's length and of five of its characters. */
export function keyHash(name: string): number {
  const last = name.length - 1;
  let hash = name.length;
  for (const at of [0, last >> 2, last >> 1, last - (last >> 2), last]) {
    hash = (Math.imul(hash, 31) + (last < 0 ? 0 : name.charCodeAt(at))) | 0;
  }
  return hash ^ (hash >>> 11);
}
