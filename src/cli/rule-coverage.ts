import Table from 'cli-table3';
import { load, type Correlation, type Rule } from '../sigma/index.js';
import { ATTACK_TECHNIQUES, ATTACK_VERSION, TACTICS, techniqueOf } from './attack.js';
import { printable } from './printable.js';
import { readRuleFiles } from './rule-files.js';

export interface Coverage {
  /** In the order of the matrix, also those that no rule watches. */
  readonly tactics: readonly Covered[];
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
  const tactics = new Map(
    grouped(alerting, ({ tags }) => tags.map((tag) => tag.replace('attack.', ''))).map((covered) => [
      covered.id,
      covered,
    ]),
  );
  return {
    tactics: TACTICS.map((id) => tactics.get(id) ?? { id, rules: [] }),
    techniques: grouped(alerting, ({ tags }) => tags.flatMap((tag) => techniqueOf(tag) ?? [])),
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

/** Titles in one cell of the table; a folder of thousands of rules has hundreds for one technique. */
const SHOWN_TITLES = 8;

export function coverageTable({ tactics, techniques, promises, rules }: Coverage): string {
  const parts = [table('tactic', tactics, 0), table('technique', techniques, SHOWN_TITLES)];
  if (promises.length > 0) parts.push(table('promise', promises, SHOWN_TITLES));
  const known = techniques.filter(({ id }) => ATTACK_TECHNIQUES.has(id)).length;
  const retired = techniques.length - known;
  const unknown = retired === 0 ? '' : ` (and ${retired} that it does not have)`;
  const share = `${known} of the ${ATTACK_TECHNIQUES.size} techniques of ATT&CK ${ATTACK_VERSION}${unknown}`;
  return `${parts.join('\n')}\n${rules} alerting rules, ${share}, ${promises.length} promises\n`;
}

function table(name: string, covered: readonly Covered[], most: number): string {
  const head = most === 0 ? [name, 'rules'] : [name, 'rules', 'titles'];
  const made = new Table({ head, style: { head: [], border: [] } });
  for (const { id, rules } of covered) {
    const titles = rules.slice(0, most).map(({ title }) => printable(title, 100));
    if (most > 0 && rules.length > most) titles.push(`… and ${rules.length - most} more`);
    made.push(most === 0 ? [id, rules.length] : [printable(id), rules.length, titles.join('\n')]);
  }
  return made.toString();
}

/** A layer for the ATT&CK Navigator (layer format 4.5): the score of a technique is how many rules watch it. */
export function navigatorLayer({ techniques }: Coverage): object {
  const most = Math.max(1, ...techniques.map(({ rules }) => rules.length));
  return {
    name: 'Silowatch rules',
    versions: { attack: ATTACK_VERSION, layer: '4.5', navigator: '5.1.0' },
    domain: 'enterprise-attack',
    description: 'Techniques that the rules watch; the score is the number of rules.',
    techniques: techniques.map(({ id, rules }) => ({
      techniqueID: id,
      score: rules.length,
      comment: rules.map(({ title }) => title).join('; '),
      enabled: true,
    })),
    gradient: { colors: ['#d5e8ff', '#1463c4'], minValue: 0, maxValue: most },
  };
}
