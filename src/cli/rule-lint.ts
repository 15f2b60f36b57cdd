import {
  type Correlation,
  type CostClass,
  inspect,
  type Inspection,
  type Rule,
  type RuleFault,
} from '../sigma/index.js';
import { faultOfAttackTag, techniqueOf } from './attack.js';
import { readRuleFiles } from './rule-files.js';
import { readTestsBeside } from './rule-tests.js';

export interface Finding extends RuleFault {
  readonly severity: 'fault' | 'warning';
}

export interface Checked {
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly rules: readonly (Rule | Correlation)[];
  /** By rule id: how often the rule has to be tried. */
  readonly costs: ReadonlyMap<string, CostClass>;
}

/** Ids of promises, such as ISO-2. */
const PROMISE = /^[A-Z]{2,8}-\d{1,3}$/;

/** What the engine says of rules, and what it does not look at: tests, tags, ids, words for the responder. */
export async function checkRules(places: readonly string[]): Promise<Checked> {
  const { files, unread } = await readRuleFiles(places);
  const inspection = inspect(files);
  const { loaded, remarks } = inspection;
  const rules = [...loaded.rules, ...loaded.correlations];
  const findings: Finding[] = [
    ...unread.map((fault) => ({ severity: 'fault' as const, ...fault })),
    ...loaded.faults.map((fault) => ({ severity: 'fault' as const, ...fault })),
    ...[...loaded.warnings, ...remarks].map((fault) => ({ severity: 'warning' as const, ...fault })),
    ...(await testWarnings(files, inspection)),
    ...rules.flatMap((rule) => [...warningsOf(rule, inspection)]),
  ];
  return { findings: findings.sort(byPlace), files: files.length, rules, costs: inspection.costs };
}

function byPlace(a: Finding, b: Finding): number {
  return a.at.file.localeCompare(b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column;
}

type Source = Rule | Correlation;

function warning(rule: Source, { places }: Inspection, code: string, message: string): Finding {
  const at = places.get(rule.id) ?? { file: rule.file, line: 1, column: 1 };
  return { severity: 'warning', code, message: `'${rule.title}': ${message}`, at };
}

/** Tests that cannot be read, and rules that none are about. Where no rule at all has tests, that is said once. */
async function testWarnings(files: readonly { readonly path: string }[], inspection: Inspection): Promise<Finding[]> {
  const { loaded } = inspection;
  const findings: Finding[] = [];
  const tested = new Map<string, Set<string>>();
  let testFiles = 0;
  for (const { path } of files) {
    const tests = await readTestsBeside(path, loaded);
    if (tests === undefined) continue;
    testFiles += 1;
    for (const message of tests.faults) {
      const at = { file: tests.file, line: 1, column: 1 };
      findings.push({ severity: 'fault', code: 'TESTS_INVALID', message, at });
    }
    for (const { about, kind } of tests.cases) {
      for (const { id } of about) tested.set(id, (tested.get(id) ?? new Set()).add(kind));
    }
  }
  const alerting = [...loaded.rules, ...loaded.correlations].filter(({ alertsAlone }) => alertsAlone);
  const [first] = alerting;
  if (testFiles === 0 && first !== undefined) {
    const message = `none of the ${alerting.length} rules that alert has tests beside it (x.tests.yml beside x.yml)`;
    return [{ severity: 'warning', code: 'TESTS_MISSING', message, at: { file: first.file, line: 1, column: 1 } }];
  }
  for (const rule of alerting) {
    const missing = (['finds', 'ignores'] as const).filter((kind) => tested.get(rule.id)?.has(kind) !== true);
    if (missing.length === 0) continue;
    const message = `no test shows what it ${missing.join(', and none what it ')}`;
    findings.push(warning(rule, inspection, 'TESTS_MISSING', message));
  }
  return findings;
}

function* warningsOf(rule: Source, inspection: Inspection): Generator<Finding> {
  const warn = (code: string, message: string): Finding => warning(rule, inspection, code, message);
  if (/^[0-9a-f]{32}$/.test(rule.id)) yield warn('ID_MISSING', 'has no `id`, a UUID by which others can name it');
  for (const tag of rule.tags.filter((text) => text.startsWith('attack.'))) {
    const fault = faultOfAttackTag(tag);
    if (fault !== undefined) yield warn('TAG_UNKNOWN', fault);
  }
  for (const promise of rule.silowatch.promise.filter((id) => !PROMISE.test(id))) {
    yield warn('PROMISE_UNKNOWN', `'${promise}' is no promise: they are named like ISO-2`);
  }
  if (!rule.alertsAlone) return;
  if (!rule.tags.some((tag) => techniqueOf(tag) !== undefined)) yield warn('TAG_MISSING', 'names no ATT&CK technique');
  if (rule.falsepositives.length === 0) yield warn('FALSEPOSITIVES_MISSING', 'says nothing of false positives');
}
