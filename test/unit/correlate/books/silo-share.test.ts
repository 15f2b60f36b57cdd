import fc from 'fast-check';
import { sharesOf } from '../../../../src/correlate/books/silo-share.js';

it('a transaction’s time is shared among silos by the signals that it counted of each', () => {
  expect(Object.fromEntries(sharesOf(['mill', 'quarry', 'mill', 'mill'], 2))).toEqual({
    mill: { signals: 3, seconds: 1.5 },
    quarry: { signals: 1, seconds: 0.5 },
  });
  expect(sharesOf([], 2).size).toBe(0);
});

it('the shares are all of it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
      fc.double({ min: 0, max: 10, noNaN: true }),
      (tenants, seconds) => {
        const shares = [...sharesOf(tenants, seconds).values()];
        expect(shares.reduce((sum, share) => sum + share.seconds, 0)).toBeCloseTo(seconds);
        expect(shares.reduce((sum, share) => sum + share.signals, 0)).toBe(tenants.length);
      },
    ),
  );
});
