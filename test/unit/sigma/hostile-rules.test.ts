import { load, type Loaded, step } from '../../../src/sigma/index.js';

const HEAD = 'title: r\nid: r\nlogsource: { category: t }\n';
const loadText = (...texts: string[]): Loaded => load(texts.map((text, index) => ({ path: `f${index}.yml`, text })));
const codesOf = (loaded: Loaded): readonly string[] => loaded.faults.map(({ code }) => code);
const GOOD = 'title: good\nid: good\nlogsource: { category: t }\ndetection: { s: { f: good }, condition: s }\n';
const isFound = (loaded: Loaded, fields: Record<string, unknown>, id: string): boolean =>
  loaded.matcher.match({ logsource: { category: 't' }, fields }).some((rule) => rule.id === id);

describe('hostile rules', () => {
  it('refuses conditions nested 1,000 deep, and takes ones that are as long as that', () => {
    const nested = `${'('.repeat(1000)}s${')'.repeat(1000)}`;
    const negated = `${'not '.repeat(1000)}s`;
    const long = new Array(1000).fill('s').join(' and ');
    const detection = (condition: string): string => `${HEAD}detection:\n  s: { f: x }\n  condition: ${condition}\n`;
    for (const condition of [nested, negated]) {
      const loaded = loadText(detection(condition), GOOD);
      expect(codesOf(loaded)).toEqual(['CONDITION_DEPTH']);
      expect(isFound(loaded, { f: 'good' }, 'good')).toBe(true);
    }
    expect(isFound(loadText(detection(long)), { f: 'x' }, 'r')).toBe(true);
  });

  it('takes a list of 10,000 values, plain and as patterns', () => {
    const values = (make: (at: number) => string): string =>
      Array.from({ length: 10_000 }, (_, at) => `      - '${make(at)}'\n`).join('');
    const text = `${HEAD}detection:\n  s:\n    f:\n${values((at) => `value-${at}`)}    g|contains:\n${values((at) => `x${at}y*z`)}  condition: s\n`;
    const loaded = loadText(text);
    expect(codesOf(loaded)).toEqual([]);
    expect(isFound(loaded, { f: 'VALUE-9999', g: 'ax9999y!z' }, 'r')).toBe(true);
    expect(isFound(loaded, { f: 'value-10000', g: 'ax9999y!z' }, 'r')).toBe(false);
  });

  it('refuses a file that is too large, and one with too many values, whole', () => {
    const large = `# ${'x'.repeat(4 * 1024 * 1024)}\n${HEAD}detection: { s: { f: x }, condition: s }\n`;
    const many = `${HEAD}x: &x [${'1,'.repeat(500)}]\ndetection: { s: { f: [${'*x,'.repeat(500)}] }, condition: s }\n`;
    const loaded = loadText(large, many, GOOD);
    expect(codesOf(loaded)).toEqual(['FILE_TOO_LARGE', 'YAML_TOO_COMPLEX']);
    expect(loaded.rules.map(({ id }) => id)).toEqual(['good']);
  });

  it('takes names of prototypes for selections, fields, rules and placeholders', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const texts = names.map(
      (name) =>
        `title: ${name}\nid: ${name}\nname: n-${name}\nlogsource: { category: t }\ndetection: { ${name}: { ${name}: x }, condition: ${name} }\n`,
    );
    const correlation = `title: c\nid: valueOf\ncorrelation: { type: temporal, rules: [${names.join(', ')}], group-by: [__proto__], timespan: 1m, aliases: { __proto__: { constructor: toString } } }\n`;
    const unknown = `title: u\nid: u\nlogsource: { category: t }\ndetection: { s: { f|expand: '%constructor%' }, condition: s }\n`;
    const loaded = loadText(...texts, correlation, unknown);
    expect(codesOf(loaded)).toEqual(['PLACEHOLDER_UNKNOWN']);
    for (const name of names) {
      const fields = JSON.parse(`{ "${name}": "x" }`) as Record<string, unknown>;
      expect(loaded.matcher.match({ logsource: { category: 't' }, fields }).map(({ id }) => id)).toEqual([name]);
      expect(loaded.matcher.match({ logsource: { category: 't' }, fields: {} })).toEqual([]);
    }
    const consumer = loaded.consumers.get('constructor')?.find(({ correlation: { id } }) => id === 'valueOf');
    expect(consumer?.signalOf('constructor', 0, { toString: 'who' })?.group).toEqual(['who']);
    expect(consumer?.signalOf('toString', 0, {})).toBeUndefined();
  });

  it('refuses a circle of 1,000 correlations without running round it', () => {
    const texts = Array.from(
      { length: 1000 },
      (_, at) =>
        `title: c${at}\nid: c${at}\ncorrelation: { type: temporal, rules: [c${(at + 1) % 1000}], timespan: 1m }\n`,
    );
    const loaded = loadText(...texts, GOOD);
    expect(loaded.correlations).toEqual([]);
    expect(new Set(codesOf(loaded))).toEqual(new Set(['CORRELATION_DEPTH', 'CORRELATION_UNKNOWN_RULE']));
    expect(loaded.rules.map(({ id }) => id)).toEqual(['good']);
  });

  it('keeps neither long group values nor long counted values', () => {
    const correlation =
      'title: c\nid: c\ncorrelation: { type: value_count, rules: [good], group-by: [g], timespan: 1m, condition: { gte: 3, field: v } }\n';
    const consumer = loadText(GOOD, correlation).consumers.get('good')?.[0];
    if (consumer === undefined) throw new Error('no consumer');
    const long = 'x'.repeat(1_000_000);
    const signals = ['a', 'b'].map((end) => consumer.signalOf('good', 1000, { g: long + end, v: long + end }));
    expect(signals.map((signal) => JSON.stringify(signal).length < 400)).toEqual([true, true]);
    expect(signals[0]?.group).not.toEqual(signals[1]?.group);
    const [signal] = signals;
    if (signal === undefined) throw new Error('no signal');
    expect(JSON.stringify(step(consumer, undefined, signal, 0).state).length).toBeLessThan(400);
  });

  it('bounds the state of every kind of window under a flood of one key', () => {
    const kinds = [
      'correlation: { type: event_count, rules: [good], timespan: 1h, condition: { gte: 100 } }',
      'correlation: { type: event_count, rules: [good], timespan: 1h, condition: { lte: 100 } }',
      'correlation: { type: value_count, rules: [good], timespan: 1h, condition: { gte: 100, field: v } }',
      'correlation: { type: value_count, rules: [good], timespan: 1h, condition: { lte: 100, field: v } }',
      'correlation: { type: value_sum, rules: [good], timespan: 1h, condition: { gt: 1, field: v } }',
      'correlation: { type: value_median, rules: [good], timespan: 1h, condition: { lt: 1, field: v } }',
      'correlation: { type: temporal_ordered, rules: [good, c0], timespan: 1h, condition: good and not c0 }',
      'correlation: { type: value_count, rules: [good], timespan: 1h, condition: { gte: 1, field: v } }\nsilowatch: { new_terms: { cap: 100 } }',
      'correlation: { type: event_count, rules: [good], timespan: 1h, condition: { gte: 1 } }\nsilowatch: { absence: {} }',
      'correlation: { type: event_count, rules: [good], timespan: 1s, condition: { gte: 1 } }\nsilowatch: { rate_change: {} }',
    ];
    const loaded = loadText(GOOD, ...kinds.map((body, at) => `title: c${at}\nid: c${at}\n${body}\n`));
    expect(codesOf(loaded)).toEqual([]);
    for (const consumer of loaded.consumers.get('good') ?? []) {
      let state: Parameters<typeof step>[1];
      for (let at = 0; at < 12_000; at++) {
        const signal = consumer.signalOf('good', at * 10, { v: at });
        if (signal !== undefined) ({ state } = step(consumer, state, signal, at * 10 - 60_000));
      }
      const kept = (state?.times.length ?? 0) + (state?.numbers?.length ?? 0) + (state?.values?.length ?? 0);
      expect([consumer.correlation.id, kept <= 2 * 1024 + 1]).toEqual([consumer.correlation.id, true]);
      expect(state?.episodes.length ?? 0).toBeLessThanOrEqual(10);
    }
  });
});
