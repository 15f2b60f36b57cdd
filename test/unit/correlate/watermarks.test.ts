import { groupWatermark } from '../../../src/correlate/group.js';
import { heldToLog } from '../../../src/correlate/held-to-log.js';
import { Watermarks } from '../../../src/correlate/watermarks.js';
import { ALLOWED_LATENESS_MS, believableMs, SourceClock } from '../../../src/detect/source-clock.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface As {
  readonly loggedMs?: number;
  readonly goesOn?: boolean;
}

/** Tells watermarks by source, as the log holds them. */
function tell(to: Watermarks, clockMs: number, marks: Readonly<Record<string, number>>, as: As = {}): void {
  const { loggedMs = clockMs, goesOn = false } = as;
  const watermarks = Object.entries(marks).map(([source, ms]): [string, string, number] => {
    return [source, source.split('.')[1]!, ms];
  });
  const times = { instance: 'one', sequence: 1, sentMs: clockMs, clockMs };
  const message = heldToLog({ v: 1, kind: 'progress', ...times, watermarks, counts: [], seen: [], goesOn }, loggedMs);
  if (message.kind === 'progress') to.tell(message, loggedMs);
}

describe('watermarks', () => {
  it('of a silo are the least of its sources, of the fleet the least of all', () => {
    const watermarks = new Watermarks();
    tell(watermarks, 1_000, { 'silo.a.access/0': 500, 'silo.a.audit/0': 300, 'silo.b.access/0': 100 });
    expect([watermarks.of('a'), watermarks.of('b'), watermarks.of(null), watermarks.of('c')]).toEqual([
      300, 100, 100, 0,
    ]);
  });

  it('never go back, whatever a process that woke up late tells', () => {
    const watermarks = new Watermarks();
    tell(watermarks, 1_000, { 'silo.a.access/0': 500 });
    tell(watermarks, 900, { 'silo.a.access/0': 200 }, { loggedMs: 1_100 });
    expect([watermarks.of('a'), watermarks.clockMs]).toEqual([500, 1_000]);
  });

  it('are not held back by a source that nobody tells of any more', () => {
    const watermarks = new Watermarks({ 'silo.gone.access/0': ['gone', 1, 0] }, 0);
    tell(watermarks, 11 * MINUTE, { 'silo.a.access/0': 500 });
    expect(watermarks.of(null)).toBe(500);
    expect(Object.keys(watermarks.stored())).toEqual(['silo.a.access/0']);
  });

  it('take no source for forgotten that the next message of the same telling speaks of', () => {
    const watermarks = new Watermarks();
    const tellBoth = (clockMs: number, access: number, audit: number): number[] => {
      tell(watermarks, clockMs, { 'silo.a.access/0': access }, { goesOn: true });
      const between = watermarks.of('a');
      tell(watermarks, clockMs, { 'silo.a.audit/0': audit });
      return [between, watermarks.of('a')];
    };
    tellBoth(MINUTE, 300, 200);
    // Nothing was told for an hour.
    expect(tellBoth(61 * MINUTE, 900, 800)).toEqual([200, 800]);
    expect(watermarks.clockMs).toBe(61 * MINUTE);
  });

  it('go on for all silos while the clock of one instance is an hour ahead, and when it is right again', () => {
    const watermarks = new Watermarks();
    const NOW = 1_000 * MINUTE;
    for (let second = 0; second <= 20; second += 1) {
      const nowMs = NOW + second * 1_000;
      const aheadMs = second >= 5 && second < 9 ? HOUR : 0;
      const jumpedMs = nowMs + aheadMs;
      tell(watermarks, nowMs, { 'silo.a.access/0': nowMs - MINUTE });
      tell(watermarks, jumpedMs, { 'silo.b.access/0': jumpedMs - MINUTE }, { loggedMs: nowMs });
      expect([watermarks.clockMs, watermarks.of('a'), watermarks.of('b'), watermarks.of(null)]).toEqual([
        nowMs,
        ...[0, 1, 2].map(() => nowMs - MINUTE),
      ]);
    }
  });

  it('that were stored while a clock was an hour ahead are right once the first is told', () => {
    const NOW = 1_000 * MINUTE;
    const aheadMs = NOW + HOUR;
    const stored = {
      'silo.a.access/0': ['a', aheadMs - MINUTE, aheadMs],
      'silo.gone.access/0': ['gone', NOW - 5 * MINUTE, aheadMs],
    } as const;
    const watermarks = new Watermarks(stored, aheadMs);
    tell(watermarks, NOW, { 'silo.a.access/0': NOW - MINUTE });
    expect([watermarks.clockMs, watermarks.of('a')]).toEqual([NOW, NOW - MINUTE]);
    tell(watermarks, NOW + 11 * MINUTE, { 'silo.a.access/0': NOW + 10 * MINUTE });
    expect(watermarks.of(null)).toBe(NOW + 10 * MINUTE);
  });

  it('and what is settled come back with the log’s own clock', () => {
    const watermarks = new Watermarks();
    const NOW = 1_000 * MINUTE;
    for (const aheadMs of [0, 2_000, HOUR]) {
      tell(watermarks, NOW + aheadMs, { 'silo.a.access/0': NOW + aheadMs - MINUTE });
      watermarks.settle(NOW + aheadMs);
    }
    expect(watermarks.settled.clockMs).toBe(NOW + HOUR);
    for (const laterMs of [4_000, 6_000]) {
      tell(watermarks, NOW + laterMs, { 'silo.a.access/0': NOW + laterMs - MINUTE });
      expect([watermarks.clockMs, watermarks.of('a')]).toEqual([NOW + laterMs, NOW + laterMs - MINUTE]);
    }
    expect(watermarks.settled.of('a')).toBe(0);
    watermarks.settle(NOW + 6_000);
    expect(watermarks.settled.of('a')).toBe(NOW + 6_000 - MINUTE);
  });

  it('take no harm from a log whose clock is half a minute from that of the instances', () => {
    for (const aheadMs of [-30_000, 30_000]) {
      const watermarks = new Watermarks();
      for (let nowMs = HOUR; nowMs <= HOUR + 15 * MINUTE; nowMs += 1_000) {
        tell(watermarks, nowMs, { 'silo.a.access/0': nowMs - MINUTE }, { loggedMs: nowMs + aheadMs });
        expect(watermarks.clockMs).toBe(nowMs + Math.min(0, aheadMs));
        expect(watermarks.of(null)).toBe(nowMs - MINUTE + Math.min(0, aheadMs));
      }
    }
  });
});

