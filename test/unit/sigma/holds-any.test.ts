import fc from 'fast-check';
import { holdsAny, WALKED_LITERALS } from '../../../src/sigma/compile/holds-any.js';
import { load } from '../../../src/sigma/index.js';

/** Few code units, so that literals overlap; two of them are halves of a pair. */
const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('a', 'b', '*', '\ud83c', '\uddf5', 'é'), { minLength, maxLength })
    .map((units) => units.join(''));

describe('a walk for many literals', () => {
  it('finds what seeking each of them finds', () => {
    fc.assert(
      fc.property(fc.array(text(1, 5), { maxLength: 12 }), text(0, 30), (literals, sought) => {
        expect(holdsAny(literals)(sought)).toBe(literals.some((literal) => sought.includes(literal)));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['f|contains', undefined])('serves a long list (%s) without a difference of case', (field) => {
    const values = Array.from({ length: WALKED_LITERALS + 1 }, (_, i) => `Word-${i}-End`);
    const list = values.map((value) => `      - '${value}'`).join('\n');
    const selection = field === undefined ? `  words:\n${list}` : `  words:\n    ${field}:\n${list}`;
    const { matcher, faults } = load([
      {
        path: 'long.yml',
        text: `title: Long\nid: a\nlogsource: { category: x }\ndetection:\n${selection}\n  condition: words\n`,
      },
    ]);
    expect(faults).toEqual([]);
    const matches = (value: string): number =>
      matcher.match({ logsource: { category: 'x' }, fields: { f: value } }).length;
    for (const value of values) expect(matches(`before ${value.toUpperCase()} after`)).toBe(1);
    expect(matches('word-1-en')).toBe(0);
  });
});
