import fc from 'fast-check';
import { stringify } from 'yaml';
import { load, type Loaded } from '../../../src/sigma/index.js';

const rule = (id: string, detection: unknown, category = 't'): { path: string; text: string } => ({
  path: id,
  text: stringify({ title: id, id, logsource: { category }, detection }, { lineWidth: 0 }),
});

const everything: Loaded = load(
  [
    rule('regex', { s: { 'f|re': '(a+)+$' }, condition: 's' }),
    rule('many-stars', { s: { f: '*a*a*a*a*a*a*a*a*a*?b' }, condition: 's' }),
    rule('windash', { s: { 'f|windash|contains': ' -a -b -c -d -e -f -g' }, condition: 's' }),
    rule('long-list', {
      s: { 'f|contains': Array.from({ length: 2000 }, (_, at) => `needle-${at}-`) },
      condition: 's',
    }),
    rule('keywords', { words: ['evil', 'w?rse'], condition: 'words' }),
    rule('deep', { s: { 'a.a.a.a.a.a.a.a': 1 }, condition: 's' }),
    rule('proto', { s: { '__proto__.polluted': 'yes' }, condition: 's' }),
    rule('negative', { s: { f: 'x' }, condition: 'not s' }),
    rule('cidr', { s: { 'f|cidr': '10.0.0.0/8' }, condition: 's' }),
    rule('other', { s: { 'f|fieldref': 'g' }, condition: 's' }),
    rule('part', { s: { 'p|fieldref|contains': 'q' }, condition: 's' }),
    rule('networks', {
      s: { 'f|cidr': Array.from({ length: 2000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`) },
      condition: 's',
    }),
    rule('flat', { s: { 'k.n': 'v' }, condition: 's' }),
    rule('each', { s: { 'list.n|contains': 'v' }, condition: 's' }),
  ],
  { ignoreLogsource: true },
);

function matchedIn(json: string, loaded = everything): readonly string[] | undefined {
  const line = Buffer.from(json);
  const bytes = Buffer.concat([Buffer.from('{"x":1}\n'), line, Buffer.from('\n{"f":"x"}\n')]);
  return loaded.matcher.matchJson(bytes, 8, 8 + line.length)?.map(({ id }) => id);
}

const matched = (fields: Record<string, unknown>): readonly string[] =>
  everything.matcher.match({ logsource: undefined, fields }).map(({ id }) => id);

const numbers = (from: number): number[] => Array.from({ length: 50_000 }, (_, at) => from + at);

/** Far above what any of these takes, far below what a blow-up would. */
const PATIENCE_MS = 15_000;

/** Processor time, since other work on the machine is no fault of the engine's. */
function timed(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

describe('hostile events', () => {
  it.each([
    ['a catastrophic text for a nested repetition', { f: `${'a'.repeat(100_000)}!` }],
    ['a text of 1 MB', { f: 'x'.repeat(1_000_000) }],
    ['a text of 1 MB that is nearly a pattern', { f: 'a'.repeat(1_000_000) }],
    ['a text of 1 MB that is nearly many needles', { f: 'needle-1'.repeat(125_000) }],
    ['dashes without end', { f: ' -a'.repeat(300_000) }],
    ['10,000 fields', Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`f${at}`, 'evi l']))],
    [
      'arrays of which a rule compares each element with each',
      { f: numbers(0), g: numbers(1e6), p: numbers(0), q: numbers(1e6) },
    ],
    ['addresses that are in none of many networks', { f: numbers(0).map((at) => `11.0.${at >> 8}.${at & 255}`) }],
    ['300,000 elements', { f: new Array(300_000).fill('a') as unknown[] }],
  ])('takes bounded time over %s', (_title, fields) => {
    const json = JSON.stringify(fields);
    expect(timed(() => matched(fields))).toBeLessThan(PATIENCE_MS);
    expect(timed(() => matchedIn(json))).toBeLessThan(PATIENCE_MS);
  });

  it('reads what is not ASCII within objects and arrays of bytes', () => {
    const loaded = load(
      [
        rule('element', { s: { 'f[any]': { g: 'ä😀' } }, condition: 's' }),
        rule('list', { s: { 'l|endswith': 'ö' }, condition: 's' }),
      ],
      { ignoreLogsource: true },
    );
    expect(matchedIn('{"f":{"g":"ä😀"}}', loaded)).toEqual(['element']);
    expect(matchedIn('{"f":[{"g":"Ä😀"}],"l":["x","Ö"]}', loaded)).toEqual(['element', 'list']);
  });

  it('says when a pattern read only the beginning of a value', () => {
    const { matcher, faults } = load(
      [
        rule('wildcard', { s: { f: 'a*b*c' }, condition: 's' }),
        rule('regex', { s: { 'f|re': 'a[bc]+$' }, condition: 's' }),
        rule('look', { s: { 'f|re': '^(?!b)a' }, condition: 's' }),
        rule('element', { s: { 'l[any]': { 'x|re': '^a' } }, condition: 's' }),
        rule('plain', { s: { 'f|endswith': 'bc' }, condition: 's' }),
      ],
      { ignoreLogsource: true },
    );
    expect(faults).toEqual([]);
    const event = (fields: Record<string, unknown>): { logsource: undefined; fields: Record<string, unknown> } => ({
      logsource: undefined,
      fields,
    });
    const long = event({ f: `a${'x'.repeat(20_000)}abc` });
    const found = matcher.match(long);
    // What lies beyond the cut is seen by plain comparisons, and missed by patterns: three of them, all counted.
    expect(found.map(({ id }) => id)).toEqual(['look', 'plain']);
    expect(matcher.cutValues).toBe(3);
    expect(found.map((each) => matcher.explain(each, long).cut)).toEqual([['f'], undefined]);
    expect(matcher.cutValues).toBe(3);
    const inList = event({ l: [{ x: `a${'x'.repeat(20_000)}` }] });
    expect(matcher.match(inList).map((each) => matcher.explain(each, inList).cut)).toEqual([['l']]);
    expect(matcher.cutValues).toBe(4);
    matcher.match(event({ f: 'a-b-c' }));
    expect(matcher.cutValues).toBe(4);
  });

  it('gives up on nesting, not on the event', () => {
    const nested = (open: string, close: string, depth: number): string =>
      `{"f":"x","d":${open.repeat(depth)}1${close.repeat(depth)}}`;
    for (const json of [nested('[', ']', 1000), nested('{"a":', '}', 1000), nested('[', ']', 100_000)]) {
      expect(matchedIn(json)).toEqual([]);
      expect(matched(JSON.parse(json) as Record<string, unknown>)).toEqual([]);
    }
    expect(matchedIn('{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}')).toEqual(['deep', 'negative']);
  });

  it('takes names of prototypes for fields', () => {
    const json = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":1},"hasOwnProperty":"evil"}';
    const expected = ['keywords', 'proto', 'negative'];
    expect(matchedIn(json)).toEqual(expected);
    expect(matched(JSON.parse(json) as Record<string, unknown>)).toEqual(expected);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes lone surrogates, controls and numbers beyond 2^53 as they come', () => {
    expect(matchedIn('{"f":"\\ud800","g":"\\ud800"}')).toEqual(['negative', 'other']);
    expect(matchedIn('{"f":12345678901234567890,"g":12345678901234567000}')).toEqual(['negative', 'other']);
    expect(matchedIn('{"f":"\\u0065vil\\n\\u0000"}')).toEqual(['keywords', 'negative']);
    expect(matchedIn('{"f":1e999}')).toEqual(['negative']);
  });

  it.each([
    '',
    ' ',
    '[]',
    '1',
    '"f"',
    'null',
    '{',
    '{"f":1',
    '{"f":1}}',
    '{"f":01}',
    '{"f":tru}',
    '{f:1}',
    '{"f":"a\u0001"}',
    '{"f":"\\x"}',
    "{'f':1}",
    '{"f":1,}',
    '\u0000\u0001',
  ])('says that %j is no event', (json) => {
    expect(matchedIn(json)).toBeUndefined();
  });
});

describe('events as bytes', () => {
  it('match as the same events parsed', () => {
    const texts = fc.oneof(
      fc.constantFrom('x', 'evil', 'v', '10.1.2.3', 'aaa', ' /a -b', 'é\u212A', '"\\'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    const values = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        texts,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('n', 'a', 'list', '\u00e9"'), tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    const keys = fc.constantFrom('f', 'g', 'k', 'k.n', 'list', 'list.n', 'a', '__proto__', 'é', 'logsource');
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, values), { maxLength: 6 }), fc.boolean(), (entries, isSpaced) => {
        // Written by hand, so that a key may come twice: the last one counts, as JSON.parse has it.
        const gap = isSpaced ? ' ' : '';
        const members = entries.map(([key, value]) => `${JSON.stringify(key)}${gap}:${gap}${JSON.stringify(value)}`);
        const json = `${gap}{${members.join(`,${gap}`)}}${gap}`;
        expect(matchedIn(json)).toEqual(matched(JSON.parse(json) as Record<string, unknown>));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['{"list":{"n":"v"},"list":{}}', ['negative']],
    ['{"list":{"n":"v"},"list":5}', ['negative']],
    ['{"list":{"n":"x","n":"v"}}', ['negative', 'each']],
    ['{"f":"x","f":"y"}', ['negative']],
    ['{"f":"y","f":"x"}', []],
    ['{"list":[{"n":"x"},{"n":"v"}],"k":{"n":"v"},"k.n":"w"}', ['negative', 'each']],
  ])('take the last of equal keys, as the parser does: %s', (json, expected) => {
    expect(matchedIn(json)).toEqual(expected);
    expect(matched(JSON.parse(json) as Record<string, unknown>)).toEqual(expected);
  });

  it('take their log source from their own field', () => {
    const loaded = load([
      rule('one', { s: { f: 'x' }, condition: 's' }),
      rule('two', { s: { f: 'x' }, condition: 's' }, 'u'),
    ]);
    expect(matchedIn('{"f":"x","logsource":{"category":"T","product":1}}', loaded)).toEqual(['one']);
    expect(matchedIn('{"logsource":{"category":"u"},"f":"x"}', loaded)).toEqual(['two']);
    expect(matchedIn('{"logsource":"u","f":"x"}', loaded)).toEqual([]);
    expect(matchedIn('{"f":"x"}', loaded)).toEqual([]);
  });
});