describe('the clock of a source', () => {
  it('believes no time more than 5 minutes after the arrival', () => {
    expect(believableMs(10 * MINUTE, 0)).toBe(5 * MINUTE);
    expect(believableMs(3 * MINUTE, 0)).toBe(3 * MINUTE);
  });

  it('stays the allowed lateness behind, and goes with the clock once it has caught up', () => {
    const clock = new SourceClock();
    clock.sawEvents(10 * MINUTE);
    expect(clock.watermarkMs).toBe(10 * MINUTE - ALLOWED_LATENESS_MS);
    clock.sawEvents(5 * MINUTE);
    expect(clock.watermarkMs).toBe(10 * MINUTE - ALLOWED_LATENESS_MS);
    clock.caughtUp(20 * MINUTE);
    expect(clock.watermarkMs).toBe(20 * MINUTE - ALLOWED_LATENESS_MS);
  });
});

describe('the watermark as a group sees it', () => {
  it('does not run ahead of a replay of last year, and still comes by', () => {
    const group = { lastEventMs: 1_000, lastArrivalMs: 900_000 };
    expect(groupWatermark(899_000, group, 900_000)).toBe(1_000);
    expect(groupWatermark(959_000, group, 960_000)).toBe(61_000);
  });
  it('is the silo’s own for a group that is counted as it happens', () => {
    expect(groupWatermark(840_000, { lastEventMs: 900_000, lastArrivalMs: 900_500 }, 901_000)).toBe(840_000);
  });
});
