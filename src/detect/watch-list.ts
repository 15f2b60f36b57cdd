import { type Entity, ENTITY_FIELDS, type EntityKind, entityKind, entityText, entityValue } from './entity.js';

/** Entities of one silo that somebody waits to hear of, by the fields in which an event would name them: every event is looked at. */
export class WatchList {
  readonly #byKind: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #byField: readonly (readonly [field: string, values: ReadonlySet<string>])[];

  constructor(entities: Iterable<Entity>) {
    const byKind = new Map<string, Set<string>>();
    for (const { kind, value } of entities) byKind.set(kind, (byKind.get(kind) ?? new Set()).add(value));
    this.#byKind = byKind;
    this.#byField = ENTITY_FIELDS.flatMap((field) => {
      const values = byKind.get(entityKind(field));
      return values === undefined ? [] : [[field, values] as const];
    });
  }

  /** `value`: as entities are kept. */
  has(kind: EntityKind, value: string): boolean {
    return this.#byKind.get(kind)?.has(value) === true;
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
