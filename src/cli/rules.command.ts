import { type Command } from 'commander';
import { CliError } from './cli-error.js';
import { checkRules } from './rule-lint.js';
import { coverageOf, coverageTable, navigatorLayer } from './rule-coverage.js';
import { jsonLine, printable } from './printable.js';
import { SHIPPED_RULES } from './rule-files.js';
import { testRules } from './rule-test-run.js';

export function register(program: Command): void {
  const rules = program.command('rules').description('check, test and survey detection rules');
  rules
    .command('lint')
    .description('check rules and say what is wrong or doubtful, by file, line and column')
    .argument('[dir...]', 'folders of rules', [SHIPPED_RULES])
    .option('--json', 'findings as NDJSON')
    .option('--strict', 'warnings too make exit status 2')
    .addHelpText('after', '\nExample:\n  silowatch rules lint rules')
    .action(async (places: string[], options: { json?: true; strict?: true }) => {
      process.exitCode = await lint(places, options);
    });
  rules
    .command('test')
    .description('run the events beside each rule (x.tests.yml beside x.yml) that it must find and must ignore')
    .argument('[dir...]', 'folders of rules', [SHIPPED_RULES])
    .addHelpText('after', '\nExample:\n  silowatch rules test rules')
    .action(async (places: string[]) => {
      process.exitCode = await testRules(places);
    });
  rules
    .command('coverage')
    .description('which ATT&CK techniques and which promises the rules watch')
    .argument('[dir...]', 'folders of rules', [SHIPPED_RULES])
    .option('--format <name>', 'table, json or navigator (a layer for the ATT&CK Navigator)', 'table')
    .addHelpText('after', '\nExample:\n  silowatch rules coverage --format navigator > layer.json')
    .action(async (places: string[], { format }: { format: string }) => {
      await coverage(places, format);
    });
}

async function lint(places: readonly string[], options: { json?: true; strict?: true }): Promise<number> {
  const { findings, rules } = await checkRules(places);
  for (const finding of findings) {
    const { severity, code, message, at } = finding;
    const text = `${printable(at.file)}:${at.line}:${at.column}: ${severity}: ${printable(message, 400)} [${code}]\n`;
    process.stdout.write(options.json === true ? jsonLine(finding) : text);
  }
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  const warnings = findings.length - faults;
  process.stderr.write(`${rules} rules and correlations: ${faults} faults, ${warnings} warnings\n`);
  return faults > 0 || (options.strict === true && warnings > 0) ? 2 : 0;
}

async function coverage(places: readonly string[], format: string): Promise<void> {
  const covered = await coverageOf(places);
  if (format === 'table') process.stdout.write(coverageTable(covered));
  else if (format === 'json') process.stdout.write(`${JSON.stringify(covered, undefined, 2)}\n`);
  else if (format === 'navigator') process.stdout.write(`${JSON.stringify(navigatorLayer(covered), undefined, 2)}\n`);
  else throw new CliError(`--format is table, json or navigator, not ${format}`);
}
