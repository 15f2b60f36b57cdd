import fc from 'fast-check';
import { holdsAny, MOST_ALTERNATIVES } from '../../../src/sigma/compile/holds-any.js';
import { load } from '../../../src/sigma/index.js';

/** Few code units, so that literals overlap; two of them are halves of a pair. */
const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('a', 'b', '*', '\ud83c', '\uddf5', 'é'), { minLength, maxLength })
    .map((units) => units.join(''));

describe('seeking many literals', () => {
  it.each([
    ['few', []],
    ['many', Array.from({ length: MOST_ALTERNATIVES }, (_, at) => `never-${at}`)],
  ])('finds what seeking each of %s finds', (_title, others) => {
    fc.assert(
      fc.property(fc.array(text(1, 5), { maxLength: 12 }), text(0, 30), (literals, sought) => {
        const found = holdsAny([...literals, ...others])(sought);
        expect(found).toBe(literals.some((literal) => sought.includes(literal)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes the signs of expressions for themselves', () => {
    const signs = ['.*', '(', '[a]', '\\d', '\n', '/', '\ud83c'];
    for (const sign of signs) expect(holdsAny([sign, 'x'])(`a${sign}b`)).toBe(true);
    expect(holdsAny(signs)('abc 1')).toBe(false);
  });

  it.each(['f|contains', undefined])('serves a long list (%s) without a difference of case', (field) => {
    const values = Array.from({ length: MOST_ALTERNATIVES + 1 }, (_, i) => `Word-${i}-End`);
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
