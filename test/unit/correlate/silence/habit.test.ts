import { DateTime } from 'luxon';
import { allowedSilence, type Gap, spell } from '../../../../src/correlate/silence/habit.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ZONE = 'Europe/Berlin';
const at = (text: string): number => DateTime.fromISO(text, { zone: ZONE }).toMillis();

/** A stream that speaks every `everyMinutes` from 8 to 18 on working days, and rests otherwise, from the Monday `weeks` before that of `until`. */
function officeHours(
  until: string,
  weeks: number,
  everyMinutes = 2,
): { firstMs: number; gaps: Gap[]; timeZone: string } {
  const monday = DateTime.fromISO(until, { zone: ZONE }).startOf('week').minus({ weeks });
  const gaps: Gap[] = [];
  let lastMs = monday.set({ hour: 8 }).toMillis();
  const firstMs = lastMs;
  for (let day = monday; day.toMillis() < at(until); day = day.plus({ days: 1 })) {
    if (day.weekday > 5) continue;
    const startMs = day.set({ hour: 8 }).toMillis();
    if (startMs >= at(until)) break;
    if (startMs > lastMs) gaps.push({ startMs: lastMs, endMs: startMs });
    for (let hour = 8; hour < 18; hour += 1) {
      const endMs = day.set({ hour, minute: 30 }).toMillis();
      gaps.push({ startMs: endMs - everyMinutes * MINUTE_MS, endMs });
    }
    lastMs = day.set({ hour: 18 }).toMillis();
  }
  return { firstMs, gaps, timeZone: ZONE };
}

describe('the silence that a stream is allowed', () => {
  it('is ten minutes at work, and a night or a weekend where it is used to rest', () => {
    const past = officeHours('2026-11-25T11:00', 4);
    expect(allowedSilence(at('2026-11-25T11:00'), past)).toEqual({ ms: 10 * MINUTE_MS, usualMs: 2 * MINUTE_MS });
    expect(allowedSilence(at('2026-11-25T23:00'), past).usualMs).toBe(14 * HOUR_MS);
    expect(allowedSilence(at('2026-11-28T12:00'), past).usualMs).toBe(62 * HOUR_MS);
  });

  it('ends the weekend an hour after work usually begins', () => {
    const past = officeHours('2026-11-30T07:00', 4);
    const silentMs = (text: string): number => at(text) - at('2026-11-27T18:00');
    const isNoticed = (text: string): boolean => silentMs(text) >= allowedSilence(at(text), past).ms;
    expect([isNoticed('2026-11-29T20:00'), isNoticed('2026-11-30T08:30')]).toEqual([false, false]);
    expect(isNoticed('2026-11-30T09:31')).toBe(true);
  });

  it('keeps to the wall clock where daylight saving ended between', () => {
    const past = officeHours('2026-10-26T09:30', 4);
    expect(allowedSilence(at('2026-10-26T12:00'), past).usualMs).toBe(2 * MINUTE_MS);
    expect(allowedSilence(at('2026-10-26T07:30'), past).usualMs).toBe(62 * HOUR_MS);
  });

  it('does not take one outage for a habit, and two for one', () => {
    const past = officeHours('2026-11-25T11:00', 4);
    const outage = (day: string): Gap => ({ startMs: at(`${day}T09:00`), endMs: at(`${day}T14:00`) });
    const once = { ...past, gaps: [...past.gaps, outage('2026-11-18')] };
    expect(allowedSilence(at('2026-11-25T11:00'), once).usualMs).toBe(2 * MINUTE_MS);
    const twice = { ...past, gaps: [...once.gaps, outage('2026-11-11')] };
    expect(allowedSilence(at('2026-11-25T11:00'), twice).usualMs).toBe(5 * HOUR_MS);
  });

  it('is three days while a new stream is learned, and twice its longest gap where that is more', () => {
    const past = officeHours('2026-11-25T11:00', 1);
    expect(allowedSilence(at('2026-11-25T11:00'), past)).toEqual({ ms: 124 * HOUR_MS, usualMs: null });
    const fresh = { firstMs: at('2026-11-25T10:00'), gaps: [], timeZone: ZONE };
    expect(allowedSilence(at('2026-11-25T11:00'), fresh)).toEqual({ ms: 72 * HOUR_MS, usualMs: null });
  });

  it('is never more than two weeks', () => {
    const nowMs = at('2026-11-25T11:00');
    const rare = [5, 4, 3, 2, 1].map((n) => ({
      startMs: nowMs - (n + 1) * 400 * HOUR_MS,
      endMs: nowMs - n * 400 * HOUR_MS,
    }));
    expect(allowedSilence(nowMs, { firstMs: 0, gaps: rare, timeZone: ZONE }).ms).toBe(14 * 24 * HOUR_MS);
  });
});

it('spells lengths as people do', () => {
  expect([MINUTE_MS, 4 * MINUTE_MS, 5 * HOUR_MS, 62 * HOUR_MS].map(spell)).toEqual([
    '1 minute',
    '4 minutes',
    '5 hours',
    '3 days',
  ]);
});
