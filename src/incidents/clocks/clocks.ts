import { describeLength, dueAt, type Calendar, type Length } from './due.js';
import type { Holidays, Regulation, RegulationVersion } from './regulation.schema.js';

/** One line of the awareness ledger: a fact, and since when it is known. A null tenant speaks of the whole incident. */
export interface KnownFact {
  readonly fact: string;
  readonly tenant: string | null;
  readonly value: unknown;
  readonly at: Date;
}

export interface AffectedSilo {
  readonly tenant: string;
  /** When we first knew that this silo is affected. */
  readonly awareAt: Date;
  readonly noticeHours: number;
  readonly zone: string;
  readonly jurisdictions: readonly string[];
  /** When its first notice was accepted by a recipient's mail server. */
  readonly notifiedAt: Date | null;
  /** An approved decision that it need not be notified, with the reason. */
  readonly notApplicable: string | null;
}

export interface ClockGrounds {
  readonly openedAt: Date;
  readonly silos: readonly AffectedSilo[];
  readonly facts: readonly KnownFact[];
  /** Clocks that a person waived, by `clockKey`. */
  readonly waivers: ReadonlyMap<string, string>;
}

/** A clock that runs or ran for an incident. */
export interface ComputedClock {
  readonly key: string;
  readonly regulation: string;
  readonly version: number;
  readonly name: string;
  readonly tenant: string | null;
  readonly isOurs: boolean;
  readonly startedAt: Date;
  readonly dueAt: Date;
  readonly state: 'running' | 'met' | 'missed' | 'waived';
  /** When it was met or waived; also of a missed one that was met late. */
  readonly settledAt: Date | null;
  /** "72 hours because …, since … at …". */
  readonly why: string;
}

export const clockKey = (regulation: string, tenant: string | null): string => `${regulation}/${tenant ?? ''}`;

/** The version that an incident opened at this time runs under, for ever. */
export function versionFor(regulation: Regulation, openedAt: Date): RegulationVersion | undefined {
  const day = openedAt.toISOString().slice(0, 10);
  return regulation.versions
    .filter(({ from }) => from <= day)
    .reduce<RegulationVersion | undefined>(
      (latest, one) => (latest === undefined || one.from > latest.from ? one : latest),
      undefined,
    );
}

/** The latest word on a fact: what was said of this silo goes before what was said of the whole incident. */
function known(facts: readonly KnownFact[], name: string, tenant: string | null): KnownFact | undefined {
  const own = facts.filter(({ fact, tenant: of }) => fact === name && of === tenant).at(-1);
  return own ?? facts.filter(({ fact, tenant: of }) => fact === name && of === null).at(-1);
}

function holds(condition: RegulationVersion['when'][number], fact: KnownFact | undefined): boolean {
  if ('is' in condition) return fact?.value === condition.is;
  return typeof fact?.value === 'number' && fact.value >= condition.at_least;
}

/** When a trigger or an answer came about, or null if it has not. */
function momentOf(name: string, grounds: ClockGrounds, silo: AffectedSilo | null): Date | null {
  if (name === 'aware') return silo?.awareAt ?? grounds.openedAt;
  if (name === 'notified') return silo?.notifiedAt ?? null;
  const fact = known(grounds.facts, name, silo?.tenant ?? null);
  return fact === undefined || fact.value === false || fact.value === null ? null : fact.at;
}

function lengthOf(length: RegulationVersion['length'], silo: AffectedSilo | null): Length {
  if ('hours' in length) return { unit: 'hours', count: length.hours };
  if ('days' in length) return { unit: 'days', count: length.days };
  if ('months' in length) return { unit: 'months', count: length.months };
  if ('working_days' in length) return { unit: 'working_days', count: length.working_days };
  return { unit: 'hours', count: silo?.noticeHours ?? 72 };
}

function calendarOf(
  length: RegulationVersion['length'],
  silo: AffectedSilo | null,
  calendars: ReadonlyMap<string, Holidays>,
): Calendar {
  const named = 'working_days' in length ? calendars.get(length.calendar) : undefined;
  if (named !== undefined) return { zone: named.zone, holidays: new Set(named.holidays) };
  return { zone: silo?.zone ?? 'UTC', holidays: new Set() };
}

function settle(due: Date, metAt: Date | null, waived: boolean, now: Date): ComputedClock['state'] {
  if (metAt !== null) return metAt <= due ? 'met' : 'missed';
  if (waived) return 'waived';
  return now > due ? 'missed' : 'running';
}

