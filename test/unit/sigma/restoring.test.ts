import fc from 'fast-check';
import { stringify } from 'yaml';
import { type Consumer, load, type Signal } from '../../../src/sigma/index.js';
import { runSignals } from './correlation-run.js';

const RULES = ['a', 'b', 'c'].map((name) => ({
  path: name,
  text: `title: ${name}\nid: ${name}\nlogsource: { category: t }\ndetection: { s: { e: ${name} }, condition: s }\n`,
}));

const PLACES = ['berlin', 'sydney', 'potsdam'];

function consumerOf(correlation: object, silowatch: object | undefined): Consumer {
  const whole = { 'group-by': ['u'], timespan: '20s', rules: ['a', 'b', 'c'], ...correlation };
  const text = stringify({
    title: 'outer',
    id: 'outer',
    correlation: whole,
    ...(silowatch === undefined ? {} : { silowatch }),
  });
  const placeOf = (address: string): { latitude: number; longitude: number } => ({
    latitude: PLACES.indexOf(address) * 30,
    longitude: PLACES.indexOf(address) * 60,
  });
  const loaded = load([...RULES, { path: 'outer', text }], { placeOf });
  expect(loaded.faults).toEqual([]);
  const consumer = loaded.consumers.get('a')?.find(({ correlation: { id } }) => id === 'outer');
  if (consumer === undefined) throw new Error('no consumer');
  return consumer;
}

/** Every kind of window there is, by the correlation and extension that asks for it. */
const KINDS: readonly (readonly [title: string, correlation: object, silowatch?: object])[] = [
  ['event_count', { type: 'event_count', condition: { gte: 3 } }],
  ['event_count with an upper bound', { type: 'event_count', condition: { lte: 2 } }],
  ['value_count', { type: 'value_count', condition: { gte: 3, field: 'v' } }],
  ['value_count of tuples', { type: 'value_count', condition: { gte: 3, field: ['v', 'w'] } }],
  ['value_count with a range', { type: 'value_count', condition: { gte: 2, lt: 4, field: 'v' } }],
  ['temporal', { type: 'temporal' }],
  ['temporal with a condition', { type: 'temporal', condition: 'a and (b or c)' }],
  ['temporal with not', { type: 'temporal', condition: 'a and not b' }],
  ['temporal_ordered', { type: 'temporal_ordered' }],
  ['temporal_ordered with a condition', { type: 'temporal_ordered', condition: 'a and (b or c)' }],
  ['temporal_ordered with not', { type: 'temporal_ordered', condition: 'a and c and not b' }],
  ['value_sum', { type: 'value_sum', condition: { gt: 9, field: 'v' } }],
  ['value_sum with an upper bound', { type: 'value_sum', condition: { lt: 9, field: 'v' } }],
  ['value_avg', { type: 'value_avg', condition: { gt: 3, field: 'v' } }],
  ['value_percentile', { type: 'value_percentile', condition: { gte: 5, field: 'v', percentile: 90 } }],
  ['value_median', { type: 'value_median', condition: { gt: 2, field: 'v' } }],
  [
    'new_terms',
    { type: 'value_count', condition: { gte: 1, field: 'v' } },
    { suppress: '2s', new_terms: { learn: '5s', cap: 4 } },
  ],
  [
    'absence that learns',
    { type: 'event_count', rules: ['a'], condition: { gte: 1 } },
    { suppress: '1s', absence: { learn: '15s' } },
  ],
  ['absence', { type: 'temporal_ordered' }, { absence: { expected: 'b' } }],
  [
    'impossible_travel',
    { type: 'event_count', condition: { gte: 1 } },
    { impossible_travel: { address: 'place', speed: 100_000 } },
  ],
  [
    'rate_change',
    { type: 'event_count', condition: { gte: 1 } },
    { rate_change: { factor: 2, windows: 2, 'at-least': 2, timespan: '5s' } },
  ],
];

const moments = fc.array(
  fc.record({
    at: fc.integer({ min: 1, max: 90 }),
    delay: fc.integer({ min: 0, max: 9 }),
    rule: fc.constantFrom('a', 'b', 'c'),
    u: fc.constantFrom('x', 'y'),
    v: fc.integer({ min: 0, max: 6 }),
    w: fc.integer({ min: 0, max: 1 }),
    place: fc.constantFrom(...PLACES),
  }),
  { maxLength: 40 },
);

describe.each(KINDS.map(([title, ...of]) => ({ title, of })))('$title', ({ of: [correlation, silowatch] }) => {
  const consumer = consumerOf(correlation, silowatch);
  const arbitrary = moments.map((list) =>
    list
      .toSorted((left, right) => left.at + left.delay - right.at - right.delay)
      .flatMap(({ at, rule, ...fields }): Signal[] => {
        const signal = consumer.signalOf(rule, at * 1000, fields);
        return signal === undefined ? [] : [JSON.parse(JSON.stringify(signal)) as Signal];
      }),
  );

  it('fires the same whether its state is kept or stored and read back between any two signals', () => {
    let fired = 0;
    fc.assert(
      fc.property(arbitrary, (signals) => {
        const kept = runSignals(consumer, signals, 10_000, false);
        fired += kept.length;
        expect(runSignals(consumer, signals, 10_000, true)).toEqual(kept);
      }),
      { numRuns: 200 },
    );
    // A window that never fires would prove nothing.
    expect(fired).toBeGreaterThan(0);
  });

  it('holds its memory and its firings apart by group', () => {
    fc.assert(
      fc.property(arbitrary, (signals) => {
        const of = (group: string): readonly Signal[] => signals.filter((signal) => signal.group[0] === group);
        const together = runSignals(consumer, signals, 10_000, false);
        // A lag beyond the end lets each group alone see the same watermark as in company: none that decides.
        const alone = (['x', 'y'] as const).flatMap((group) => runSignals(consumer, of(group), 1e9, false));
        const patient = runSignals(consumer, signals, 1e9, false);
        expect(patient.toSorted(byGroupAndTime)).toEqual(alone.toSorted(byGroupAndTime));
        expect(together.every(({ group }) => group === 'x' || group === 'y')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

interface Timed {
  readonly group: string;
  readonly timeMs: number;
  readonly count: number;
}

function byGroupAndTime(left: Timed, right: Timed): number {
  return left.group.localeCompare(right.group) || left.timeMs - right.timeMs || left.count - right.count;
}
