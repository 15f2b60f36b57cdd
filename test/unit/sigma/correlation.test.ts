import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Consumer, load, type Loaded, type Place, type RuleFile } from '../../../src/sigma/index.js';
import { runSignals } from './correlation-run.js';

interface Case {
  readonly title: string;
  readonly correlation: unknown;
  readonly silowatch?: unknown;
  readonly lag?: number;
  readonly signals?: readonly string[];
  readonly firings?: readonly string[];
  readonly faults?: readonly string[];
}

const fixtures = join(import.meta.dirname, '../../fixtures/sigma');
const baseRules = ['a', 'b', 'c'].map((name) => ({
  path: `${name}.yml`,
  text: `title: ${name}\nid: id-${name}\nname: ${name}\nlogsource: { category: test }\ndetection: { sel: { e: ${name} }, condition: sel }\n`,
}));

const PLACES: Readonly<Record<string, Place>> = {
  berlin: { latitude: 52.5, longitude: 13.4 },
  potsdam: { latitude: 52.4, longitude: 13.1 },
  sydney: { latitude: -33.9, longitude: 151.2 },
};

function loadWith(...correlations: readonly unknown[]): Loaded {
  const files = correlations.map((correlation, index): RuleFile => {
    const text = stringify({
      title: `correlation ${index}`,
      id: `c${index}`,
      name: `c${index}`,
      ...(correlation as object),
    });
    return { path: `c${index}.yml`, text };
  });
  return load([...baseRules, ...files], { placeOf: (address) => PLACES[address] });
}

function consumerOf(loaded: Loaded, id: string): Consumer {
  const consumer = [...loaded.consumers.values()].flat().find(({ correlation }) => correlation.id === id);
  if (consumer === undefined) throw new Error(`no consumer ${id}`);
  return consumer;
}

describe.each(['correlations', 'extensions'])('%s', (table) => {
  const cases = parse(readFileSync(join(fixtures, `${table}.yml`), 'utf8')) as readonly Case[];
  it.each(cases.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    const loaded = loadWith({
      correlation: row.correlation,
      ...(row.silowatch === undefined ? {} : { silowatch: row.silowatch }),
    });
    expect(loaded.faults.map(({ code }) => code)).toEqual(row.faults ?? []);
    if (row.faults !== undefined) return;
    const consumer = consumerOf(loaded, 'c0');
    const signals = (row.signals ?? []).flatMap((line) => {
      const [time = '', rule = '', u = '', v] = line.split(' ');
      return consumer.signalOf(`id-${rule}`, Number(time) * 1000, { u, ...(v === undefined ? {} : { v }) }) ?? [];
    });
    const fired = runSignals(consumer, signals, (row.lag ?? 0) * 1000);
    expect(
      fired.map(
        ({ timeMs, count, continues, reason }) => `${timeMs / 1000} ${count} ${reason ?? (continues ? 'same' : 'new')}`,
      ),
    ).toEqual(row.firings);
  });
});

describe('linking', () => {
  it('lets a rule stand alone unless a correlation without generate names it', () => {
    const correlation = { type: 'event_count', rules: ['a'], timespan: '1m', condition: { gte: 2 } };
    const alone = (loaded: Loaded): string[] => loaded.rules.filter((rule) => rule.alertsAlone).map(({ id }) => id);
    expect(alone(loadWith({ correlation }))).toEqual(['id-b', 'id-c']);
    expect(alone(loadWith({ correlation: { ...correlation, generate: true } }))).toEqual(['id-a', 'id-b', 'id-c']);
  });

  it('feeds a rule to every correlation that names it', () => {
    const correlation = { type: 'event_count', rules: ['a'], timespan: '1m', condition: { gte: 2 } };
    const loaded = loadWith({ correlation }, { correlation: { ...correlation, rules: ['id-a', 'b'] } });
    expect(loaded.consumers.get('id-a')?.map((consumer) => consumer.correlation.id)).toEqual(['c0', 'c1']);
  });

  it('chains correlations through the fields of their groups', () => {
    const inner = { type: 'event_count', rules: ['a'], 'group-by': ['u'], timespan: '1m', condition: { gte: 2 } };
    const outer = { type: 'temporal_ordered', rules: ['c0', 'b'], 'group-by': ['u'], timespan: '5m' };
    const loaded = loadWith({ correlation: inner }, { correlation: outer });
    expect(loaded.correlations.map(({ id, alertsAlone }) => [id, alertsAlone])).toEqual([
      ['c0', false],
      ['c1', true],
    ]);
    const [next] = loaded.consumers.get('c0') ?? [];
    const first = consumerOf(loaded, 'c0');
    expect(next?.signalOf('c0', 7, first.fieldsOf(['x']))).toEqual({ rule: 'c0', timeMs: 7, group: ['x'] });
  });

  it('refuses correlations that lead back to themselves, and those that need them', () => {
    const of = (...rules: string[]): unknown => ({ correlation: { type: 'temporal', rules, timespan: '1m' } });
    const loaded = loadWith(of('a', 'c1'), of('b', 'c0'), of('a', 'b'));
    expect(loaded.correlations.map(({ id }) => id)).toEqual(['c2']);
    expect(loaded.faults.map(({ code }) => code).toSorted()).toEqual(['CORRELATION_CYCLE', 'CORRELATION_UNKNOWN_RULE']);
  });

  it('groups a rule standing alone by its entities and counts on for its suppression', () => {
    const text = `${baseRules[0]?.text ?? ''}silowatch: { suppress: 5s, incident: { entities: [u, w] } }\n`;
    const loaded = load([{ path: 'a.yml', text }]);
    const consumer = consumerOf(loaded, 'id-a');
    const signals = [0, 4, 8, 20].map((seconds) => consumer.signalOf('id-a', seconds * 1000, { u: 'x' }));
    expect(signals[0]?.group).toEqual(['x', '']);
    const fired = runSignals(
      consumer,
      signals.filter((signal) => signal !== undefined),
    );
    expect(fired.map(({ count, continues, sequence }) => [count, continues, sequence])).toEqual([
      [1, false, 0],
      [2, true, 0],
      [3, true, 0],
      [1, false, 20_000],
    ]);
  });

  it('changes the hash of a correlation with what its rules find, not with their titles', () => {
    const correlation = { type: 'event_count', rules: ['a'], timespan: '1m', condition: { gte: 2 } };
    const files = (rule: string): RuleFile[] => [
      { path: 'a.yml', text: rule },
      { path: 'c.yml', text: stringify({ title: 'c', id: 'c', correlation }) },
    ];
    const text = baseRules[0]?.text ?? '';
    const hash = (rule: string): string | undefined => load(files(rule)).correlations[0]?.hash;
    expect(hash(text.replace('title: a', 'title: other'))).toBe(hash(text));
    expect(hash(text.replace('{ e: a }', '{ e: x }'))).not.toBe(hash(text));
  });
});
