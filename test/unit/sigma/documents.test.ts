import { load, type Loaded, type MatchEvent } from '../../../src/sigma/index.js';

const loadText = (text: string, ...more: string[]): Loaded =>
  load([text, ...more].map((content, index) => ({ path: `f${index}.yml`, text: content })));
const event = (fields: Record<string, unknown>, logsource = { category: 't' }): MatchEvent => ({ logsource, fields });
const idsOf = (loaded: Loaded, fields: Record<string, unknown>): string[] =>
  loaded.matcher.match(event(fields)).map(({ id }) => id);
const faultsOf = (loaded: Loaded): string[] =>
  loaded.faults.map(({ code, at }) => `${at.file} ${code} ${at.line}:${at.column}`);

/** But for what is said of ids, which are no UUIDs here. */
const warningsOf = (loaded: Loaded): string[] =>
  loaded.warnings
    .map(({ code }) => code)
    .filter((code) => code !== 'SCHEMA')
    .toSorted();

const rule = (id: string, selection: string, more = ''): string =>
  `title: ${id}\nid: ${id}\nname: n-${id}\nlogsource: { category: t }\ndetection: { sel: ${selection}, condition: sel }\n${more}`;

describe('documents', () => {
  it('loads every document of a file', () => {
    const loaded = loadText(`${rule('one', '{ f: 1 }')}---\n${rule('two', '{ f: 2 }')}`);
    expect([idsOf(loaded, { f: 1 }), idsOf(loaded, { f: 2 })]).toEqual([['one'], ['two']]);
  });

  it('merges a global document under those after it until a reset', () => {
    const loaded = loadText(
      [
        'action: global\nlogsource: { category: t }\nlevel: high\ndetection: { sel: { g: 1 }, condition: sel }',
        'title: one\nid: one\ndetection: { sel: { f: 1 } }',
        'action: reset',
        'title: two\nid: two\nlogsource: { category: t }\ndetection: { sel: { f: 2 }, condition: sel }',
      ].join('\n---\n'),
    );
    expect(loaded.faults).toEqual([]);
    expect(loaded.rules.map(({ id, level }) => [id, level])).toEqual([
      ['one', 'high'],
      ['two', 'medium'],
    ]);
    expect([idsOf(loaded, { f: 1 }), idsOf(loaded, { f: 1, g: 1 }), idsOf(loaded, { f: 2 })]).toEqual([
      [],
      ['one'],
      ['two'],
    ]);
  });

  it('merges a repeat over the document before it', () => {
    const loaded = loadText(`${rule('one', '{ f: 1 }')}---\naction: repeat\nid: two\ndetection: { sel: { f: 2 } }\n`);
    expect(loaded.rules.map(({ id, title }) => [id, title])).toEqual([
      ['one', 'one'],
      ['two', 'one'],
    ]);
    expect(idsOf(loaded, { f: 2 })).toEqual(['two']);
  });

  it('reports every fault of every file and loads the other rules', () => {
    const broken =
      'title: broken\nid: b\nlevel: huge\nlogsource: {}\ndetection:\n  sel:\n    f|nope: 1\n    g|re: "("\n  condition: sel and other\n';
    const loaded = loadText(broken, 'a: [1\nb: 2', rule('good', '{ f: 1 }'), '- 1', 'title: nothing', '');
    expect(loaded.rules.map(({ id }) => id)).toEqual(['good']);
    expect(faultsOf(loaded)).toEqual([
      'f0.yml HEADER_VALUE 3:8',
      'f0.yml LOGSOURCE_EMPTY 4:12',
      'f0.yml MODIFIER_UNKNOWN 7:5',
      'f0.yml REGEX_INVALID 8:11',
      'f0.yml SELECTION_UNKNOWN 9:22',
      expect.stringMatching(/^f1.yml YAML_INVALID 2:/),
      'f3.yml DOCUMENT_NOT_A_MAP 1:1',
      'f4.yml DOCUMENT_KIND 1:1',
    ]);
    expect(loaded.warnings.map(({ code, at }) => [code, at.file])).toContainEqual(['FILE_EMPTY', 'f5.yml']);
  });

  it('refuses a second rule with the same id and keeps the first', () => {
    const loaded = loadText(rule('one', '{ f: 1 }'), rule('one', '{ f: 2 }'));
    expect(faultsOf(loaded)).toEqual(['f1.yml ID_DUPLICATE 1:1']);
    expect(idsOf(loaded, { f: 1 })).toEqual(['one']);
  });

  it('warns of a selection that the condition never uses and of misspelt attributes', () => {
    const loaded = loadText(
      'title: w\nid: w\nlogsource: { category: t, produkt: x }\ndetection: { a: { f: 1 }, b: { f: 2 }, condition: a }',
    );
    expect(warningsOf(loaded)).toEqual(['KEY_UNKNOWN', 'SELECTION_UNUSED']);
  });

  it('survives alias bombs, endless nesting and files that are no text', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghij'.replace(/./g, (name, at: number) => `${name}: &${name} [${`*${'abcdefghij'.charAt(at)},`.repeat(10)}]\n`)}`;
    const loaded = loadText(
      bomb,
      '['.repeat(100_000),
      '{a: '.repeat(50_000),
      '\u0000\ud800\u0001',
      rule('good', '{ f: 1 }'),
    );
    expect(loaded.rules.map(({ id }) => id)).toEqual(['good']);
    expect(new Set(loaded.faults.map(({ at }) => at.file))).toEqual(new Set(['f0.yml', 'f1.yml', 'f2.yml', 'f3.yml']));
  });

  it('reads its own attributes, with defaults', () => {
    const own =
      'silowatch: { promise: [ISO-2], respond: Call., scope: fleet, suppress: 1h, incident: { entities: [u], grouping: 2h, playbook: p, containment: [session.revoke] } }\n';
    const loaded = loadText(rule('one', '{ f: 1 }', own), rule('two', '{ f: 1 }'));
    expect(loaded.rules.map(({ silowatch }) => silowatch)).toEqual([
      {
        promise: ['ISO-2'],
        respond: 'Call.',
        scope: 'fleet',
        suppressMs: 3_600_000,
        incident: { entities: ['u'], groupingMs: 7_200_000, playbook: 'p', containment: ['session.revoke'] },
      },
      { promise: [], scope: 'silo' },
    ]);
  });
});

