import fc from 'fast-check';
import { stringify } from 'yaml';
import { type Consumer, type GroupState, load, type Signal, step } from '../../../src/sigma/index.js';
import { type Fired, runSignals } from './correlation-run.js';
import { naivelyMatches, type NaiveCondition, type NaiveRule, type NaiveSelection, regexFor } from './naive.js';

/** Few letters, so that random rules and events meet often. */
const letters = fc.constantFrom('a', 'A', 'b', 'c', 'S', 'k', '*', '?', '\\', '.', '/', '-', '1', 'é', 'É', '😀', ' ');
const texts = fc.string({ unit: letters, maxLength: 6 });
const scalars = fc.oneof(
  texts,
  fc.constantFrom('10.1.2.3', '11.1.2.3', '2026-03-01T05:10:00Z', 'xeGFiYw==', 'YWJj', 'YQBiAGMA', ' -a /b'),
  fc.integer({ min: -3, max: 20 }),
  fc.constantFrom(1.5, 1e21, 0.1, 9007199254740992),
  fc.boolean(),
);
const fieldNames = fc.constantFrom('f', 'g', 'h', 'n.f', 'n.g', 'n');
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalars,
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('f', 'g', 'n'), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const events = fc.dictionary(fieldNames, values);

const places = fc.constantFrom(
  '',
  '|contains',
  '|startswith',
  '|endswith',
  '|cased',
  '|contains|cased',
  '|endswith|neq',
  '|windash|contains',
);
const literals = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 4 });
const itemOf = (modifiers: fc.Arbitrary<string>, value: fc.Arbitrary<unknown>): fc.Arbitrary<[string, unknown]> =>
  fc.tuple(fieldNames, modifiers, value).map(([field, chain, wanted]) => [field + chain, wanted]);
const comparisons = fc.constantFrom('|gt', '|gte', '|lt', '|lte', '|gt|neq');
const items = fc.oneof(
  { weight: 8, arbitrary: itemOf(places, fc.oneof(scalars, fc.array(scalars, { minLength: 1, maxLength: 6 }))) },
  {
    weight: 2,
    arbitrary: itemOf(fc.constant('|contains|all'), fc.array(texts, { minLength: 2, maxLength: 3 })),
  },
  { weight: 2, arbitrary: itemOf(comparisons, fc.integer({ min: -2, max: 20 })) },
  { weight: 1, arbitrary: itemOf(fc.constant(''), fc.constant(null)) },
  { weight: 1, arbitrary: itemOf(fc.constant('|exists'), fc.boolean()) },
  { weight: 1, arbitrary: itemOf(fc.constantFrom('|fieldref', '|fieldref|neq'), fieldNames) },
  {
    weight: 1,
    arbitrary: itemOf(fc.constantFrom('|re', '|re|i'), fc.constantFrom('^a', 'b+c?', '[ak]1', 'a|S', '\\.$')),
  },
  { weight: 1, arbitrary: itemOf(fc.constantFrom('|cidr', '|cidr|neq'), fc.constant('10.0.0.0/8')) },
  { weight: 1, arbitrary: itemOf(fc.constant('|base64offset|contains'), literals) },
  { weight: 1, arbitrary: itemOf(fc.constant('|wide|base64offset|contains'), literals) },
  { weight: 1, arbitrary: itemOf(fc.constant('|hour'), fc.integer({ min: 4, max: 6 })) },
);
const plainMaps = fc.array(items, { minLength: 1, maxLength: 3 }).map((list) => Object.fromEntries(list));
const blocks = fc
  .tuple(fc.constantFrom('f', 'n', 'n.g'), fc.constantFrom('any', 'all', 'all_or_empty', 'none'), plainMaps)
  .map(([field, quantifier, body]) => ({ [`${field}[${quantifier}]`]: body }));
