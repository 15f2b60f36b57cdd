import { ALLOWED_LATENESS_MS, believableMs, SourceClock } from '../../../src/detect/source-clock.js';

describe('the watermark of a source', () => {
  it('goes with what was read, less the lateness that is allowed', () => {
    const clock = new SourceClock();
    clock.sawEvents(1_000_000);
    expect(clock.watermarkMs).toBe(1_000_000 - ALLOWED_LATENESS_MS);
  });

  it('goes with the clock where all was read, and not back for what is read late', () => {
    const clock = new SourceClock();
    clock.caughtUp(2_000_000);
    clock.caughtUp(1_500_000);
    clock.sawEvents(1_000_000);
    expect(clock.watermarkMs).toBe(2_000_000 - ALLOWED_LATENESS_MS);
  });

  it('goes back with a clock that was ahead, and no further than what was read', () => {
    const clock = new SourceClock();
    clock.sawEvents(1_000_000);
    clock.caughtUp(9_000_000);
    clock.clockSays(2_000_000);
    expect(clock.watermarkMs).toBe(2_000_000 - ALLOWED_LATENESS_MS);
    clock.clockSays(500_000);
    expect(clock.watermarkMs).toBe(1_000_000 - ALLOWED_LATENESS_MS);
  });

  it('is moved by a record ahead of its arrival by five minutes at most', () => {
    expect(believableMs(9_000_000, 1_000_000)).toBe(1_300_000);
    expect(believableMs(900_000, 1_000_000)).toBe(900_000);
  });
});
