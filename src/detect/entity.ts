export const ENTITY_KINDS = ['user', 'session', 'ip', 'api_key', 'image', 'key', 'host', 'other'] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

/** Whom or what an event or alert is about. */
export interface Entity {
  readonly kind: EntityKind;
  readonly value: string;
}

/** Event fields that name somebody or something, by what they name. Fields of other names are of kind `other` where a rule lists them. */
const KINDS: Readonly<Record<string, EntityKind>> = {
  'actor.id': 'user',
  'actor.email': 'user',
  'cs-username': 'user',
  user: 'user',
  username: 'user',
  'actor.session': 'session',
  session: 'session',
  'c-ip': 'ip',
  ip: 'ip',
  src_ip: 'ip',
  SourceIp: 'ip',
  'actor.api_key': 'api_key',
  api_key: 'api_key',
  'detail.image': 'image',
  image: 'image',
  'detail.key': 'key',
  key: 'key',
  host: 'host',
  hostname: 'host',
  's-computername': 'host',
};

/** Fields looked at when a rule names none. */
export const USUAL_ENTITY_FIELDS = [
  'actor.email',
  'actor.session',
  'ip',
  'c-ip',
  'cs-username',
  'user',
  'src_ip',
] as const;

/** Every field that names an entity of a kind. */
export const ENTITY_FIELDS: readonly string[] = Object.keys(KINDS);

/** Longest entity value that is kept (UTF-16 units). */
export const MAX_ENTITY_VALUE = 256;

export const entityKind = (field: string): EntityKind => KINDS[field] ?? 'other';

/** Text as Postgres can store it: no NUL, no half characters. What stands for them is visible. */
export function storable(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '␀') : text).toWellFormed();
}

/** A field by its flat name, else by its dotted path, as text; undefined when absent, empty or no single value. */
function fieldText(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  let value: unknown = fields[name];
  if (value === undefined && name.includes('.')) {
    value = name.split('.').reduce<unknown>((at, part) => (isRecord(at) ? at[part] : undefined), fields);
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whom or what a field names, as entities are kept; undefined for nobody. */
export function entityValue(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const text = fieldText(fields, name);
  return text === undefined ? undefined : storable(text.slice(0, MAX_ENTITY_VALUE));
}

/** Whom and what an event names. Several rules ask about the same fields: each is read once. */
export class NamedEntities {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly #byField = new Map<string, Entity | undefined>();

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.fields = fields;
  }

  /** The entities in these fields, each once. */
  in(names: readonly string[]): Entity[] {
    const entities: Entity[] = [];
    for (const name of names) {
      const entity = this.#named(name);
      if (entity === undefined) continue;
      if (!entities.some(({ kind, value }) => kind === entity.kind && value === entity.value)) entities.push(entity);
    }
    return entities;
  }

  #named(field: string): Entity | undefined {
    if (this.#byField.has(field)) return this.#byField.get(field);
    const value = entityValue(this.fields, field);
    const entity = value === undefined ? undefined : { kind: entityKind(field), value };
    this.#byField.set(field, entity);
    return entity;
  }
}

/** One text for an entity, for sets and maps. */
export const entityText = ({ kind, value }: Entity): string => `${kind} ${value}`;
