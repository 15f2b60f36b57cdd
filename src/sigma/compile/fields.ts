import { Cuts } from './cuts.js';
import { MAX_ARRAY_DEPTH } from './limits.js';
import { Sought } from './sought.js';

/** A field name as it is looked up: whole first, then its first part and the rest within what lies there. */
export interface FieldPath {
  readonly name: string;
  readonly head: string;
  readonly tail: FieldPath | undefined;
}

/** Numbers the field names of a rule set, so that an event's values can be kept in arrays; and counts values that were cut. */
export class Fields {
  readonly paths: FieldPath[] = [];
  readonly #slots = new Map<string, number>();
  readonly #sought: Sought[] = [];

  constructor(readonly cuts = new Cuts()) {}

  get size(): number {
    return this.paths.length;
  }

  slotOf(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.paths.length;
    this.#slots.set(name, slot);
    this.paths.push(pathOf(name));
    return slot;
  }

  soughtIn(slot: number): Sought {
    return (this.#sought[slot] ??= new Sought());
  }
}

/** Takes a dotted name apart. */
export function pathOf(name: string): FieldPath {
  const dot = name.indexOf('.');
  if (dot === -1) return { name, head: name, tail: undefined };
  return { name, head: name.slice(0, dot), tail: pathOf(name.slice(dot + 1)) };
}

/**
 * The value at `path`: the key as a whole where there is one, else step by step through objects, and through every
 * element of arrays, in which case all values found come as an array.
 */
export function lookUp(value: unknown, path: FieldPath, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return depth > MAX_ARRAY_DEPTH ? undefined : lookUpInEach(value, path, depth + 1);
  const object = value as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(object, path.name)) return object[path.name];
  if (path.tail === undefined || !Object.hasOwn(object, path.head)) return undefined;
  return lookUp(object[path.head], path.tail);
}

function lookUpInEach(values: readonly unknown[], path: FieldPath, depth: number): unknown {
  // A field that holds an empty array is there: it exists, and is not null.
  let found: unknown[] | undefined;
  for (const value of values) {
    const inner = lookUp(value, path, depth);
    if (inner === undefined) continue;
    found ??= [];
    if (Array.isArray(inner)) for (const item of inner) found.push(item);
    else found.push(inner);
  }
  return found;
}
