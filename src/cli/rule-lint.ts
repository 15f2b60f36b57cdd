import { load, type Correlation, type Rule, type RuleFault } from '../sigma/index.js';
import { readRuleFiles } from './rule-files.js';
import { runTestsBeside } from './rule-tests.js';

export interface Finding extends RuleFault {
  readonly severity: 'fault' | 'warning';
}

const TECHNIQUE = /^attack\.t\d{4}(?:\.\d{3})?$/;
const TACTICS = new Set(
  [
    'reconnaissance',
    'resource-development',
    'initial-access',
    'execution',
    'persistence',
    'privilege-escalation',
    'defense-evasion',
    'credential-access',
    'discovery',
    'lateral-movement',
    'collection',
    'command-and-control',
    'exfiltration',
    'impact',
  ].map((tactic) => `attack.${tactic}`),
);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What the loader says of rules, and what it does not look at: tests, tags, ids, words for the responder. */
export async function checkRules(places: readonly string[]): Promise<{ findings: Finding[]; rules: number }> {
  const { files } = await readRuleFiles(places);
  const loaded = load(files);
  const findings: Finding[] = [
    ...loaded.faults.map((fault) => ({ severity: 'fault' as const, ...fault })),
    ...loaded.warnings.map((fault) => ({ severity: 'warning' as const, ...fault })),
  ];
  const all = [...loaded.rules, ...loaded.correlations];
  const tested = new Map<string, Set<string>>();
  for (const { path } of files) {
    for (const { about, kind } of (await runTestsBeside(path, loaded)) ?? []) {
      for (const id of about) tested.set(id, (tested.get(id) ?? new Set()).add(kind));
    }
  }
  for (const rule of all) findings.push(...warningsOf(rule, tested.get(rule.id)));
  return { findings: findings.sort(byPlace), rules: all.length };
}

function byPlace(a: Finding, b: Finding): number {
  return a.at.file.localeCompare(b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column;
}

function* warningsOf(rule: Rule | Correlation, tested: ReadonlySet<string> | undefined): Generator<Finding> {
  const warn = (code: string, message: string): Finding => ({
    severity: 'warning',
    code,
    message: `'${rule.title}': ${message}`,
    at: { file: rule.file, line: 1, column: 1 },
  });
  if (!UUID.test(rule.id)) yield warn('ID_NO_UUID', 'has no UUID as its id');
  for (const tag of rule.tags.filter((text) => text.startsWith('attack.'))) {
    const isKnown = TECHNIQUE.test(tag) || TACTICS.has(tag) || /^attack\.[gs]\d{4}$/.test(tag);
    if (!isKnown) yield warn('TAG_UNKNOWN', `${tag} is no tactic, technique, group or software of ATT&CK`);
  }
  if (!rule.alertsAlone) return;
  if (tested?.has('finds') !== true) yield warn('TESTS_MISSING', 'no test shows what it finds');
  if (tested?.has('ignores') !== true) yield warn('TESTS_MISSING', 'no test shows what it ignores');
  if (!rule.tags.some((tag) => TECHNIQUE.test(tag))) yield warn('TAG_MISSING', 'names no ATT&CK technique');
  if (rule.falsepositives.length === 0) yield warn('FALSEPOSITIVES_MISSING', 'says nothing of false positives');
}
