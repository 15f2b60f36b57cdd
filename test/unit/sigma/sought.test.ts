import fc from 'fast-check';
import { MOST_ALTERNATIVES } from '../../../src/sigma/compile/holds-any.js';
import { Sought } from '../../../src/sigma/compile/sought.js';
import { Cell } from '../../../src/sigma/compile/view.js';

/** Few code units, so that literals overlap; a long sign that shares its place with one of ASCII is among them. */
const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('a', 'b', '*', 'é', '\u0161', '\ud83c'), { minLength, maxLength })
    .map((units) => units.join(''));

const lists = fc.array(fc.array(text(1, 4), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 40 });

describe('lists of literals sought in one text', () => {
  it('are answered alike singly and by one walk', () => {
    fc.assert(
      fc.property(lists, fc.array(text(0, 20), { minLength: 1, maxLength: 3 }), (literals, texts) => {
        const sought = new Sought();
        const tests = literals.map((list) => sought.holdsAny(list));
        const cell = new Cell();
        for (const value of texts) {
          cell.set(value);
          const expected = literals.map((list) => list.some((literal) => value.includes(literal)));
          expect(tests.map((test) => test(cell))).toEqual(expected);
          expect(tests.map((test) => test(cell))).toEqual(expected);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('are answered when they come after the walk, and when one has too many literals', () => {
    const sought = new Sought();
    const early = Array.from({ length: 8 }, (_, at) => sought.holdsAny([`early-${at}`, 'x']));
    const cell = new Cell().set('say late-1 and word-300');
    expect(early.map((test) => test(cell))).toEqual(early.map(() => false));
    expect(sought.holdsAny(['late-1', 'late-2'])(cell)).toBe(true);
    expect(sought.holdsAny(['late-2', 'late-3'])(cell)).toBe(false);
    const many = Array.from({ length: MOST_ALTERNATIVES + 50 }, (_, at) => `word-${at}`);
    expect(sought.holdsAny(many)(cell)).toBe(true);
  });

  it('are answered rightly while ever more of them come', () => {
    const sought = new Sought();
    const tests: ReturnType<Sought['holdsAny']>[] = [];
    const [kept, value] = [new Cell().set('w1 w7 w41 w97'), 'w1 w7 w41 w97'];
    for (let round = 0; round < 100; round++) {
      tests.push(sought.holdsAny([`w${round} `, `x${round}`]));
      const expected = tests.map((_, at) => `${value} `.includes(`w${at} `) && at !== 97);
      // One text stays, answered by tables that are old by now; the other is new each time.
      for (const cell of [kept, new Cell().set(value)]) expect(tests.map((test) => test(cell))).toEqual(expected);
    }
  });

  it('of another field are not taken for those of this one', () => {
    const [one, other] = [new Sought(), new Sought()];
    const ofOne = Array.from({ length: 8 }, (_, at) => one.holdsAny([`a${at}`]));
    const ofOther = Array.from({ length: 8 }, (_, at) => other.holdsAny([`b${at}`]));
    const cell = new Cell().set('a1 b2');
    expect(ofOne.map((test) => test(cell)).indexOf(true)).toBe(1);
    expect(ofOther.map((test) => test(cell)).indexOf(true)).toBe(2);
    expect(ofOne.map((test) => test(cell)).indexOf(true)).toBe(1);
  });
});
