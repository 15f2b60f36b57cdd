import fc from 'fast-check';
import { stringify } from 'yaml';
import { type Consumer, load } from '../../../src/sigma/index.js';
import { runSignals } from './correlation-run.js';

const SPAN = 10;
const NAMES = ['a', 'b', 'c'] as const;

interface Moment {
  readonly at: number;
  readonly rule: string;
  readonly v: number;
}

/** What a window is asked, given its moments in order. */
type Asked = (window: readonly Moment[]) => boolean;

function consumerOf(correlation: object): Consumer {
  const rules = NAMES.map((name) => ({
    path: name,
    text: `title: ${name}\nid: ${name}\nlogsource: { category: t }\ndetection: { s: { e: ${name} }, condition: s }\n`,
  }));
  const text = stringify({
    title: 'o',
    id: 'o',
    correlation: { rules: [...NAMES], timespan: `${SPAN}s`, ...correlation },
  });
  const loaded = load([...rules, { path: 'o', text }]);
  expect(loaded.faults).toEqual([]);
  const consumer = loaded.consumers.get('a')?.find(({ correlation: { id } }) => id === 'o');
  if (consumer === undefined) throw new Error('no consumer');
  return consumer;
}

const rulesOf = (window: readonly Moment[]): Set<string> => new Set(window.map(({ rule }) => rule));
const numbersOf = (window: readonly Moment[]): number[] => window.map(({ v }) => v);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The middle of the sorted numbers, written without any rank. */
function median(numbers: readonly number[]): number {
  let sorted = numbers.toSorted((a, b) => a - b);
  while (sorted.length > 2) sorted = sorted.slice(1, -1);
  return sum(sorted) / sorted.length;
}

/** Whether the last moment ends a chain a, b, c. */
function endsChain(window: readonly Moment[]): boolean {
  if (window.at(-1)?.rule !== 'c') return false;
  return /a.*b.*c$/.test(window.map(({ rule }) => rule).join(''));
}

/** Fires at each moment whose window, reaching back from it, is as asked. */
const SLIDING: readonly [string, object, Asked][] = [
  ['event_count', { type: 'event_count', condition: { gte: 3 } }, (window) => window.length >= 3],
  ['event_count with gt', { type: 'event_count', condition: { gt: 3 } }, (window) => window.length > 3],
  [
    'value_count',
    { type: 'value_count', condition: { gte: 3, field: 'v' } },
    (window) => new Set(numbersOf(window)).size >= 3,
  ],
  ['temporal', { type: 'temporal' }, (window) => rulesOf(window).size === 3],
  ['temporal with a count', { type: 'temporal', condition: { gte: 2 } }, (window) => rulesOf(window).size >= 2],
  [
    'temporal with a condition',
    { type: 'temporal', condition: 'a and (b or c)' },
    (window) => rulesOf(window).has('a') && rulesOf(window).size > 1,
  ],
  ['temporal_ordered', { type: 'temporal_ordered' }, endsChain],
  ['value_sum', { type: 'value_sum', condition: { gt: 9, field: 'v' } }, (window) => sum(numbersOf(window)) > 9],
  [
    'value_avg',
    { type: 'value_avg', condition: { gte: 4, field: 'v' } },
    (window) => sum(numbersOf(window)) >= 4 * window.length,
  ],
  [
    'value_median',
    { type: 'value_median', condition: { gt: 3, field: 'v' } },
    (window) => median(numbersOf(window)) > 3,
  ],
  [
    'value_percentile',
    { type: 'value_percentile', condition: { gte: 5, field: 'v', percentile: 100 } },
    (window) => Math.max(...numbersOf(window)) >= 5,
  ],
];

