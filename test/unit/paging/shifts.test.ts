import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Layer, Schedule, Shift } from '../../../src/paging/schedule.js';
import { gaps, onCallAt, shifts } from '../../../src/paging/shifts.js';

const utc = (text: string): Date => new Date(text);
const layer = (change: Partial<Layer> = {}): Layer => ({
  name: 'Primary',
  staffIds: ['ann', 'bob'],
  startsOn: '2026-03-02',
  handoverAt: '09:00',
  turnDays: 7,
  restrictions: [],
  ...change,
});
const schedule = (change: Partial<Schedule> = {}): Schedule => ({
  id: 's',
  name: 'Security',
  timeZone: 'Europe/Berlin',
  layers: [layer()],
  overrides: [],
  ...change,
});
const text = (shift: Shift): string => `${shift.staffId} ${shift.from.toISOString()} ${shift.to.toISOString()}`;

describe('the final shifts of a schedule', () => {
  it('hand over at the same local hour before and after the clocks change', () => {
    // Berlin goes from UTC+1 to UTC+2 on 29 March 2026.
    expect(shifts(schedule(), utc('2026-03-23T00:00:00Z'), utc('2026-04-07T00:00:00Z')).map(text)).toEqual([
      'bob 2026-03-23T00:00:00.000Z 2026-03-23T08:00:00.000Z'.replace('bob', 'ann'),
      'bob 2026-03-23T08:00:00.000Z 2026-03-30T07:00:00.000Z',
      'ann 2026-03-30T07:00:00.000Z 2026-04-06T07:00:00.000Z',
      'bob 2026-04-06T07:00:00.000Z 2026-04-07T00:00:00.000Z',
    ]);
  });

  it('move a handover that falls into the hour that does not exist to the hour after', () => {
    const night = schedule({ layers: [layer({ turnDays: 1, handoverAt: '02:30', startsOn: '2026-03-28' })] });
    expect(shifts(night, utc('2026-03-28T12:00:00Z'), utc('2026-03-30T12:00:00Z')).map(text)).toEqual([
      'ann 2026-03-28T12:00:00.000Z 2026-03-29T01:30:00.000Z',
      'bob 2026-03-29T01:30:00.000Z 2026-03-30T00:30:00.000Z',
      'ann 2026-03-30T00:30:00.000Z 2026-03-30T12:00:00.000Z',
    ]);
  });

  it('let an office-hours layer cover the one below, also over midnight', () => {
    const two = schedule({
      layers: [
        layer({ staffIds: ['night'], turnDays: 1 }),
        layer({ staffIds: ['day'], restrictions: [{ from: '08:00', to: '18:00', weekdays: [1, 2, 3, 4, 5] }] }),
        layer({ staffIds: ['owl'], restrictions: [{ from: '23:00', to: '01:00', weekdays: [5] }] }),
      ],
    });
    // Friday 6 March 2026, UTC+1.
    expect(shifts(two, utc('2026-03-06T06:00:00Z'), utc('2026-03-07T06:00:00Z')).map(text)).toEqual([
      'night 2026-03-06T06:00:00.000Z 2026-03-06T07:00:00.000Z',
      'day 2026-03-06T07:00:00.000Z 2026-03-06T17:00:00.000Z',
      'night 2026-03-06T17:00:00.000Z 2026-03-06T22:00:00.000Z',
      'owl 2026-03-06T22:00:00.000Z 2026-03-07T00:00:00.000Z',
      'night 2026-03-07T00:00:00.000Z 2026-03-07T06:00:00.000Z',
    ]);
  });

  it('give an override its time to the minute, and a later one the last word', () => {
    const swapped = schedule({
      overrides: [
        { staffId: 'eve', from: utc('2026-03-10T10:00:00Z'), to: utc('2026-03-10T14:00:00Z') },
        { staffId: 'dan', from: utc('2026-03-10T12:00:00Z'), to: utc('2026-03-10T13:00:00Z') },
      ],
    });
    expect(shifts(swapped, utc('2026-03-10T09:00:00Z'), utc('2026-03-10T15:00:00Z')).map((s) => s.staffId)).toEqual([
      'bob',
      'eve',
      'dan',
      'eve',
      'bob',
    ]);
  });

  it('have a gap before the first turn, and say who follows', () => {
    expect(onCallAt(schedule(), utc('2026-03-01T00:00:00Z'))).toBeUndefined();
    expect(gaps(schedule(), utc('2026-03-01T00:00:00Z'), utc('2026-03-05T00:00:00Z'))).toEqual([
      { from: utc('2026-03-01T00:00:00Z'), to: utc('2026-03-02T08:00:00Z') },
    ]);
    expect(onCallAt(schedule(), utc('2026-03-04T00:00:00Z'))).toEqual({
      staffId: 'ann',
      until: utc('2026-03-09T08:00:00Z'),
      nextStaffId: 'bob',
    });
  });

  it('are empty for an empty window and for a layer without people', () => {
    expect(shifts(schedule(), utc('2026-03-05T00:00:00Z'), utc('2026-03-05T00:00:00Z'))).toEqual([]);
    expect(
      shifts(schedule({ layers: [layer({ staffIds: [] })] }), utc('2026-03-05T00:00:00Z'), utc('2026-03-06T00:00:00Z')),
    ).toEqual([]);
  });
});

