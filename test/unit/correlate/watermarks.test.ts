import { groupWatermark } from '../../../src/correlate/group.js';
import { Watermarks } from '../../../src/correlate/watermarks.js';
import { ALLOWED_LATENESS_MS, believableMs, SourceClock } from '../../../src/detect/source-clock.js';

const MINUTE = 60_000;

describe('watermarks', () => {
  it('of a silo are the least of its sources, of the fleet the least of all', () => {
    const watermarks = new Watermarks();
    watermarks.tell(1_000, [
      ['silo.a.access/0', 'a', 500],
      ['silo.a.audit/0', 'a', 300],
      ['silo.b.access/0', 'b', 100],
    ]);
    expect([watermarks.of('a'), watermarks.of('b'), watermarks.of(null), watermarks.of('c')]).toEqual([
      300, 100, 100, 0,
    ]);
  });

  it('never go back, whatever a process that woke up late tells', () => {
    const watermarks = new Watermarks();
    watermarks.tell(1_000, [['silo.a.access/0', 'a', 500]]);
    watermarks.tell(900, [['silo.a.access/0', 'a', 200]]);
    expect([watermarks.of('a'), watermarks.clockMs]).toEqual([500, 1_000]);
  });

  it('are not held back by a source that nobody tells of any more', () => {
    const watermarks = new Watermarks({ 'silo.gone.access/0': ['gone', 1, 0] }, 0);
    watermarks.tell(11 * MINUTE, [['silo.a.access/0', 'a', 500]]);
    expect(watermarks.of(null)).toBe(500);
    expect(Object.keys(watermarks.stored())).toEqual(['silo.a.access/0']);
  });

  it('take no source for forgotten that the next message of the same telling speaks of', () => {
    const watermarks = new Watermarks();
    const tell = (clockMs: number, marks: { access: number; audit: number }): number[] => {
      watermarks.tell(clockMs, [['silo.a.access/0', 'a', marks.access]], true);
      const between = watermarks.of('a');
      watermarks.tell(clockMs, [['silo.a.audit/0', 'a', marks.audit]]);
      return [between, watermarks.of('a')];
    };
    tell(MINUTE, { access: 300, audit: 200 });
    // Nothing was told for an hour.
    expect(tell(61 * MINUTE, { access: 900, audit: 800 })).toEqual([200, 800]);
    expect(watermarks.clockMs).toBe(61 * MINUTE);
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
