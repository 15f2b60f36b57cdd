import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { inspect, type RuleFile } from '../../../src/sigma/index.js';

interface Case {
  readonly title: string;
  readonly detection: unknown;
  readonly remarks: readonly string[];
}

const cases = parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/sigma/remarks.yml'), 'utf8'),
) as readonly Case[];

const rule = (id: string, detection: unknown, more: object = {}): RuleFile => ({
  path: `${id}.yml`,
  text: stringify({ title: id, id, logsource: { category: 't' }, detection, ...more }, { lineWidth: 0 }),
});
const selecting = (selection: unknown): object => ({ s: selection, condition: 's' });
const codesOf = (...files: RuleFile[]): string[] => inspect(files).remarks.map(({ code }) => code);

describe('looking into a rule', () => {
  it.each(cases.map((row) => [row.title, row] as const))('%s', (_title, { detection, remarks }) => {
    const { loaded, remarks: made } = inspect([rule('r', detection)]);
    expect(loaded.faults).toEqual([]);
    expect(made.map(({ code }) => code)).toEqual(remarks);
    for (const { at, message } of made)
      expect([at.file, at.line > 0, message.length > 0]).toEqual(['r.yml', true, true]);
  });

  it('looks at filters as at the rule itself', () => {
    const filter = {
      path: 'f.yml',
      text: 'title: f\nlogsource: { category: t }\nfilter: { rules: any, no: { f|contains: x }, condition: not no }\n',
    };
    expect(codesOf(rule('r', selecting({ f: 'axb' })), filter)).toEqual(['RULE_NEVER_MATCHES']);
  });

  it('says how often a rule has to be tried', () => {
    const { costs } = inspect([
      rule('rare', selecting({ f: '\\mimikatz.exe' })),
      rule('common', selecting({ f: ['get', 'post'] })),
      rule('present', selecting({ 'n|gt': 5 })),
      rule('always', { s: { f: 'x' }, condition: 'not s' }),
    ]);
    expect([...costs.values()]).toEqual([
      'a rare literal',
      'a common literal',
      'the presence of a field',
      'every event',
    ]);
  });
});

describe('rules that others make needless', () => {
  const narrow = selecting({ 'f|endswith': '\\cmd.exe', g: 1 });
  const wide = selecting({ 'f|endswith': ['cmd.exe', 'sh'] });

  it.each([
    ['a rule within another of the same level', {}, {}, ['RULE_SUBSUMED']],
    ['a graver rule within a lesser one, which refines it', { level: 'high' }, { level: 'low' }, []],
    ['a rule of a narrower log source', { logsource: { category: 't', product: 'x' } }, {}, ['RULE_SUBSUMED']],
    ['a rule of a wider log source', {}, { logsource: { category: 't', product: 'x' } }, []],
    ['a rule within one that is no longer used', {}, { status: 'deprecated' }, []],
  ])('%s', (_title, ofNarrow, ofWide, expected) => {
    expect(codesOf(rule('narrow', narrow, ofNarrow), rule('wide', wide, ofWide))).toEqual(expected);
  });

  it('names rules that find the same once', () => {
    const { remarks } = inspect([rule('one', selecting({ f: ['a', 'b'] })), rule('two', selecting({ f: ['B', 'A'] }))]);
    expect(remarks.map(({ message, at }) => [message, at.file])).toEqual([
      ["finds the same as 'two' (two.yml, medium)", 'one.yml'],
    ]);
  });

  it('leaves alone rules that feed correlations', () => {
    const correlation = { type: 'event_count', rules: ['wide'], timespan: '1m', condition: { gte: 2 } };
    const feeding = { path: 'c.yml', text: stringify({ title: 'c', id: 'c', correlation }) };
    expect(codesOf(rule('narrow', narrow), rule('wide', wide), feeding)).toEqual([]);
  });

  it('says so only of rules all of whose events the other finds, and of none that find something', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '*', '?', '-'), maxLength: 3 });
    const key = fc.constantFrom(
      'f',
      'f|contains',
      'f|startswith',
      'f|endswith',
      'f|cased',
      'g',
      'f|contains|neq',
      'f|windash',
    );
    const words = fc.array(word, { minLength: 1, maxLength: 3 });
    const expression = fc.constantFrom('a', 'ab', '^b+$', 'a.?b', '(?:aa|b)-', '[ab]b', '(?i)ab', 's', '(?i)s', 'b$');
    const block = fc.constantFrom('l[any]', 'l[all]', 'l[all_or_empty]', 'l[none]');
    const map = fc.oneof(
      { arbitrary: fc.dictionary(key, words, { minKeys: 1, maxKeys: 2 }), weight: 4 },
      fc
        .tuple(words, expression, fc.constantFrom('f|re', 'f|re|i'))
        .map(([f, re, key]) => ({ 'f|contains': f, [key]: re })),
      fc.tuple(expression, fc.constantFrom('f|re', 'f|re|i')).map(([re, key]) => ({ [key]: re })),
      fc.tuple(block, fc.dictionary(key, words, { minKeys: 1, maxKeys: 2 })).map(([name, body]) => ({ [name]: body })),
    );
    const detection = fc
      .tuple(map, map, fc.constantFrom('x', 'x and y', 'x or y', 'x and not y', 'not x and y'))
      .map(([x, y, condition]) => ({ x, y, condition }));
    const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '-', '/', 's', '\u017f'), maxLength: 4 });
    const element = fc.record({ f: text, g: text }, { requiredKeys: [] });
    const fields = fc.record({ f: text, g: text, l: fc.array(element, { maxLength: 2 }) }, { requiredKeys: [] });
    let told = 0;
    fc.assert(
      fc.property(detection, detection, fc.array(fields, { maxLength: 40 }), (one, two, events) => {
        const { loaded, remarks } = inspect([rule('one', one), rule('two', two)]);
        const found = (event: object): string[] =>
          loaded.matcher.match({ logsource: { category: 't' }, fields: { ...event } }).map(({ id }) => id);
        for (const { code, at } of remarks) {
          const id = at.file.replace('.yml', '');
          if (code === 'RULE_NEVER_MATCHES') expect(events.filter((event) => found(event).includes(id))).toEqual([]);
          if (code !== 'RULE_SUBSUMED') continue;
          told += 1;
          expect(events.filter((event) => found(event).join() === id)).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
    // Rules of which nothing is told would prove nothing.
    expect(told).toBeGreaterThan(20);
  });
});