/** Fires at the end of each window that a moment opened, when what it held is as asked. */
const CLOSING: readonly [string, object, Asked][] = [
  ['event_count with lte', { type: 'event_count', condition: { lte: 2 } }, (window) => window.length <= 2],
  ['event_count with eq', { type: 'event_count', condition: { eq: 2 } }, (window) => window.length === 2],
  ['event_count with neq', { type: 'event_count', condition: { neq: 2 } }, (window) => window.length !== 2],
  [
    'event_count with a range',
    { type: 'event_count', condition: { gte: 2, lt: 4 } },
    (window) => window.length === 2 || window.length === 3,
  ],
  [
    'value_count with lt',
    { type: 'value_count', condition: { lt: 3, field: 'v' } },
    (window) => new Set(numbersOf(window)).size < 3,
  ],
  [
    'temporal with not',
    { type: 'temporal', condition: 'a and not b' },
    (window) => rulesOf(window).has('a') && !rulesOf(window).has('b'),
  ],
  ['temporal with eq', { type: 'temporal', condition: { eq: 2 } }, (window) => rulesOf(window).size === 2],
  [
    'temporal_ordered with not',
    { type: 'temporal_ordered', condition: 'a and c and not b' },
    (window) => !rulesOf(window).has('b') && /a.*c/.test(window.map(({ rule }) => rule).join('')),
  ],
  [
    'value_sum with lt',
    { type: 'value_sum', condition: { lt: 9, field: 'v' } },
    (window) => sum(numbersOf(window)) < 9,
  ],
  [
    'value_avg with lte',
    { type: 'value_avg', condition: { lte: 3, field: 'v' } },
    (window) => sum(numbersOf(window)) <= 3 * window.length,
  ],
  [
    'value_median with a range',
    { type: 'value_median', condition: { gte: 2, lte: 4, field: 'v' } },
    (window) => median(numbersOf(window)) >= 2 && median(numbersOf(window)) <= 4,
  ],
];

const moments = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 70 }),
      rule: fc.constantFrom(...NAMES),
      v: fc.integer({ min: 0, max: 7 }),
    }),
    // As long as allowed, or few lists would make an order of three fire.
    { maxLength: 40, size: 'max' },
  )
  // One moment a second: which of two equal times comes first is a matter of its own.
  .map((list) => [...new Map(list.map((moment) => [moment.at, moment])).values()].toSorted((a, b) => a.at - b.at));

function firedTimes(consumer: Consumer, list: readonly Moment[]): number[] {
  const signals = list.flatMap(({ at, rule, v }) => consumer.signalOf(rule, at * 1000, { v }) ?? []);
  return runSignals(consumer, signals).map(({ timeMs }) => timeMs / 1000);
}

function slidingTimes(asked: Asked, list: readonly Moment[]): number[] {
  return list
    .filter(({ at }) => asked(list.filter((other) => other.at > at - SPAN && other.at <= at)))
    .map(({ at }) => at);
}

function closingTimes(asked: Asked, list: readonly Moment[]): number[] {
  const times: number[] = [];
  let rest = list;
  for (let [first] = rest; first !== undefined; [first] = rest) {
    const end = first.at + SPAN;
    if (asked(rest.filter(({ at }) => at < end))) times.push(end);
    rest = rest.filter(({ at }) => at >= end);
  }
  return times;
}

describe.each([
  { windows: 'sliding', kinds: SLIDING, expected: slidingTimes },
  { windows: 'closing', kinds: CLOSING, expected: closingTimes },
])('$windows windows over signals in order', ({ kinds, expected }) => {
  it.each(kinds)('%s fires exactly when a look at all signals says so', (_title, correlation, asked) => {
    const consumer = consumerOf(correlation);
    let fired = 0;
    fc.assert(
      fc.property(moments, (list) => {
        const times = expected(asked, list);
        fired += times.length;
        expect(firedTimes(consumer, list)).toEqual(times);
      }),
      { numRuns: 150 },
    );
    expect(fired).toBeGreaterThan(0);
  });
});

describe('sliding windows over signals that come late', () => {
  const counting = SLIDING.filter(([title]) => /^(event_count|value_count|temporal|value_sum)/.test(title));
  const LAG = 12;

  it.each(counting)('%s may miss a firing, and never makes one up', (_title, correlation, asked) => {
    const consumer = consumerOf(correlation);
    let fired = 0;
    const delays = fc.array(fc.integer({ min: 0, max: LAG }), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(moments, delays, (list, delay) => {
        const arrivals = list.map((moment, index) => ({ moment, at: moment.at + (delay[index] ?? 0) }));
        const order = arrivals.toSorted((a, b) => a.at - b.at).map(({ moment }) => moment);
        const signals = order.flatMap(({ at, rule, v }) => consumer.signalOf(rule, at * 1000, { v }) ?? []);
        const times = runSignals(consumer, signals, (LAG + 1) * 1000).map(({ timeMs }) => timeMs / 1000);
        const right = new Set(slidingTimes(asked, list));
        fired += times.length;
        expect(times.filter((time) => !right.has(time))).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(fired).toBeGreaterThan(0);
  });
});
