import {
  type Entity,
  ENTITY_FIELDS,
  type EntityKind,
  entityKind,
  entityText,
  entityValue,
  MAX_ENTITY_VALUE,
} from './entity.js';

/** Entities of one silo that somebody waits to hear of, by the fields in which an event would name them: every event is looked at. */
export class WatchList {
  readonly #byKind: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #digests: ReadonlyMap<string, ReadonlySet<number>>;
  readonly #byField: readonly (readonly [field: string, values: ReadonlySet<string>])[];

  constructor(entities: Iterable<Entity>) {
    const byKind = new Map<string, Set<string>>();
    for (const { kind, value } of entities) byKind.set(kind, (byKind.get(kind) ?? new Set()).add(value));
    this.#byKind = byKind;
    this.#digests = new Map([...byKind].map(([kind, values]) => [kind, new Set(Array.from(values, digestOfText))]));
    this.#byField = ENTITY_FIELDS.flatMap((field) => {
      const values = byKind.get(entityKind(field));
      return values === undefined ? [] : [[field, values] as const];
    });
  }

  /**
   * The entity that a stretch of a line names, where it is watched. The bytes are ASCII. Nearly every line is about somebody else, which is seen
   * without making a text of it.
   */
  namedAt(kind: EntityKind, line: Buffer, start: number, end: number): Entity | undefined {
    const stop = Math.min(end, start + MAX_ENTITY_VALUE);
    if (this.#digests.get(kind)?.has(digestOf(line, start, stop)) !== true) return undefined;
    const value = line.toString('latin1', start, stop);
    return this.#byKind.get(kind)?.has(value) === true ? { kind, value } : undefined;
  }

  /** Those that the event names, each once. */
  namedIn(fields: Readonly<Record<string, unknown>>): readonly Entity[] {
    let found: Map<string, Entity> | undefined;
    for (const [field, values] of this.#byField) {
      const value = entityValue(fields, field);
      if (value === undefined || !values.has(value)) continue;
      const entity = { kind: entityKind(field), value };
      found ??= new Map();
      found.set(entityText(entity), entity);
    }
    return found === undefined ? NOBODY : [...found.values()];
  }
}

const NOBODY: readonly Entity[] = [];

const digestOfText = (value: string): number => digestOf(Buffer.from(value, 'latin1'), 0, value.length);

/** FNV-1a, 32 bits. */
function digestOf(bytes: Buffer, start: number, end: number): number {
  let digest = 0x811c9dc5;
  for (let at = start; at < end; at += 1) digest = Math.imul(digest ^ (bytes[at] ?? 0), 0x01000193);
  return digest;
}
