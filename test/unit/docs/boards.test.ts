import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const top = process.cwd();
const read = (file: string): string => readFileSync(path.join(top, file), 'utf8');
const source = readdirSync(path.join(top, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(path.join('src', file)))
  .join('\n');

describe.each(['dashboards/grafana/alerts.yml', 'dashboards/grafana/silowatch.json'])('%s', (file) => {
  it('asks only for metrics that the service has', () => {
    const asked = [...read(file).matchAll(/\bsilowatch_[a-z_]+/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, ''),
    );
    expect(asked.length).toBeGreaterThan(3);
    expect([...new Set(asked)].filter((name) => !source.includes(`'${name}'`))).toEqual([]);
  });

  it('names only outcomes that the service has', () => {
    const named = [...read(file).matchAll(/outcome=~?\\?"([a-z_|]+)/g)].flatMap((match) => (match[1] ?? '').split('|'));
    expect(named.filter((outcome) => !source.includes(`'${outcome}'`))).toEqual([]);
  });
});

it('every alert rule says what to do', () => {
  const { groups } = parse(read('dashboards/grafana/alerts.yml')) as {
    groups: { rules: { alert: string; annotations: { action?: string } }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.filter(({ annotations }) => (annotations.action ?? '') === '').map(({ alert }) => alert)).toEqual([]);
});
