import fc from 'fast-check';
import {
  computeClocks,
  fractionElapsed,
  nextThreshold,
  percentToPage,
  versionFor,
  type ClockGrounds,
} from '../../../../src/incidents/clocks/clocks.js';
import { dueAt } from '../../../../src/incidents/clocks/due.js';
import { loadRegulations } from '../../../../src/incidents/clocks/regulation-library.provider.js';

const { regulations, calendars } = loadRegulations();
const OPENED = new Date('2026-03-01T09:00:00Z');
const hours = (n: number): Date => new Date(OPENED.getTime() + n * 3_600_000);

const acme = {
  tenant: 'acme',
  awareAt: OPENED,
  noticeHours: 24,
  zone: 'Europe/Zurich',
  jurisdictions: ['EU'],
  notifiedAt: null,
  notApplicable: null,
};
const grounds: ClockGrounds = { openedAt: OPENED, silos: [acme], facts: [], waivers: new Map() };
const clocks = (given: Partial<ClockGrounds>, now: Date) =>
  computeClocks(regulations, calendars, { ...grounds, ...given }, now);
const contract = (given: Partial<ClockGrounds>, now: Date) =>
  clocks(given, now).find(({ regulation }) => regulation === 'customer-contract');

describe('the contract’s clock', () => {
  it('runs for the hours the contract names, from when it was known, and says why', () => {
    const clock = contract({}, hours(1));
    expect(clock).toMatchObject({
      tenant: 'acme',
      state: 'running',
      startedAt: OPENED,
      dueAt: hours(24),
      isOurs: true,
    });
    expect(clock?.why).toMatch(/^24 hours because the contract .*since it became known .* at 2026-03-01 09:00 UTC\.$/);
  });

  it('runs for each silo on its own', () => {
    const globex = { ...acme, tenant: 'globex', awareAt: hours(5), noticeHours: 72 };
    const found = clocks({ silos: [acme, globex] }, hours(6)).filter(
      ({ regulation }) => regulation === 'customer-contract',
    );
    expect(found.map(({ tenant, dueAt: due }) => [tenant, due])).toEqual([
      ['acme', hours(24)],
      ['globex', hours(77)],
    ]);
  });

  it('is met by the notice, and missed when it came late or never', () => {
    expect(contract({ silos: [{ ...acme, notifiedAt: hours(23) }] }, hours(30))).toMatchObject({ state: 'met' });
    expect(contract({ silos: [{ ...acme, notifiedAt: hours(25) }] }, hours(30))).toMatchObject({
      state: 'missed',
      settledAt: hours(25),
    });
    expect(contract({}, hours(25))).toMatchObject({ state: 'missed', settledAt: null });
  });

  it('is waived by a reason, or by the approved decision that the silo need not be told', () => {
    expect(contract({ waivers: new Map([['customer-contract/acme', 'agreed by phone']]) }, hours(1))).toMatchObject({
      state: 'waived',
    });
    const spared = contract({ silos: [{ ...acme, notApplicable: 'a test silo' }] }, hours(1));
    expect(spared).toMatchObject({ state: 'waived' });
    expect(spared?.why).toMatch(/Waived: a test silo/);
  });
});

describe('the law’s clocks', () => {
  const fact = (name: string, value: unknown, atHour: number, tenant: string | null = null) => ({
    fact: name,
    tenant,
    value,
    at: hours(atHour),
  });
  const named = (given: Partial<ClockGrounds>, id: string) =>
    clocks(given, hours(100)).find(({ regulation }) => regulation === id);

  it('start only when their facts are known', () => {
    expect(clocks({}, hours(1)).map(({ regulation }) => regulation)).toEqual(['customer-contract']);
  });

  it('let the customer’s 72 hours run from our notice, not from our awareness', () => {
    const told = { ...acme, notifiedAt: hours(10) };
    const clock = named({ silos: [told], facts: [fact('personal_data', true, 2)] }, 'gdpr-33');
    expect(clock).toMatchObject({ startedAt: hours(10), dueAt: hours(82), isOurs: false });
  });

  it('do not run outside their jurisdiction, nor after the fact was taken back', () => {
    const told = { ...acme, notifiedAt: hours(10), jurisdictions: ['AU'] };
    expect(named({ silos: [told], facts: [fact('personal_data', true, 2)] }, 'gdpr-33')).toBeUndefined();
    const taken = [fact('significant_incident', true, 1), fact('significant_incident', false, 3)];
    expect(named({ facts: taken }, 'nis2-early-warning')).toBeUndefined();
  });

  it('anchor NIS2’s final report to the notification that was submitted', () => {
    const facts = [fact('significant_incident', true, 1), fact('nis2_notification_submitted', true, 70)];
    expect(named({ facts }, 'nis2-notification')).toMatchObject({ state: 'met' });
    const final = named({ facts }, 'nis2-final-report');
    expect(final?.startedAt).toEqual(hours(70));
    expect(final?.dueAt.toISOString()).toBe('2026-04-04T07:00:00.000Z');
  });

  it('count the SEC’s four business days from the decision that it is material, over a holiday', () => {
    const decided = { fact: 'material', tenant: null, value: true, at: new Date('2026-11-24T20:00:00Z') };
    const facts = [decided, fact('listed_in_the_us', true, 0)];
    // Wednesday, Friday, Monday, Tuesday: the Thursday is Thanksgiving.
    expect(named({ facts }, 'sec-8k-105')?.dueAt.toISOString()).toBe('2026-12-02T04:59:59.999Z');
  });

  it('let what is known of one silo go before what is said of all', () => {
    const facts = [
      fact('people_affected', 9_000, 1),
      fact('people_affected', 10, 2, 'acme'),
      fact('unencrypted_financial_data', true, 1),
    ];
    expect(named({ silos: [{ ...acme, jurisdictions: ['US'] }], facts }, 'ftc-safeguards')).toBeUndefined();
  });

  it('keep the version that was in force when the incident was opened', () => {
    const [first] = regulations;
    const base = first!.versions[0]!;
    const regulation = {
      ...first!,
      versions: [
        { ...base, version: 2, from: '2026-06-01' },
        { ...base, version: 1, from: '2020-01-01' },
      ],
    };
    expect(versionFor(regulation, OPENED)?.version).toBe(1);
    expect(versionFor(regulation, new Date('2026-06-01T00:00:00Z'))?.version).toBe(2);
    expect(versionFor(regulation, new Date('2019-06-01T00:00:00Z'))).toBeUndefined();
  });
});

