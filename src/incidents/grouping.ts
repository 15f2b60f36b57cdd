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

interface Matched {
  readonly id: string;
  readonly status: string;
  readonly openedAt: Date;
  readonly span: Span;
}

export interface Choice<M extends Matched> {
  /** The running incident that takes the alert; null when none does. */
  readonly join: M | null;
  /** Other running incidents that share one of its entities: a person may merge them. */
  readonly alsoShares: readonly M[];
  /** Finished incidents on the same entities; they swallow nothing, a new one is linked to them. */
  readonly follows: readonly M[];
}

/** Which incident an alert joins: of the running ones that are near in time the one that was opened first. */
export function chooseIncident<M extends Matched>(candidates: readonly M[], alert: Span, windowMs: number): Choice<M> {
  const unique = [
    ...new Map(candidates.filter(({ span }) => areNear(span, alert, windowMs)).map((one) => [one.id, one])).values(),
  ];
  const byAge = unique.sort((a, b) => a.openedAt.getTime() - b.openedAt.getTime());
  const [join = null, ...alsoShares] = byAge.filter(({ status }) => status === 'open' || status === 'contained');
  const follows = byAge.filter(({ status }) => status === 'resolved' || status === 'closed');
  return { join, alsoShares, follows };
}
