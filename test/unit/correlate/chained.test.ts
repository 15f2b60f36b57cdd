import fc from 'fast-check';
import { compileRules } from '../../../src/detect/rules.js';
import { type Consumer, type Firing, type GroupState, step } from '../../../src/sigma/index.js';

const MINUTE = 60_000;
const SPAN = 10 * MINUTE;
const START = Date.UTC(2026, 2, 1, 9);

const rule = (name: string): string => `title: ${name}
id: ${name.repeat(8)}-1111-4111-8111-${name.repeat(12)}
name: ${name}
status: stable
level: low
logsource: { product: silo, service: app }
detection: { selection: { action: ${name} }, condition: selection }
`;
const chain = (type: string): string => `title: chained
id: cccccccc-2222-4222-8222-cccccccccccc
status: stable
level: high
correlation: { type: ${type}, rules: [many, b], group-by: [ip], timespan: 10m, generate: false }
`;
const MANY = `title: many
id: dddddddd-2222-4222-8222-dddddddddddd
name: many
status: stable
level: low
correlation:
  type: event_count
  rules: [a]
  group-by: [ip]
  timespan: 5m
  condition: { gte: 3 }
  generate: false
`;

const IDS = { many: 'dddddddd-2222-4222-8222-dddddddddddd', b: 'bbbbbbbb-1111-4111-8111-bbbbbbbbbbbb' } as const;

/** A relayed firing of `many` and signals of `b`, in the order in which they happen to lie in their partition. */
function firingsOf(
  consumer: Consumer,
  arrivals: readonly (readonly [rule: keyof typeof IDS, timeMs: number])[],
): Firing[] {
  let state: GroupState | undefined;
  return arrivals.flatMap(([name, timeMs]) => {
    const stepped = step(consumer, state, { rule: IDS[name], timeMs, group: ['192.0.2.1'] }, 0);
    state = stepped.state;
    return stepped.firings;
  });
}

function chained(type: string): Consumer {
  const rules = compileRules([{ path: 'test.yml', text: [rule('a'), rule('b'), MANY, chain(type)].join('---\n') }]);
  expect(rules.loaded.faults).toEqual([]);
  const consumer = rules.loaded.consumers.get(IDS.many)?.[0];
  if (consumer === undefined) throw new Error('the chain has no consumer');
  return consumer;
}

/** When the inner correlation fired, and later signals within the span, with an order in which all of them arrive. */
const stories = fc.uniqueArray(fc.integer({ min: 1, max: SPAN - 1 }), { minLength: 1, maxLength: 8 }).chain((times) => {
  const direct = times.sort((one, other) => one - other).map((at) => ['b', START + at] as const);
  const all = [['many', START] as const, ...direct];
  // Signals of one source keep their order; the relayed firing comes in anywhere between them.
  return fc.nat({ max: direct.length }).map((at) => ({
    inOrder: all,
    arrivals: [...direct.slice(0, at), ['many', START] as const, ...direct.slice(at)],
  }));
});

describe('a correlation that another one feeds', () => {
  it.each(['temporal_ordered', 'temporal'])(
    'is one alert, and reaches to the same event, wherever the relayed firing comes in among the signals (%s)',
    (type) => {
      const consumer = chained(type);
      fc.assert(
        fc.property(stories, ({ inOrder, arrivals }) => {
          const wanted = firingsOf(consumer, inOrder);
          const found = firingsOf(consumer, arrivals);
          expect(found.filter(({ continues }) => !continues)).toHaveLength(1);
          expect(new Set(found.map(({ sequence }) => sequence)).size).toBe(1);
          const end = (firings: readonly Firing[]): number => Math.max(...firings.map(({ timeMs }) => timeMs));
          expect(end(found)).toBe(end(wanted));
          // It counts what came after it was there: no more than in order, and never less than what it takes.
          const count = found.at(-1)?.count ?? 0;
          expect(count).toBeGreaterThanOrEqual(2);
          expect(count).toBeLessThanOrEqual(wanted.at(-1)?.count ?? 0);
        }),
      );
    },
  );
});
