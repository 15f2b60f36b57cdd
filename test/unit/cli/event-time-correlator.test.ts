import { EventTimeCorrelator, LATENESS_MS } from '../../../src/cli/event-time-correlator.js';
import { load, type Loaded, type Rule } from '../../../src/sigma/index.js';

const rule = (id: string, own = ''): { path: string; text: string } => ({
  path: id,
  text: `title: ${id}\nid: ${id}\nlogsource: { category: t }\ndetection: { s: { e: ${id} }, condition: s }\n${own}`,
});

const correlation = (body: string): { path: string; text: string } => ({
  path: 'outer',
  text: `title: outer\nid: outer\n${body}`,
});

const NOW = Date.UTC(2026, 0, 5);
const PLACES = new Map([
  ['berlin', { latitude: 52.5, longitude: 13.4 }],
  ['sydney', { latitude: -33.9, longitude: 151.2 }],
]);

const loadAll = (...files: { path: string; text: string }[]): Loaded => {
  const loaded = load(files, { placeOf: (address) => PLACES.get(address) });
  expect(loaded.faults).toEqual([]);
  return loaded;
};

/** Each event as minutes since the start, the rule that matched, and its fields. */
type Moment = readonly [minutes: number, rule: string, fields: Record<string, unknown>];

function firedBy(loaded: Loaded, moments: readonly Moment[], untilMinutes?: number): readonly string[] {
  const fired: string[] = [];
  const correlator = new EventTimeCorrelator<undefined>(loaded.consumers, (consumer, group, firing) => {
    fired.push(`${consumer.correlation.id} ${group.join('|')} ${(firing.timeMs - NOW) / 60_000}`);
  });
  const ruleOf = (id: string): Rule | undefined => loaded.rules.find((each) => each.id === id);
  for (const [minutes, id, fields] of moments) {
    correlator.advance(NOW + minutes * 60_000, undefined);
    const matched = ruleOf(id);
    if (matched === undefined) throw new Error(`no rule ${id}`);
    correlator.match(matched, NOW + minutes * 60_000, fields, undefined);
  }
  if (untilMinutes !== undefined) correlator.advance(NOW + untilMinutes * 60_000, undefined);
  else correlator.finish(undefined);
  return fired;
}

const absence = correlation(
  'correlation: { type: temporal_ordered, rules: [a, b], group-by: [u], timespan: 10m }\nsilowatch: { absence: { expected: b } }\n',
);

describe('correlating a log that is read once', () => {
  it('finds an absence as event time goes by, with no further event of its group', () => {
    const loaded = loadAll(rule('a'), rule('b'), absence);
    const moments: Moment[] = [
      [0, 'a', { u: 'x' }],
      [1, 'a', { u: 'y' }],
      [5, 'b', { u: 'y' }],
    ];
    expect(firedBy(loaded, moments, 10)).toEqual([]);
    expect(firedBy(loaded, moments, 11 + LATENESS_MS / 60_000)).toEqual(['outer x 10']);
  });

  it('finds an absence that the end of the log brings, and none that it leaves open', () => {
    const loaded = loadAll(rule('a'), rule('b'), absence);
    const moments: Moment[] = [
      [0, 'a', { u: 'x' }],
      [8, 'a', { u: 'y' }],
      [12, 'b', { u: 'z' }],
    ];
    expect(firedBy(loaded, moments)).toEqual(['outer x 10']);
  });

  it('finds a value that is new to its group, in a rule and in a correlation', () => {
    const own = 'silowatch: { new_terms: { field: ip, group-by: [u], timespan: 30d, learn: 1h }, suppress: 1m }\n';
    const loaded = loadAll(rule('a', own));
    const moments: Moment[] = [
      [0, 'a', { u: 'x', ip: '1' }],
      [30, 'a', { u: 'x', ip: '2' }],
      [61, 'a', { u: 'x', ip: '2' }],
      [62, 'a', { u: 'x', ip: '3' }],
      [70, 'a', { u: 'y', ip: '3' }],
    ];
    expect(firedBy(loaded, moments)).toEqual(['a x 62']);
    const counted = correlation(
      'correlation: { type: value_count, rules: [b], group-by: [u], timespan: 30d, condition: { gte: 1, field: ip } }\nsilowatch: { new_terms: { learn: 1h } }\n',
    );
    const feeding = moments.map(([minutes, , fields]): Moment => [minutes, 'b', fields]);
    expect(firedBy(loadAll(rule('b'), counted), feeding)).toEqual(['outer x 62']);
  });

  it('finds impossible travel and a change of rate', () => {
    const travel = 'silowatch: { impossible_travel: { address: place, group-by: [u], timespan: 1d } }\n';
    const moments: Moment[] = [
      [0, 'a', { u: 'x', place: 'berlin' }],
      [60, 'a', { u: 'x', place: 'sydney' }],
    ];
    expect(firedBy(loadAll(rule('a', travel)), moments)).toEqual(['a x 60']);
    const rate = 'silowatch: { rate_change: { factor: 3, windows: 2, at-least: 3, timespan: 10m, group-by: [u] } }\n';
    const minutes = [0, 10, 20, 21, 22];
    expect(
      firedBy(
        loadAll(rule('a', rate)),
        minutes.map((at): Moment => [at, 'a', { u: 'x' }]),
      ),
    ).toEqual(['a x 22']);
  });

  it('hands firings on to the correlations that name the one which fired', () => {
    const inner = {
      path: 'inner',
      text: 'title: inner\nid: inner\ncorrelation: { type: event_count, rules: [a], group-by: [u], timespan: 10m, condition: { gte: 2 } }\n',
    };
    const outer = correlation(
      'correlation: { type: temporal_ordered, rules: [inner, b], group-by: [u], timespan: 30m, condition: inner and not b }\n',
    );
    const loaded = loadAll(rule('a'), rule('b'), inner, outer);
    const moments: Moment[] = [
      [0, 'a', { u: 'x' }],
      [1, 'a', { u: 'x' }],
      [2, 'a', { u: 'y' }],
      [3, 'a', { u: 'y' }],
      [9, 'b', { u: 'y' }],
      [50, 'b', { u: 'z' }],
    ];
    expect(firedBy(loaded, moments)).toEqual(['outer x 31']);
  });
});
