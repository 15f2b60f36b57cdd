import fc from 'fast-check';
import { stringify } from 'yaml';
import { inspect, load } from '../../../src/sigma/index.js';

const MODIFIERS = [
  ...[
    'contains',
    'startswith',
    'endswith',
    'all',
    'exists',
    'cased',
    'neq',
    're',
    'i',
    'm',
    's',
    'base64',
    'base64offset',
  ],
  ...[
    'wide',
    'utf16le',
    'utf16be',
    'utf16',
    'windash',
    'lt',
    'lte',
    'gt',
    'gte',
    'minute',
    'hour',
    'day',
    'week',
    'month',
  ],
  ...['year', 'cidr', 'fieldref', 'expand', 'nonsense', ''],
];

const words = fc.constantFrom(
  '',
  'a',
  '*',
  '?',
  '\\',
  '-',
  ' -a',
  '%p%',
  '%q%',
  '10.0.0.0/8',
  '::1',
  '(',
  '[',
  '(?=a)b',
  '5',
  '0x1',
  '__proto__',
);
const scalars = fc.oneof(
  words,
  fc.string({ maxLength: 5 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
);
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'condition', '__proto__', 'x[any]'), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const keys = fc
  .tuple(
    fc.constantFrom('f', '', 'a.b', 'l[any]', '__proto__'),
    fc.array(fc.constantFrom(...MODIFIERS), { maxLength: 4 }),
  )
  .map(([field, chain]) => [field, ...chain].join('|'));
const selections = fc.oneof(values, fc.dictionary(keys, values, { maxKeys: 3 }));
const conditions = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'b', 'and', 'or', 'not', '1', 'all', 'of', 'them', 'a*', '_*', '(', ')', '|'), {
      maxLength: 8,
    })
    .map((all) => all.join(' ')),
  values,
);
const soundKeys = fc.constantFrom(
  ...[
    'f',
    'f|contains',
    'f|startswith|cased',
    'a.b|endswith|neq',
    'f|windash|contains',
    '|contains',
    'f|fieldref',
    'f|expand',
  ],
  ...['__proto__', 'f|base64offset|contains', 'f|re|i', 'f|contains|all'],
);
const likely = fc.record({
  a: fc.dictionary(
    fc.oneof({ weight: 4, arbitrary: soundKeys }, { weight: 1, arbitrary: keys }),
    fc.oneof(scalars, fc.array(scalars, { minLength: 1, maxLength: 3 })),
    {
      minKeys: 1,
      maxKeys: 2,
    },
  ),
  b: fc.constant({ g: 1 }),
  condition: fc.constantFrom('a', 'a and b', 'a and not b', '1 of them', ['a', 'b']),
});
const detections = fc.oneof(
  { weight: 3, arbitrary: likely },
  { weight: 2, arbitrary: fc.record({ a: selections, b: selections, condition: conditions }, { requiredKeys: [] }) },
);
const spans = fc.constantFrom('5m', '1s', '10', '', '1M', '0s', 'x');
const likelyCorrelations = fc.record({
  type: fc.constantFrom('event_count', 'value_count', 'value_sum', 'value_median'),
  rules: fc.constantFrom(['r'], ['n'], ['r', 'n']),
  'group-by': fc.constantFrom('u', ['__proto__', 'f']),
  timespan: fc.constant('1m'),
  condition: fc.record({ gte: fc.integer({ min: -1, max: 5 }), field: fc.constant('f') }),
});
const correlations = fc.record(
  {
    type: fc.constantFrom(
      'event_count',
      'value_count',
      'temporal',
      'temporal_ordered',
      'value_sum',
      'value_avg',
      'value_percentile',
      'value_median',
      'x',
    ),
    rules: fc.oneof(fc.array(fc.constantFrom('r', 'n', 'c', 'none'), { maxLength: 3 }), values),
    'group-by': fc.oneof(fc.constantFrom('u', ['u', 'v']), values),
    timespan: fc.oneof(spans, values),
    condition: fc.oneof(
      fc.dictionary(fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq', 'neq', 'field', 'percentile'), values),
      fc.constantFrom('r and n', 'r and not n', 'not r', 'n or', 'r'),
      values,
    ),
    aliases: values,
    generate: values,
  },
  { requiredKeys: ['type'] },
);
const extensions = fc.dictionary(
  fc.constantFrom(
    'new_terms',
    'absence',
    'impossible_travel',
    'rate_change',
    'suppress',
    'incident',
    'promise',
    'scope',
  ),
  fc.oneof(
    values,
    fc.dictionary(
      fc.constantFrom('field', 'learn', 'cap', 'timespan', 'expected', 'address', 'factor', 'windows'),
      values,
    ),
  ),
  { maxKeys: 3 },
);
const header = fc.dictionary(
  fc.constantFrom('title', 'id', 'name', 'level', 'status', 'tags', 'date', 'related', 'logsource', 'action'),
  values,
  { maxKeys: 3 },
);
const documents = fc.tuple(
  fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: header }),
  fc.oneof(
    fc.record({ detection: fc.oneof(detections, values) }),
    fc.record({ correlation: fc.oneof(likelyCorrelations, correlations, values) }),
    fc.record({ filter: fc.oneof(detections, values) }),
  ),
  fc.option(fc.oneof(extensions, values), { nil: undefined, freq: 1 }),
);
const known = { title: 't', logsource: { category: 't' } };
const BASE = { ...known, id: 'r', name: 'n', detection: { s: { f: 'a' }, condition: 's' } };