const STARTS: Readonly<Record<string, string>> = {
  aware: 'it became known that this silo is affected',
  notified: 'the notice to the customer went out',
};

function clockFor(
  regulation: Regulation,
  silo: AffectedSilo | null,
  grounds: ClockGrounds,
  calendars: ReadonlyMap<string, Holidays>,
  now: Date,
): ComputedClock | null {
  const version = versionFor(regulation, grounds.openedAt);
  if (version === undefined) return null;
  const isSubject =
    version.jurisdictions.length === 0 ||
    (silo === null ? grounds.silos : [silo]).some((one) =>
      one.jurisdictions.some((jurisdiction) => version.jurisdictions.includes(jurisdiction)),
    );
  const applies = version.when.every((condition) =>
    holds(condition, known(grounds.facts, condition.fact, silo?.tenant ?? null)),
  );
  const startedAt = momentOf(version.starts, grounds, silo);
  if (!isSubject || !applies || startedAt === null) return null;
  const key = clockKey(regulation.id, silo?.tenant ?? null);
  const length = lengthOf(version.length, silo);
  const due = dueAt(startedAt, length, calendarOf(version.length, silo, calendars));
  const metAt = momentOf(version.met_by, grounds, silo);
  // A silo that need not be told has no clock whose answer is telling it.
  const waived = grounds.waivers.get(key) ?? (version.met_by === 'notified' ? (silo?.notApplicable ?? null) : null);
  const since = STARTS[version.starts] ?? `“${version.starts.replaceAll('_', ' ')}” was recorded`;
  const until = waived === null || metAt !== null ? '' : ` Waived: ${waived}`;
  return {
    key,
    regulation: regulation.id,
    version: version.version,
    name: regulation.name,
    tenant: silo?.tenant ?? null,
    isOurs: regulation.duty === 'ours',
    startedAt,
    dueAt: due,
    state: settle(due, metAt, waived !== null, now),
    settledAt: metAt,
    why: `${describeLength(length)} because ${version.because}, since ${since} at ${startedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.${until}`,
  };
}

/** Every clock that runs for the incident, the law's and the contract's, computed from what is known. */
export function computeClocks(
  regulations: readonly Regulation[],
  calendars: ReadonlyMap<string, Holidays>,
  grounds: ClockGrounds,
  now: Date,
): readonly ComputedClock[] {
  return regulations.flatMap((regulation) => {
    const silos = regulation.scope === 'silo' ? grounds.silos : [null];
    return silos.map((silo) => clockFor(regulation, silo, grounds, calendars, now)).filter((clock) => clock !== null);
  });
}

/** Share of the clock's time that is used up, 0 to 1. */
export function fractionElapsed(clock: { readonly startedAt: Date; readonly dueAt: Date }, now: Date): number {
  const whole = clock.dueAt.getTime() - clock.startedAt.getTime();
  if (whole <= 0) return 1;
  return Math.min(1, Math.max(0, (now.getTime() - clock.startedAt.getTime()) / whole));
}

/** Shares of a clock's time at which somebody is paged, in percent. */
export const PAGED_AT = [50, 75, 90, 100] as const;
export type PagedPercent = (typeof PAGED_AT)[number];

/** The highest threshold that is reached and was not paged yet: after an outage one page goes out, not four. */
export function percentToPage(
  clock: { readonly startedAt: Date; readonly dueAt: Date; readonly state: string },
  paged: number,
  now: Date,
): PagedPercent | null {
  if (clock.state !== 'running' && clock.state !== 'missed') return null;
  const reached = fractionElapsed(clock, now) * 100;
  return PAGED_AT.filter((percent) => percent <= reached && percent > paged).at(-1) ?? null;
}

/** When the next threshold of the clock is reached; null when all are. */
export function nextThreshold(clock: { readonly startedAt: Date; readonly dueAt: Date }, now: Date): Date | null {
  const whole = clock.dueAt.getTime() - clock.startedAt.getTime();
  const moments = PAGED_AT.map((percent) => new Date(Math.ceil(clock.startedAt.getTime() + (whole * percent) / 100)));
  // One millisecond past the due time, a clock that was not met is missed.
  return [...moments, new Date(clock.dueAt.getTime() + 1)].find((moment) => moment > now) ?? null;
}
