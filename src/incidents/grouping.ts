import ipaddr from 'ipaddr.js';

export interface Entity {
  readonly kind: string;
  readonly value: string;
}

/** What may tie two alerts of one silo together. A host or a "something else" is shared by everybody and ties nothing. */
const TYING_KINDS = new Set(['user', 'session', 'ip', 'api_key', 'image', 'key']);

export const tyingEntities = <E extends Entity>(entities: readonly E[]): readonly E[] =>
  entities.filter((entity) => TYING_KINDS.has(entity.kind) && entity.value !== '');

/** Address ranges that mean another machine in every network (RFC 1918, 4193, 6598 and the like). */
const LOCAL_RANGES = new Set([
  'private',
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
  'unspecified',
  'broadcast',
  'multicast',
]);

/** Whether the entity is the same one seen from every silo: only an address on the Internet is; `u-42` is another person in each silo. */
export function isSameAcrossSilos(entity: Entity): boolean {
  if (entity.kind !== 'ip' || !ipaddr.isValid(entity.value)) return false;
  return !LOCAL_RANGES.has(ipaddr.process(entity.value).range());
}

export interface Span {
  readonly firstEventAt: Date;
  readonly lastEventAt: Date;
}

/** Whether two stretches of event time lie within `windowMs` of each other. */
export function areNear(a: Span, b: Span, windowMs: number): boolean {
  return (
    a.firstEventAt.getTime() - windowMs <= b.lastEventAt.getTime() &&
    b.firstEventAt.getTime() - windowMs <= a.lastEventAt.getTime()
  );
}
