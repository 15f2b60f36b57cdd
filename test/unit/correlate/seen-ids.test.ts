import { hasSeen, type SeenIds, shortId, withId } from '../../../src/correlate/seen-ids.js';

const SPAN = 600_000;
const NONE: SeenIds = { ids: [] };
const at = (lastEventMs: number, countsTo = 0) => ({ lastEventMs, watermarkMs: lastEventMs, lifeMs: SPAN, countsTo });
const idsOf = (count: number, name = 'r'): string[] => Array.from({ length: count }, (_, i) => shortId(`${name} ${i}`));
const bytesOf = ({ ids }: SeenIds): number => JSON.stringify(ids).length;

describe('the ids that a group has seen', () => {
  it('are known for as long as their records are in the window, and forgotten after', () => {
    const records = idsOf(1_000).map((id, i) => ({ id, timeMs: i * 2_000 }));
    let seen = NONE;
    for (const { id, timeMs } of records) {
      expect(hasSeen(seen, id)).toBe(false);
      seen = withId(seen, id, at(timeMs));
      const inWindow = records.filter((one) => one.timeMs <= timeMs && one.timeMs > timeMs - SPAN);
      expect(inWindow.every((one) => hasSeen(seen, one.id))).toBe(true);
    }
    expect(records.filter(({ id }) => hasSeen(seen, id)).length).toBeLessThanOrEqual(2 * (SPAN / 2_000));
  });

  it.each([
    [0, 2_048],
    [10_000, 10_000],
  ])('are, of a window that counts to %d, the last %d and no more than twice as many', (countsTo, least) => {
    const ids = idsOf(30_000);
    const seen = ids.reduce((known, id) => withId(known, id, at(0, countsTo)), NONE);
    expect(ids.slice(-least).every((id) => hasSeen(seen, id))).toBe(true);
    expect(bytesOf(seen)).toBeLessThanOrEqual(2 * 8 * least + 8);
  });

  it('take eight bytes each', () => {
    expect(bytesOf(idsOf(1_000).reduce((known, id) => withId(known, id, at(0)), NONE))).toBe(8_004);
  });

  it('are told apart from what lies across two of them', () => {
    const seen = { ids: ['abcdefghABCDEFGH'] };
    expect(['abcdefgh', 'ABCDEFGH', 'efghABCD'].map((id) => hasSeen(seen, id))).toEqual([true, true, false]);
  });

  it('as the version before wrote them are known', () => {
    const before = { ids: ['abcdefgh_tail0', '12345678_tail1'] };
    const seen = ['ABCDEFGH', 'IJKLMNOP'].reduce<SeenIds>((known, id) => withId(known, id, at(0)), before);
    expect(['abcdefgh', '12345678', 'ABCDEFGH', 'IJKLMNOP', 'QRSTUVWX'].map((id) => hasSeen(seen, id))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});
