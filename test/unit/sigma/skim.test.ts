import fc from 'fast-check';
import { stringify } from 'yaml';
import { load, type Matcher } from '../../../src/sigma/index.js';

/** Three stretches of a text and the names that hold them. */
const NAMES = [['f', 'g'], ['h'], ['n.f']];
const STRETCHES = NAMES.map((names) => ({ names, mayHold: () => true }));

const letters = fc.constantFrom('a', 'A', 'b', 'c', 'k', '1', '/', '.', 'é', '\u212a', 'ſ', ' ');
const texts = fc.string({ unit: letters, maxLength: 12 });
const values = fc.oneof(fc.string({ unit: letters, minLength: 1, maxLength: 6 }), fc.constant(null), fc.nat(11));
const item = fc
  .tuple(
    fc.constantFrom('f', 'g', 'h', 'n.f', 'x'),
    fc.constantFrom('', '|contains', '|startswith', '|endswith'),
    values,
  )
  .map(([field, modifier, value]) => ({ [value === null ? field : `${field}${modifier}`]: value }));
const selection = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(item, { minLength: 1, maxLength: 2 }).map((items) => Object.assign({}, ...items) as object),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.string({ unit: letters, minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 2 }),
  },
);
const rule = fc.record({ selection, condition: fc.constantFrom('selection', 'selection', 'not selection') });

const matcherOf = (rules: readonly object[]): Matcher =>
  load(
    rules.map((detection, at) => {
      const id = `r${at}`;
      const text = stringify({ title: id, id, logsource: { category: 't' }, detection }, { lineWidth: 0 });
      return { path: id, text };
    }),
  ).matcher;

/** One text of all stretches, and where each lies in it; in its fields as an event. */
function eventOf(parts: readonly (string | undefined)[]): {
  bytes: Buffer;
  stretches: Int32Array;
  fields: Record<string, string>;
} {
  const fields: Record<string, string> = {};
  const stretches: number[] = [];
  let bytes = Buffer.from('before ');
  for (const [at, part] of parts.entries()) {
    const start = bytes.length;
    if (part !== undefined) {
      bytes = Buffer.concat([bytes, Buffer.from(part)]);
      for (const name of NAMES[at] ?? []) fields[name] = part;
    }
    stretches.push(...(part === undefined ? [-1, -1] : [start, bytes.length]));
    bytes = Buffer.concat([bytes, Buffer.from(' ')]);
  }
  return { bytes, stretches: Int32Array.from(stretches), fields };
}

describe('skimming stretches of a text', () => {
  it('never says no to an event that a rule matches', () => {
    const parts = fc.tuple(
      fc.option(texts, { nil: undefined }),
      fc.option(texts, { nil: undefined }),
      fc.option(texts, { nil: undefined }),
    );
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 4 }),
        fc.array(parts, { minLength: 1, maxLength: 6 }),
        (rules, several) => {
          const matcher = matcherOf(rules);
          const skim = matcher.skim({ category: 't' }, STRETCHES);
          for (const { bytes, stretches, fields } of several.map(eventOf)) {
            if (skim.mayMatch(bytes, stretches)) continue;
            refused += 1;
            expect(matcher.match({ logsource: { category: 't' }, fields })).toEqual([]);
          }
        },
      ),
      { numRuns: 2_000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it('does not look for what a stretch cannot hold', () => {
    const matcher = matcherOf([{ selection: { 'f|contains': ['a-b', 'ab'] }, condition: 'selection' }]);
    const skim = matcher.skim({ category: 't' }, [{ names: ['f'], mayHold: (text) => !text.includes('-') }]);
    expect(skim.mayMatch(Buffer.from('xa-bx'), Int32Array.from([0, 5]))).toBe(false);
    expect(skim.mayMatch(Buffer.from('xABx'), Int32Array.from([0, 4]))).toBe(true);
  });

  it('looks at each stretch under all its names, at keywords, and at no stretch that is not there', () => {
    const matcher = matcherOf([
      { selection: { g: 'whole' }, condition: 'selection' },
      { selection: { 'n.f|contains': 'inside' }, condition: 'selection' },
      { selection: ['keyword'], condition: 'selection' },
    ]);
    const skim = matcher.skim({ category: 't' }, STRETCHES);
    const told = (...parts: (string | undefined)[]): boolean => {
      const { bytes, stretches } = eventOf(parts);
      return skim.mayMatch(bytes, stretches);
    };
    expect(told('whole', 'x', 'y')).toBe(true);
    expect(told('a whole', 'x', 'y')).toBe(false);
    expect(told('x', 'inside', undefined)).toBe(false);
    expect(told('x', undefined, 'it is INSIDE here')).toBe(true);
    expect(told('x', 'a keyword', 'y')).toBe(true);
    expect(told(undefined, undefined, undefined)).toBe(false);
  });
});