const selections: fc.Arbitrary<NaiveSelection> = fc.oneof(
  { weight: 5, arbitrary: plainMaps },
  { weight: 1, arbitrary: fc.tuple(plainMaps, blocks).map(([map, block]) => ({ ...map, ...block })) },
  { weight: 1, arbitrary: blocks },
  { weight: 1, arbitrary: fc.array(plainMaps, { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(texts, fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 3 }) },
);

const conditions = fc.letrec<{ node: NaiveCondition }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('one', 'two', 'three').map((name) => ({ name })),
    fc.record({ quantifier: fc.constantFrom('1' as const, 'all' as const), prefix: fc.constantFrom('', 't', 'th') }),
    tie('node').map((not) => ({ not })),
    fc.record({ left: tie('node'), operator: fc.constantFrom('and' as const, 'or' as const), right: tie('node') }),
  ),
})).node;

function written(condition: NaiveCondition): string {
  if ('name' in condition) return condition.name;
  if ('prefix' in condition)
    return `${condition.quantifier} of ${condition.prefix === '' ? 'them' : `${condition.prefix}*`}`;
  if ('not' in condition) return `not (${written(condition.not)})`;
  return `(${written(condition.left)}) ${condition.operator} (${written(condition.right)})`;
}

function ruleFile(rule: NaiveRule, id: string): { path: string; text: string } {
  const detection = { ...rule.selections, condition: written(rule.condition) };
  return { path: id, text: stringify({ title: id, id, logsource: { category: 't' }, detection }, { lineWidth: 0 }) };
}

const rules: fc.Arbitrary<NaiveRule> = fc.record({
  selections: fc.record({ one: selections, two: selections, three: selections }),
  condition: conditions,
});

function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

