import { styleText } from 'node:util';
import { COST_CLASSES } from '../sigma/index.js';
import { CliError } from './cli-error.js';
import { jsonLine, printable } from './printable.js';
import { type Checked, checkRules, type Finding } from './rule-lint.js';

export interface LintOptions {
  readonly json?: true;
  readonly strict?: true;
  readonly ignore?: string;
  readonly costs?: true;
}

/** Checks rules and tells what was found, then how much of each kind. Exit status 2 for faults, under `strict` for warnings too. */
export async function lintRules(places: readonly string[], options: LintOptions): Promise<number> {
  const checked = await checkRules(places);
  if (checked.files === 0) throw new CliError(`no rule file below ${places.join(', ')}`);
  if (options.costs === true) {
    process.stdout.write(costLines(checked, options.json === true));
    return 0;
  }
  const ignored = new Set(options.ignore?.split(','));
  const findings = checked.findings.filter(({ code }) => !ignored.has(code));
  const lines = findings.map(options.json === true ? jsonLine : findingLine);
  process.stdout.write(lines.join(''));
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  process.stderr.write(summary(checked, findings, faults));
  return faults > 0 || (options.strict === true && findings.length > 0) ? 2 : 0;
}

function findingLine({ severity, code, message, at }: Finding): string {
  const word = styleText(severity === 'fault' ? 'red' : 'yellow', severity, { stream: process.stdout });
  return `${printable(at.file)}:${at.line}:${at.column}: ${word}: ${printable(message, 400)} [${code}]\n`;
}

function summary({ files, rules, costs }: Checked, findings: readonly Finding[], faults: number): string {
  const counts = [...Map.groupBy(findings, ({ code }) => code)]
    .map(([code, those]) => [code, those.length] as const)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `  ${String(count).padStart(6)} ${code}\n`);
  const byClass = Map.groupBy(costs.values(), (cost) => cost);
  const tried = COST_CLASSES.flatMap((name) => {
    const count = byClass.get(name)?.length ?? 0;
    return count === 0 ? [] : [`${count} on ${name}`];
  });
  const head = `${rules.length} rules and correlations in ${files} files: ${faults} faults, ${findings.length - faults} warnings\n`;
  return `${counts.join('')}${head}rules are tried: ${tried.join(', ')}\n`;
}

/** Each rule with its class, the dearest first. */
function costLines({ rules, costs }: Checked, isJson: boolean): string {
  const rows = rules.flatMap(({ id, title, file }) => {
    const cost = costs.get(id);
    return cost === undefined ? [] : [{ cost, rule: id, title, file }];
  });
  rows.sort((a, b) => COST_CLASSES.indexOf(b.cost) - COST_CLASSES.indexOf(a.cost) || a.file.localeCompare(b.file));
  return rows
    .map((row) =>
      isJson ? jsonLine(row) : `${row.cost.padEnd(24)} ${printable(row.file)}: ${printable(row.title, 100)}\n`,
    )
    .join('');
}
