import fc from 'fast-check';
import { type Arrivals, arrivalsOf, GAP_MS, mergeArrivals } from '../../../src/ingest/arrivals.js';
import type { LogRecord } from '../../../src/platform/event-log/event-log.js';

const records = (times: readonly number[]): LogRecord[] =>
  times.map((timestampMs, offset) => ({ offset, timestampMs, key: null, value: null, headers: {} }));

it('remembers the longest stretch without a record, where it is long enough', () => {
  expect(arrivalsOf(records([1_000, 1_000 + GAP_MS, 2_000 + 3 * GAP_MS]))).toEqual({
    firstMs: 1_000,
    lastMs: 2_000 + 3 * GAP_MS,
    gap: [1_000 + GAP_MS, 2_000 + 3 * GAP_MS],
  });
  expect(arrivalsOf(records([1_000, GAP_MS]))).toEqual({ firstMs: 1_000, lastMs: GAP_MS, gap: undefined });
  expect(arrivalsOf([])).toBeUndefined();
});

it('comes to the same however the records are cut into batches', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 3 * GAP_MS }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 7 }), (lengths, size) => {
      let now = 1;
      const times = lengths.map((length) => (now += length));
      let merged: Arrivals | undefined;
      for (let i = 0; i < times.length; i += size) {
        const batch = arrivalsOf(records(times.slice(i, i + size)));
        if (batch !== undefined) merged = mergeArrivals(merged, batch);
      }
      const whole = arrivalsOf(records(times));
      expect([merged?.firstMs, merged?.lastMs]).toEqual([whole?.firstMs, whole?.lastMs]);
      const length = ({ gap }: Arrivals): number => (gap === undefined ? 0 : gap[1] - gap[0]);
      expect(length(merged!)).toBe(length(whole!));
    }),
  );
});