describe('what is said about a rule', () => {
  const sound =
    'title: s\nid: 8a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a01\nrelated: [{ id: 8a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a02, type: derived }]\nauthor: A\ndate: 2026-03-01\ntags: [attack.t1078]\nfields: [f]\nlicense: Apache-2.0\ntaxonomy: sigma\nscope: [server]\nreferences: [https://example.test]\nlogsource: { category: t }\ndetection: { s: { f: 1 }, condition: s }\n';

  it('has nothing to say of a rule that keeps to the schema', () => {
    expect(loadText(sound).warnings).toEqual([]);
  });

  it.each([
    ['id: 8a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a01', 'id: rule-1', '2:5'],
    ['date: 2026-03-01', 'date: 2026/03/01', '5:7'],
    ['date: 2026-03-01', 'modified: 2026-02-31x', '5:11'],
    ['type: derived', 'type: cousin', '3:61'],
    ['related: [{ id: 8a1d7f9c-5a0b-4f0e-9a55-0f4a3d5b8a02, type: derived }]', 'related: [x]', '3:11'],
    ['author: A', 'author: [A, B]', '4:9'],
    ['tags: [attack.t1078]', 'tags: [Attack.T1078]', '6:8'],
    ['tags: [attack.t1078]', 'tags: attack.t1078', '6:7'],
    ['fields: [f]', 'fields: [f, g, f]', '7:16'],
    ['references: [https://example.test]', 'references: [{ a: 1 }]', '11:14'],
    ['title: s', `title: ${'s'.repeat(257)}`, '1:8'],
  ])('warns where %s is %s, and loads the rule', (right, wrong, place) => {
    const { rules, faults, warnings } = loadText(sound.replace(right, wrong));
    expect([rules.length, faults.length]).toEqual([1, 0]);
    expect(warnings.map(({ code, at }) => `${code} ${at.line}:${at.column}`)).toEqual([`SCHEMA ${place}`]);
  });
});

const filter = (rules: string, logsource = '{ category: t }'): string =>
  `title: f\nid: f\nlogsource: ${logsource}\nfilter: { rules: ${rules}, sel: { u: admin }, condition: not sel }\n`;