describe('pages for a clock', () => {
  const clock = { startedAt: OPENED, dueAt: hours(100), state: 'running' };
  it('are due at 50, 75 and 90 percent and when it is missed, once each', () => {
    expect(percentToPage(clock, 0, hours(49))).toBeNull();
    expect(percentToPage(clock, 0, hours(50))).toBe(50);
    expect(percentToPage(clock, 50, hours(60))).toBeNull();
    expect(percentToPage(clock, 50, hours(75))).toBe(75);
    expect(percentToPage(clock, 75, hours(91))).toBe(90);
    expect(percentToPage({ ...clock, state: 'missed' }, 90, hours(101))).toBe(100);
    expect(percentToPage({ ...clock, state: 'met' }, 0, hours(101))).toBeNull();
  });

  it('are one page after an outage', () => {
    expect(percentToPage(clock, 0, hours(95))).toBe(90);
  });

  it('come at a moment that is known ahead', () => {
    expect(nextThreshold(clock, hours(10))).toEqual(hours(50));
    expect(nextThreshold(clock, hours(95))).toEqual(hours(100));
    expect(nextThreshold(clock, hours(200))).toBeNull();
  });

  it('follow the share of time that is used up', () => {
    fc.assert(
      fc.property(fc.integer({ min: -200, max: 400 }), (n) => {
        const share = fractionElapsed(clock, hours(n));
        return (
          share >= 0 && share <= 1 && (n < 0 ? share === 0 : n > 100 ? share === 1 : Math.abs(share - n / 100) < 1e-9)
        );
      }),
    );
  });
});

const zones = fc.constantFrom(
  'Europe/Zurich',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'UTC',
);
const starts = fc
  .integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2031, 0, 1) })
  .map((ms) => new Date(Math.floor(ms / 1000) * 1000));

describe('when a clock is due', () => {
  it('in hours, is the same moment in every zone, also when clocks change', () => {
    fc.assert(
      fc.property(starts, zones, fc.integer({ min: 1, max: 1_000 }), (start, zone, count) => {
        const due = dueAt(start, { unit: 'hours', count }, { zone, holidays: new Set() });
        return due.getTime() - start.getTime() === count * 3_600_000;
      }),
    );
    // The night in which Zurich has 23 hours.
    const due = dueAt(
      new Date('2026-03-28T12:00:00Z'),
      { unit: 'hours', count: 24 },
      { zone: 'Europe/Zurich', holidays: new Set() },
    );
    expect(due.toISOString()).toBe('2026-03-29T12:00:00.000Z');
  });

  it('in days, is at the same local time unless that hour does not exist', () => {
    const due = dueAt(
      new Date('2026-03-28T12:00:00Z'),
      { unit: 'days', count: 1 },
      { zone: 'Europe/Zurich', holidays: new Set() },
    );
    expect(due.toISOString()).toBe('2026-03-29T11:00:00.000Z');
  });

  it('in months, ends on the last day where the month is short', () => {
    const due = dueAt(
      new Date('2026-01-31T10:00:00Z'),
      { unit: 'months', count: 1 },
      { zone: 'UTC', holidays: new Set() },
    );
    expect(due.toISOString()).toBe('2026-02-28T10:00:00.000Z');
  });

  it('in working days, never falls on a weekend or a holiday and counts exactly', () => {
    const holidays = new Set(calendars.get('us-federal')?.holidays);
    const zone = 'America/New_York';
    const localDay = (date: Date): string =>
      new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
        date,
      );
    const works = (day: string): boolean =>
      ![0, 6].includes(new Date(`${day}T12:00:00Z`).getUTCDay()) && !holidays.has(day);
    fc.assert(
      fc.property(starts, fc.integer({ min: 1, max: 30 }), (start, count) => {
        const due = dueAt(start, { unit: 'working_days', count }, { zone, holidays });
        const last = localDay(due);
        let counted = 0;
        for (let day = localDay(start); day < last;) {
          const next = new Date(Date.parse(`${day}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
          day = next;
          if (works(day)) counted += 1;
        }
        return works(last) && counted === count;
      }),
    );
  });

  it('moves on with the start', () => {
    const unit = fc.constantFrom('hours' as const, 'days' as const, 'months' as const, 'working_days' as const);
    fc.assert(
      fc.property(starts, starts, zones, unit, fc.integer({ min: 1, max: 40 }), (a, b, zone, of, count) => {
        const [earlier, later] = a <= b ? [a, b] : [b, a];
        const calendar = { zone, holidays: new Set<string>() };
        const slack = 86_400_000; // a skipped or repeated local hour may swap two starts within it
        return (
          dueAt(earlier, { unit: of, count }, calendar).getTime() <=
          dueAt(later, { unit: of, count }, calendar).getTime() + slack
        );
      }),
    );
  });
});