describe('properties of matching', () => {
  it('finds what a naive evaluator finds, in whole sets of rules, by log source and without', () => {
    const sets = fc.tuple(
      fc.array(rules, { minLength: 1, maxLength: 6 }),
      fc.array(events, { minLength: 1, maxLength: 8 }),
    );
    fc.assert(
      fc.property(sets, fc.boolean(), ([set, someEvents], ignoreLogsource) => {
        const loaded = load(
          set.map((rule, index) => ruleFile(rule, `r${index}`)),
          { ignoreLogsource },
        );
        expect(loaded.faults).toEqual([]);
        for (const fields of someEvents) {
          const found = loaded.matcher.match({ logsource: { category: 'T' }, fields }).map(({ id }) => id);
          const expected = set.flatMap((rule, index) => (naivelyMatches(rule, fields) ? [`r${index}`] : []));
          expect(found).toEqual(expected);
          const bytes = Buffer.from(JSON.stringify(fields));
          const inBytes = loaded.matcher.matchJson(bytes, 0, bytes.length, { category: 'T' });
          expect(inBytes?.map(({ id }) => id)).toEqual(expected);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('reads bytes as the parser does, however they are written: keys twice, escapes, blanks', () => {
    const joined = fc.tuple(events, events).map(([left, right]) => {
      const [head, tail] = [JSON.stringify(left).slice(0, -1), JSON.stringify(right).slice(1)];
      return head === '{' || tail === '}' ? head + tail : `${head},${tail}`;
    });
    const rewritten = [
      (json: string) => json,
      (json: string) => json.replaceAll('b', '\\u0062'),
      (json: string) => json.replaceAll('/', '\\/'),
      (json: string) => json.replaceAll('":', '" :\t').replaceAll(',"', ' , "'),
    ];
    const sets = fc.tuple(fc.array(rules, { minLength: 1, maxLength: 6 }), fc.array(joined, { maxLength: 8 }));
    fc.assert(
      fc.property(sets, fc.constantFrom(...rewritten), ([set, texts], rewrite) => {
        const { matcher } = load(
          set.map((rule, index) => ruleFile(rule, `r${index}`)),
          { ignoreLogsource: true },
        );
        for (const text of texts.map(rewrite)) {
          const bytes = Buffer.from(text);
          const fields = JSON.parse(text) as Record<string, unknown>;
          const expected = matcher.match({ logsource: undefined, fields }).map(({ id }) => id);
          expect(matcher.matchJson(bytes, 0, bytes.length)?.map(({ id }) => id)).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes for JSON what the parser takes, whatever byte of a line is another, missing or too much', () => {
    const { matcher } = load(
      [
        ruleFile({ selections: { one: ['abcd', 'a-b', 'k1'] }, condition: { name: 'one' } }, 'keyword'),
        ruleFile({ selections: { one: { 'n.f|contains': ['bcab', 'a'] } }, condition: { name: 'one' } }, 'nested'),
        ruleFile({ selections: { one: { 'f|startswith': 'aabb' } }, condition: { name: 'one' } }, 'start'),
        ruleFile({ selections: { one: { f: null } }, condition: { not: { name: 'one' } } }, 'not null'),
      ],
      { ignoreLogsource: true },
    );
    const filled = fc.tuple(events, fc.nat(80), fc.constantFrom('f', 'g', 'n')).map(([event, length, field]) => {
      return { [field]: 'abc\\-"\n\u212ak1'.repeat(length).slice(0, length), ...event };
    });
    const line = filled.map((event) => Buffer.from(JSON.stringify(event)));
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\\{}[]:,0e.-+tfnu \t')));
    const changed = fc.tuple(line, fc.nat(), byte, fc.nat(3)).map(([bytes, where, other, how]) => {
      const at = where % bytes.length;
      const [removed, added] = [how === 1 ? 0 : 1, how === 2 ? [] : [other]];
      if (how === 3) return bytes.subarray(0, at);
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(added), bytes.subarray(at + removed)]);
    });
    fc.assert(
      fc.property(changed, (bytes) => {
        const parsed = parsedObject(bytes.toString('utf8'));
        const expected = parsed && matcher.match({ logsource: undefined, fields: parsed }).map(({ id }) => id);
        // A tab may stand around values only; a line break is no part of a line.
        if (!bytes.includes(10)) {
          expect(matcher.matchJson(bytes, 0, bytes.length)?.map(({ id }) => id)).toEqual(expected);
        }
      }),
      { numRuns: 4_000 },
    );
  });

  it('meets a line of any length, and short ones after it', () => {
    const rule = ruleFile({ selections: { one: { 'f|endswith': 'needle' } }, condition: { name: 'one' } }, 'end');
    const { matcher } = load([rule], { ignoreLogsource: true });
    for (const length of [10, 4_089, 4_090, 4_096, 70_000, 3_000_000, 10]) {
      for (const filler of ['x', 'é', '\\', '\u0001']) {
        const text = `${filler.repeat(length)}needle`;
        const bytes = Buffer.from(JSON.stringify({ f: text, g: [1, [2], { f: filler }] }));
        expect(matcher.matchJson(bytes, 0, bytes.length)).toHaveLength(1);
        expect(matcher.match({ logsource: undefined, fields: { f: text } })).toHaveLength(1);
      }
    }
  });

  it('finds literals of every length wherever they stand, at edges and among others', () => {
    const unit = fc.constantFrom('a', 'B', 'c', '-', 'é', '\u212a', 'x');
    const words = fc.string({ unit, minLength: 1, maxLength: 12 });
    const wanted = fc.record({ place: fc.constantFrom('', '|contains', '|startswith', '|endswith'), value: words });
    fc.assert(
      fc.property(
        fc.array(wanted, { minLength: 1, maxLength: 40 }),
        words,
        words,
        words,
        (list, before, middle, after) => {
          const set = list.map(({ place, value }): NaiveRule => {
            return { selections: { one: { [`f${place}`]: value } }, condition: { name: 'one' } };
          });
          const { matcher } = load(
            set.map((rule, index) => ruleFile(rule, `r${index}`)),
            { ignoreLogsource: true },
          );
          for (const text of [middle, before + middle, middle + after, before + (list[0]?.value ?? '') + after]) {
            const expected = set.flatMap((rule, index) => (naivelyMatches(rule, { f: text }) ? [`r${index}`] : []));
            const bytes = Buffer.from(JSON.stringify({ f: text }));
            expect(matcher.match({ logsource: undefined, fields: { f: text } }).map(({ id }) => id)).toEqual(expected);
            expect(matcher.matchJson(bytes, 0, bytes.length)?.map(({ id }) => id)).toEqual(expected);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads wildcards and escapes as a regular expression built from them does', () => {
    const unit = fc.constantFrom('a', 'b', '*', '?', '\\', '.', '\n');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), fc.string({ unit, maxLength: 10 }), (value, text) => {
        const rule: NaiveRule = { selections: { one: { f: value } }, condition: { name: 'one' } };
        const { matcher } = load([ruleFile(rule, 'r')], { ignoreLogsource: true });
        const found = matcher.match({ logsource: undefined, fields: { f: text } }).length > 0;
        expect(found).toBe(new RegExp(`^(?:${regexFor(value)})$`, 'su').test(text));
      }),
      { numRuns: 1000 },
    );
  });
});

const SPAN = 10;

function countConsumer(atLeast: number): Consumer {
  const rule = 'title: a\nid: a\nlogsource: { category: t }\ndetection: { s: { f: 1 }, condition: s }\n';
  const correlation = { type: 'event_count', rules: ['a'], timespan: '1s', condition: { gte: atLeast } };
  const loaded = load([
    { path: 'a', text: rule },
    { path: 'c', text: stringify({ title: 'c', id: 'c', correlation }).replace('1s', `${SPAN}s`) },
  ]);
  const [consumer] = loaded.consumers.get('a') ?? [];
  if (consumer === undefined) throw new Error('no consumer');
  return consumer;
}

const signalAt = (seconds: number): Signal => ({ rule: 'a', timeMs: seconds * 1000, group: [] });

/** Maximal runs of firing times with gaps below the span. */
function episodesOf(times: readonly number[]): readonly (readonly [number, number])[] {
  const episodes: [number, number][] = [];
  for (const time of times.toSorted((left, right) => left - right)) {
    const last = episodes.at(-1);
    if (last !== undefined && time - last[1] < SPAN * 1000) last[1] = time;
    else episodes.push([time, time]);
  }
  return episodes;
}

function naiveFirings(seconds: readonly number[], atLeast: number): readonly number[] {
  const times = seconds.map((second) => second * 1000);
  return times.filter((time) => times.filter((other) => other > time - SPAN * 1000 && other <= time).length >= atLeast);
}

const timesOf = (fired: readonly Fired[]): readonly number[] => fired.map(({ timeMs }) => timeMs);

describe('properties of counting', () => {
  const seconds = fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 60 });
  const thresholds = fc.integer({ min: 1, max: 6 });

  it('finds the same episodes in any order of events within the allowed lateness', () => {
    const lags = fc.integer({ min: 0, max: 35 });
    fc.assert(
      fc.property(
        seconds,
        thresholds,
        lags,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (list, atLeast, lag, random) => {
          const consumer = countConsumer(atLeast);
          // Each event is delayed by less than the lag: it then lies behind the latest one by no more than that.
          const arrivals = list.map((second) => ({ second, at: second + (random.next().value ?? 0) * lag * 0.999 }));
          const order = arrivals.toSorted((left, right) => left.at - right.at).map(({ second }) => signalAt(second));
          const fired = runSignals(consumer, order, lag * 1000);
          expect(episodesOf(timesOf(fired))).toEqual(episodesOf(naiveFirings(list, atLeast)));
        },
      ),
      { numRuns: 250 },
    );
  });

  it('keeps at most (N - 1)(⌈lateness / span⌉ + 2) times, whatever the flood', () => {
    for (const atLeast of [1, 2, 10, 100]) {
      const consumer = countConsumer(atLeast);
      const signals = Array.from({ length: 5000 }, (_, index) => signalAt(index / 100));
      expect(largestState(consumer, signals)).toBeLessThanOrEqual((atLeast - 1) * 3);
    }
  });

  it('fires the same whether or not its state is stored and read back between two signals', () => {
    fc.assert(
      fc.property(seconds, thresholds, (list, atLeast) => {
        const consumer = countConsumer(atLeast);
        const signals = list.map(signalAt);
        expect(runSignals(consumer, signals, 20_000, true)).toEqual(runSignals(consumer, signals, 20_000, false));
      }),
      { numRuns: 200 },
    );
  });
});

function largestState(consumer: Consumer, signals: readonly Signal[]): number {
  let largest = 0;
  let state: GroupState | undefined;
  for (const signal of signals) {
    state = step(consumer, state, signal, signal.timeMs - 5000).state;
    largest = Math.max(largest, state.times.length);
  }
  return largest;
}