describe('what is legal and almost surely wrong', () => {
  const correlation = (body: string): string =>
    `title: c\nid: c\ncorrelation: { type: temporal, rules: [one, two], group-by: [u], timespan: 1m, ${body} }\n`;
  const two = [rule('one', '{ f: 1 }'), rule('two', '{ f: 2 }')] as const;

  it.each<[string, string[], string[]]>([
    ['a filter that names a rule nobody has', [filter('[one, nobody]')], ['FILTER_UNKNOWN_RULE']],
    ['a filter that names a correlation', [filter('[one, c]'), correlation('generate: true')], ['FILTER_UNKNOWN_RULE']],
    ['an alias that nothing is grouped by', [correlation('aliases: { who: { one: a, two: b } }')], ['ALIAS_UNUSED']],
    ['a rule that the condition forgets', [correlation('condition: one')], ['CORRELATION_RULE_UNUSED']],
    ['two rules of one name', [rule('three', '{ f: 3 }').replace('n-three', 'n-two')], ['NAME_DUPLICATE']],
    [
      'a number in another form than its text',
      [rule('three', '{ f: 0x10, g: 1e3, h: [0.50], i: 10 }')],
      Array(3).fill('NUMBER_FORM'),
    ],
  ])('%s is warned of', (_title, texts, codes) => {
    const loaded = loadText(...two, ...texts);
    expect(faultsOf(loaded)).toEqual([]);
    expect(warningsOf(loaded)).toEqual(codes);
  });
});

describe('log sources', () => {
  const of = (logsource: string): string => rule('one', '{ f: 1 }').replace('{ category: t }', logsource);

  it.each([
    ['{ category: t }', { category: 'T', product: 'x' }, true],
    ['{ category: t, product: x }', { category: 't' }, false],
    ['{ category: t, product: x }', { category: 't', product: 'y' }, false],
    ['{ product: x }', { category: 't', product: 'X', service: 's' }, true],
  ])('a rule of %s and an event of %j', (own, logsource, agrees) => {
    const matched = loadText(of(own)).matcher.match({ logsource, fields: { f: 1 } });
    expect(matched.length > 0).toBe(agrees);
  });

  it('leaves an event of no known source to rules tried on everything', () => {
    const file = { path: 'a', text: rule('one', '{ f: 1 }') };
    const unknown: MatchEvent = { logsource: undefined, fields: { f: 1 } };
    expect(load([file]).matcher.match(unknown)).toEqual([]);
    expect(load([file], { ignoreLogsource: true }).matcher.match(unknown)).toHaveLength(1);
  });

  it('gives one shared empty answer when nothing matches', () => {
    const { matcher } = loadText(rule('one', '{ f: 1 }'));
    expect(matcher.match(event({ f: 2 }))).toBe(matcher.match(event({})));
  });

  it('keeps to its bounds when logs name ever new sources', () => {
    const { matcher } = loadText(rule('one', '{ f: 1 }'));
    for (let at = 0; at < 2000; at++) {
      expect(matcher.match({ logsource: { category: 't', service: `s${at}` }, fields: { f: 1 } })).toHaveLength(1);
    }
  });
});

describe('filters', () => {
  it.each(['[one]', '[n-one]', 'any', '[]'])('a filter of %s is joined to the rule by and', (rules) => {
    const loaded = loadText(rule('one', '{ f: 1 }'), filter(rules));
    expect(loaded.faults).toEqual([]);
    expect([idsOf(loaded, { f: 1 }), idsOf(loaded, { f: 1, u: 'admin' })]).toEqual([['one'], []]);
  });

  it('applies within its log source only, and says when that is nowhere', () => {
    const loaded = loadText(rule('one', '{ f: 1 }'), filter('any', '{ category: t, product: x }'));
    expect(idsOf(loaded, { f: 1, u: 'admin' })).toEqual(['one']);
    expect(warningsOf(loaded)).toEqual(['FILTER_IDLE']);
  });

  it('is part of what the hash stands for', () => {
    const hash = (...texts: [string, ...string[]]): string | undefined => loadText(...texts).rules[0]?.hash;
    expect(hash(rule('one', '{ f: 1 }'), filter('any'))).not.toBe(hash(rule('one', '{ f: 1 }')));
  });
});

describe('explaining', () => {
  it('names the selections that held and the values that made them', () => {
    const text =
      'title: e\nid: e\nlogsource: { category: t }\ndetection: { a: { f|contains: [x, y], g.h: [1, 2] }, words: [evil], b: { f: q }, filter: { k: 1 }, condition: (a or b) and words and not filter }';
    const loaded = loadText(text);
    const fields = { f: ['ax', 'b', 'ay'], g: { h: 2 }, m: { n: 'so EVIL' } };
    const [matched] = loaded.matcher.match(event(fields));
    expect(matched).toBeDefined();
    if (matched === undefined) return;
    expect(loaded.matcher.explain(matched, event(fields)).selections).toEqual([
      {
        name: 'a',
        fields: [
          { field: 'f', value: 'ax' },
          { field: 'f', value: 'ay' },
          { field: 'g.h', value: '2' },
        ],
      },
      { name: 'words', fields: [{ field: 'm.n', value: 'so EVIL' }] },
    ]);
  });
});
