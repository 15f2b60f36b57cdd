import { PLATFORM_RULES } from '../../../src/detect/platform-rules.js';
import { compileRules, nextRules } from '../../../src/detect/rules.js';
import type { RuleFile } from '../../../src/sigma/index.js';

const rule = (path: string, id: string, detection: string): RuleFile => ({
  path,
  text: `title: ${id}
id: 22222222-2222-4222-8222-22222222220${id}
status: stable
level: low
logsource: { category: webserver }
detection:
  ${detection}
  condition: selection
`,
});

describe('rules', () => {
  it('of the platform itself load without a fault', () => {
    const { loaded } = compileRules([PLATFORM_RULES]);
    expect(loaded.faults).toEqual([]);
    expect(loaded.rules).toHaveLength(4);
  });

  it('of a file that breaks stay in force as they last were, and the fault is told', () => {
    const good = new Map<string, RuleFile>();
    const before = nextRules(
      [rule('a.yml', '1', 'selection: { c-uri: /a }'), rule('b.yml', '2', 'selection: { c-uri: /b }')],
      good,
    );
    expect(before.faults).toEqual([]);
    const broken = rule('a.yml', '1', 'selection: { c-uri|no-such-modifier: /a }');
    const after = nextRules([broken, rule('b.yml', '2', 'selection: { c-uri: /changed }')], good);
    expect(after.faults.map(({ at }) => at.file)).toEqual(['a.yml']);
    expect(after.kept).toEqual(['a.yml']);
    const hashes = (titles: readonly { title: string; hash: string }[]): Record<string, string> =>
      Object.fromEntries(titles.map(({ title, hash }) => [title, hash]));
    expect(hashes(after.rules.loaded.rules)['1']).toBe(hashes(before.rules.loaded.rules)['1']);
    expect(hashes(after.rules.loaded.rules)['2']).not.toBe(hashes(before.rules.loaded.rules)['2']);
  });

  it('are found by the hash of what they look for', () => {
    const rules = compileRules([rule('a.yml', '1', 'selection: { c-uri: /a }')]);
    const [consumer] = rules.loaded.consumers.get('22222222-2222-4222-8222-222222222201') ?? [];
    expect(consumer && rules.byHash.get(consumer.hash)).toBe(consumer);
  });

  it('say how deep correlations lie on one another', () => {
    const correlation = (name: string, rules: string, silowatch = '{}'): string =>
      `title: ${name}
id: ${name}
name: ${name}
status: stable
level: low
correlation: { type: temporal, rules: ${rules}, timespan: 1m }
silowatch: ${silowatch}
`;
    const base = ['1', '2'].map((id) => rule(`${id}.yml`, id, `selection: { c-uri: /${id} }`));
    const [one, two] = ['22222222-2222-4222-8222-222222222201', '22222222-2222-4222-8222-222222222202'];
    const text = [
      correlation('within', `[${one}, ${two}]`, '{ within: event }'),
      correlation('flat', `[${one}, within]`),
      correlation('first', `[flat, ${one}]`),
      correlation('second', `[first, flat, ${two}]`),
    ].join('---\n');
    const { loaded, depths } = compileRules([...base, { path: 'c.yml', text }]);
    expect(loaded.faults).toEqual([]);
    // What one event decides is no step, and what only it and rules feed waits for nothing.
    expect(Object.fromEntries(depths)).toEqual({ first: 1, second: 2 });
  });
});
