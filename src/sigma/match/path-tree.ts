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
  /** The same for keys that are still bytes; made when the first comes. */
  byBytes: KeyTable | undefined;
  /** Scratch of the view that walks here: the last event in which it did. */
  metAt: number;
}

export function emptyPathNode(): PathNode {
  return { slot: -1, index: undefined, children: undefined, byBytes: undefined, metAt: 0 };
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
  let child = node.children.get(key);
  if (child === undefined) {
    child = emptyPathNode();
    node.children.set(key, child);
  }
  return child;
}

/** The child under a key with this hash that lies in `bytes` from `start` to `end`. */
export function childUnder(
  node: PathNode,
  hash: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): PathNode | undefined {
  if (node.children === undefined) return undefined;
  node.byBytes ??= new KeyTable(node.children);
  return node.byBytes.find(hash, bytes, start, end);
}

/** An open table from the hashes of keys to nodes. */
class KeyTable {
  readonly #hashes: Int32Array;
  readonly #nodes: (PathNode | undefined)[];
  readonly #names: (string | undefined)[];
  readonly #mask: number;

  constructor(children: ReadonlyMap<string, PathNode>) {
    const size = 2 ** Math.ceil(Math.log2(children.size * 4));
    this.#mask = size - 1;
    this.#hashes = new Int32Array(size);
    this.#nodes = new Array<undefined>(size).fill(undefined);
    this.#names = new Array<undefined>(size).fill(undefined);
    for (const [name, node] of children) {
      const hash = keyHash(name);
      let place = hash & this.#mask;
      while (this.#nodes[place] !== undefined) place = (place + 1) & this.#mask;
      this.#hashes[place] = hash;
      this.#nodes[place] = node;
      this.#names[place] = name;
    }
  }

  find(hash: number, bytes: Uint8Array, start: number, end: number): PathNode | undefined {
    const mask = this.#mask;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const node = this.#nodes[place];
      if (node === undefined) return undefined;
      if (this.#hashes[place] === hash && isSame(this.#names[place] ?? '', bytes, start, end)) return node;
    }
  }
}

function isSame(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}
