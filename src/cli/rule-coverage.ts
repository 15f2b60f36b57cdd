import Table from 'cli-table3';
import { load, type Correlation, type Rule } from '../sigma/index.js';
import { readRuleFiles } from './rule-files.js';

export interface Coverage {
  readonly techniques: readonly Covered[];
  readonly promises: readonly Covered[];
  readonly rules: number;
}

export interface Covered {
  readonly id: string;
  readonly rules: readonly { readonly id: string; readonly title: string; readonly level: string }[];
}

/** Which ATT&CK techniques and promises the alerting rules below the folders watch. */
export async function coverageOf(places: readonly string[]): Promise<Coverage> {
  const { files } = await readRuleFiles(places);
  const { rules, correlations } = load(files);
  const alerting = [...rules, ...correlations].filter(({ alertsAlone }) => alertsAlone);
  return {
    techniques: grouped(alerting, ({ tags }) =>
      tags.filter((tag) => /^attack\.t\d/.test(tag)).map((tag) => tag.slice(7).toUpperCase()),
    ),
    promises: grouped(alerting, ({ silowatch }) => silowatch.promise),
    rules: alerting.length,
  };
}

function grouped(
  rules: readonly (Rule | Correlation)[],
  keysOf: (rule: Rule | Correlation) => readonly string[],
): Covered[] {
  const byKey = new Map<string, (Rule | Correlation)[]>();
  for (const rule of rules) for (const key of new Set(keysOf(rule))) byKey.set(key, [...(byKey.get(key) ?? []), rule]);
  return [...byKey]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([id, found]) => ({ id, rules: found.map(({ id: rule, title, level }) => ({ id: rule, title, level })) }));
}

export function coverageTable({ techniques, promises, rules }: Coverage): string {
  const part = (name: string, covered: readonly Covered[]): string => {
    const table = new Table({ head: [name, 'rules', 'titles'], style: { head: [], border: [] } });
    for (const { id, rules: found } of covered)
      table.push([id, found.length, found.map(({ title }) => title).join('\n')]);
    return table.toString();
  };
  return `${part('ATT&CK', techniques)}\n${part('promise', promises)}\n${rules} alerting rules, ${techniques.length} techniques, ${promises.length} promises\n`;
}

/** A layer for the ATT&CK Navigator (layer format 4.5): the score of a technique is how many rules watch it. */
export function navigatorLayer({ techniques }: Coverage): object {
  return {
    name: 'Silowatch rules',
    versions: { layer: '4.5', navigator: '5.1.0' },
    domain: 'enterprise-attack',
    description: 'Techniques that the rules watch; the score is the number of rules.',
    techniques: techniques.map(({ id, rules }) => ({
      techniqueID: id,
      score: rules.length,
      comment: rules.map(({ title }) => title).join('; '),
      enabled: true,
    })),
    gradient: { colors: ['#d5e8ff', '#1463c4'], minValue: 0, maxValue: 10 },
  };
}