describe('for any schedule, shifts', () => {
  const zone = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'UTC',
    'America/Sao_Paulo',
  );
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
  const staff = fc.constantFrom('ann', 'bob', 'eve', 'dan');
  const day = fc
    .integer({ min: 0, max: 700 })
    .map((n) => DateTime.utc(2025, 1, 1).plus({ days: n }).toFormat('yyyy-MM-dd'));
  const instant = fc.integer({ min: 0, max: 800 * 24 * 4 }).map((n) => new Date(Date.UTC(2025, 0, 1) + n * 900_000));
  const anyLayer = fc.record({
    name: fc.constant('layer'),
    staffIds: fc.array(staff, { minLength: 1, maxLength: 4 }),
    startsOn: day,
    handoverAt: time,
    turnDays: fc.integer({ min: 1, max: 15 }),
    restrictions: fc.array(
      fc.record({ from: time, to: time, weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }) }),
      { maxLength: 2 },
    ),
  });
  const anySchedule = fc.record({
    id: fc.constant('s'),
    name: fc.constant('S'),
    timeZone: zone,
    layers: fc.array(anyLayer, { minLength: 1, maxLength: 3 }),
    overrides: fc.array(
      fc.tuple(staff, instant, fc.integer({ min: 1, max: 200 })).map(([staffId, from, quarters]) => ({
        staffId,
        from,
        to: new Date(from.getTime() + quarters * 900_000),
      })),
      { maxLength: 3 },
    ),
  });
  const span = fc.tuple(instant, fc.integer({ min: 1, max: 40 * 96 }), fc.integer({ min: 1, max: 40 * 96 }));

  it('are in order, without overlap, inside the window, and joined where one person goes on', () => {
    fc.assert(
      fc.property(anySchedule, span, (any, [from, first]) => {
        const to = new Date(from.getTime() + first * 900_000);
        const found = shifts(any, from, to);
        found.forEach((shift, i) => {
          expect(shift.from < shift.to && shift.from >= from && shift.to <= to).toBe(true);
          const next = found[i + 1];
          if (next === undefined) return;
          expect(shift.to <= next.from).toBe(true);
          if (shift.to.getTime() === next.from.getTime()) expect(shift.staffId).not.toBe(next.staffId);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('are the same whether asked for at once or in two parts', () => {
    fc.assert(
      fc.property(anySchedule, span, (any, [from, first, second]) => {
        const middle = new Date(from.getTime() + first * 900_000);
        const to = new Date(middle.getTime() + second * 900_000);
        const whole = shifts(any, from, to);
        const parts = [...shifts(any, from, middle), ...shifts(any, middle, to)];
        const cut = whole.flatMap((shift) =>
          shift.from < middle && middle < shift.to
            ? [
                { ...shift, to: middle },
                { ...shift, from: middle },
              ]
            : [shift],
        );
        expect(parts.map(text)).toEqual(cut.map(text));
      }),
      { numRuns: 300 },
    );
  });

  it('leave no gap after the start of a layer around the clock', () => {
    fc.assert(
      fc.property(anySchedule, zone, anyLayer, (any, timeZone, base) => {
        const layers = [{ ...base, restrictions: [] }, ...any.layers];
        const from = DateTime.fromISO(`${base.startsOn}T${base.handoverAt}`, { zone: timeZone }).toJSDate();
        expect(gaps({ ...any, timeZone, layers }, from, new Date(from.getTime() + 60 * 86_400_000))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
