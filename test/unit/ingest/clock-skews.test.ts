import { ClockSkews } from '../../../src/ingest/clock-skews.js';

describe('how far clocks are from the log’s', () => {
  it('is said once as one becomes wrong, ahead or behind, and again after it was right', () => {
    const skews = new ClockSkews();
    const said = [-800, 3_600_000, 3_600_500, 200, -3_600_000].map((skewMs) => skews.heard('one', skewMs, 0));
    expect(said).toEqual([false, true, false, false, true]);
  });

  it('is the furthest of all that were heard of within a minute', () => {
    const skews = new ClockSkews();
    skews.heard('one', -20_000, 0);
    skews.heard('other', 5_000, 30_000);
    expect(skews.furthestMs(50_000)).toBe(20_000);
    expect(skews.furthestMs(70_000)).toBe(5_000);
    expect(skews.furthestMs(100_000)).toBe(0);
  });
});
