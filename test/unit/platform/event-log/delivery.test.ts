import fc from 'fast-check';
import { groupOf, isOutOfRange, nextBatchSize, retryDelayMs } from '../../../../src/platform/event-log/delivery.js';

describe('the size of batches', () => {
  it.each([
    ['doubles when a full batch was quick', 100, 100, 10, 200],
    ['shrinks to what 50 ms allow', 400, 400, 200, 100],
    ['stays when the batch was not full', 400, 20, 1, 400],
    ['is never below twenty records', 1, 1, 5_000, 20],
    ['has an upper limit', 5_000, 5_000, 1, 5_000],
    ['survives a clock without progress', 100, 100, 0, 200],
  ])('%s', (_, size, records, tookMs, expected) => {
    expect(nextBatchSize(size, records, tookMs)).toBe(expected);
  });
});

it('doubles the wait after each failure up to half a minute', () => {
  expect([1, 2, 3, 8, 100].map((attempt) => retryDelayMs(attempt))).toEqual([250, 500, 1_000, 30_000, 30_000]);
});

describe('groups', () => {
  const label = fc.stringMatching(/^[a-z0-9]{1,10}$/);
  it('keep the topics of a silo together', () => {
    fc.assert(
      fc.property(label, fc.integer({ min: 1, max: 32 }), (tenant, groups) => {
        const group = groupOf(`silo.${tenant}.access`, groups);
        expect(groupOf(`silo.${tenant}.audit`, groups)).toBe(group);
        expect(group).toBeGreaterThanOrEqual(0);
        expect(group).toBeLessThan(groups);
      }),
    );
  });
  it('share silos out evenly', () => {
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 2_000; i += 1) counts[groupOf(`silo.customer-${i}.access`, 16)]! += 1;
    expect(Math.max(...counts)).toBeLessThan(170);
  });
});

it.each([
  [4, true],
  [5, false],
  [9, false],
  [10, false],
  [11, true],
])('position %d of a log from 5 to 10 is outside: %s', (position, expected) => {
  expect(isOutOfRange(position, { start: 5, end: 10 })).toBe(expected);
});
