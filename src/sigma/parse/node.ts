/** A YAML value with its place: `at` is the offset in the file's text at which it starts. */
export type Node = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly kind: 'map';
  readonly at: number;
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly key: string;
  readonly at: number;
  readonly value: Node;
}

export interface ListNode {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly Node[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly at: number;
  readonly value: string | number | boolean | null;
}

/** The entry of `map` under `key`, if it has one. */
export function entryOf(map: MapNode, key: string): Entry | undefined {
  for (const entry of map.entries) if (entry.key === key) return entry;
  return undefined;
}

/** The value of `map` under `key`, if it has one. */
export function valueOf(map: MapNode, key: string): Node | undefined {
  return entryOf(map, key)?.value;
}

/** The items of a list, or the node itself where a list of one may be written without brackets. */
export function itemsOf(node: Node): readonly Node[] {
  return node.kind === 'list' ? node.items : [node];
}

/** A plain value with sorted keys and no places, for hashing. */
export function plainOf(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainOf);
  return node.entries.map(({ key, value }) => [key, plainOf(value)]);
}
