import fc from 'fast-check';
import { load, type Loaded } from '../../../src/sigma/index.js';

const NAMES = ['a', 'b', 'c', 'd'] as const;

const rules = NAMES.map((name) => ({
  title: name,
  id: `id-${name}`,
  name,
  logsource: { category: 't' },
  detection: { selection: { [name]: 1 }, condition: 'selection' },
}));

const loadWith = (correlation: object, silowatch: object = { within: 'event' }, ...others: object[]): Loaded => {
  const documents = [...rules, { title: 'both', id: 'both', correlation, silowatch }, ...others];
  return load([{ path: 't.yml', text: documents.map((one) => JSON.stringify(one)).join('\n---\n') }]);
};

const temporal = (more: object): object => ({ type: 'temporal', timespan: '1s', rules: [...NAMES], ...more });

/** Which correlations the event decides. */
function decided({ matcher, feeders }: Loaded, present: Iterable<string>): string[] {
  const fields = Object.fromEntries([...present].map((name) => [name, 1]));
  const all = feeders(matcher.match({ logsource: { category: 't' }, fields }));
  return all.filter(({ kind }) => kind === 'correlation').map(({ id }) => id);
}

const faultsOf = (loaded: Loaded): string[] => loaded.faults.map(({ code }) => code);

const expression: fc.Arbitrary<string> = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...NAMES),
    fc
      .tuple(tie('tree'), fc.constantFrom('and', 'or'), tie('tree'))
      .map(([one, link, other]) => `(${one} ${link} ${other})`),
    tie('tree').map((one) => `(not ${one})`),
  ),
})).tree;

/** The condition read by the platform's own language. */
function truth(condition: string, present: ReadonlySet<string>): boolean {
  const code = condition.replaceAll(/\b(and|or|not|[abcd])\b/g, (word) => {
    if (word === 'and') return '&&';
    if (word === 'or') return '||';
    return word === 'not' ? '!' : String(present.has(word));
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- made of these eight words above
  return Boolean(new Function(`return ${code}`)());
}

describe('a correlation within an event', () => {
  it('is decided by what one event matches, whatever the condition', () => {
    fc.assert(
      fc.property(expression, fc.uniqueArray(fc.constantFrom(...NAMES)), (condition, present) => {
        const loaded = loadWith(temporal({ condition }));
        if (truth(condition, new Set())) expect(faultsOf(loaded)).toEqual(['CORRELATION_CONDITION']);
        else expect(decided(loaded, present)).toEqual(truth(condition, new Set(present)) ? ['both'] : []);
      }),
    );
  });

  it('asks for all of its rules, or for a number of them', () => {
    const all = loadWith(temporal({}));
    expect([decided(all, 'abcd'), decided(all, 'abc')]).toEqual([['both'], []]);
    const two = loadWith(temporal({ condition: { gte: 2 } }));
    expect([decided(two, 'ad'), decided(two, 'a'), decided(two, '')]).toEqual([['both'], [], []]);
  });

  it('leaves the matches of an event as they are when it does not come up', () => {
    const { matcher, feeders } = loadWith(temporal({}));
    const matched = matcher.match({ logsource: { category: 't' }, fields: { a: 1 } });
    expect(feeders(matched)).toBe(matched);
  });

  it('feeds others with the fields of the event, holds no state, and alerts by itself where nothing names it', () => {
    const alone = loadWith(temporal({ 'group-by': ['u'] }), { within: 'event', suppress: '1h' });
    const [own, ...more] = alone.consumers.get('both') ?? [];
    expect([own?.window, own?.isRelayed, more]).toEqual([
      { kind: 'count', atLeast: 1, spanMs: 3_600_000, quietMs: 3_600_000 },
      false,
      [],
    ]);
    expect(own?.signalOf('both', 7, { u: 'x' })).toEqual({ rule: 'both', timeMs: 7, group: ['x'] });
    const counting = { type: 'event_count', rules: ['both'], 'group-by': ['v'], timespan: '5m', condition: { gte: 3 } };
    const feeding = loadWith(temporal({ 'group-by': ['u'] }), undefined, {
      title: 'many',
      id: 'many',
      correlation: counting,
    });
    const consumers = feeding.consumers.get('both') ?? [];
    expect(consumers.map(({ correlation, isRelayed }) => [correlation.id, isRelayed])).toEqual([['many', true]]);
    expect(consumers[0]?.signalOf('both', 7, { v: 'y' })).toEqual({ rule: 'both', timeMs: 7, group: ['y'] });
    expect(NAMES.flatMap((name) => feeding.consumers.get(`id-${name}`) ?? [])).toEqual([]);
  });

  it('is refused where one event cannot decide it', () => {
    expect(faultsOf(loadWith({ ...temporal({}), type: 'temporal_ordered' }))).toContain('SILOWATCH_WITHIN');
    expect(faultsOf(loadWith(temporal({}), { within: 'record' }))).toContain('SILOWATCH_WITHIN');
    expect(faultsOf(loadWith(temporal({ condition: { lt: 2 } })))).toEqual(['CORRELATION_CONDITION']);
    expect(faultsOf(loadWith(temporal({ aliases: { u: { a: 'x' } }, 'group-by': ['u'] })))).toEqual([
      'CORRELATION_CONDITION',
    ]);
    const extended = { within: 'event', new_terms: { field: 'u' } };
    expect(faultsOf(loadWith(temporal({}), extended))).toEqual(['CORRELATION_CONDITION']);
    const inner = { title: 'inner', id: 'inner', correlation: temporal({}) };
    expect(faultsOf(loadWith(temporal({ rules: ['a', 'inner'] }), { within: 'event' }, inner))).toEqual([
      'SILOWATCH_WITHIN',
    ]);
    const rule = { ...rules[0], id: 'other', silowatch: { within: 'event' } };
    expect(faultsOf(loadWith(temporal({}), { within: 'event' }, rule))).toEqual(['SILOWATCH_WITHIN']);
  });
});