describe('any file', () => {
  it('loads or says what is wrong with it, and never throws; what loads matches any event', () => {
    let [rules, correlated] = [0, 0];
    fc.assert(
      fc.property(fc.array(documents, { minLength: 1, maxLength: 3 }), values, (list, event) => {
        const made = list.map(([head, body, own], at) => ({
          ...known,
          id: `d${at}`,
          ...head,
          ...body,
          ...(own === undefined ? {} : { silowatch: own }),
        }));
        const text = [BASE, ...made].map((document) => stringify(document)).join('---\n');
        const { loaded: result } = inspect([{ path: 'f', text }], { placeholders: { p: ['x', 'y*'] } });
        rules += result.rules.filter(({ id }) => id !== 'r').length;
        correlated += result.correlations.length;
        expect(
          result.rules.length + result.correlations.length + result.faults.length + result.warnings.length,
        ).toBeGreaterThan(0);
        for (const { at } of [...result.faults, ...result.warnings]) expect(at.line > 0 && at.column > 0).toBe(true);
        const fields = typeof event === 'object' && event !== null ? (event as Record<string, unknown>) : { f: event };
        for (const rule of result.matcher.match({ logsource: { category: 't' }, fields })) {
          result.matcher.explain(rule, { logsource: undefined, fields });
        }
        for (const rule of result.rules) result.matcher.diagnose(rule, { logsource: undefined, fields });
        for (const consumer of [...result.consumers.values()].flat()) consumer.signalOf('r', 0, fields);
      }),
      {
        numRuns: Number(process.env['ANY_FILE_RUNS'] ?? 600),
        seed: Number(process.env['ANY_FILE_SEED'] ?? 7),
      },
    );
    // Files of which nothing loads would prove half of it; how many do hangs on the seed.
    expect([rules, correlated]).not.toContain(0);
  });

  it('says what is wrong with a text that is anything but a rule', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.string({ unit: fc.constantFrom(...Array.from(' \n\t-:{}[],&*!|>?#"\'%@`a1~')) }),
        (bytes, marks) => {
          const { faults, warnings, rules } = load([
            { path: 'a', text: bytes },
            { path: 'b', text: marks },
          ]);
          expect(rules).toEqual([]);
          expect(new Set([...faults, ...warnings].map(({ at }) => at.file))).toEqual(new Set(['a', 'b']));
        },
      ),
      { numRuns: 400 },
    );
  });
});
