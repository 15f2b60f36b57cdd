import { type Command } from 'commander';
import { CliError } from './cli-error.js';
import { type LintOptions, lintRules } from './rule-lint-run.js';
import { coverageOf, coverageTable, navigatorLayer } from './rule-coverage.js';
import { SHIPPED_RULES } from './rule-files.js';
import { measureNoise } from './rule-noise.js';
import { loadRules } from './load-rules.js';
import { rulePage } from './rule-page.js';
import { testRules } from './rule-test-run.js';

export function register(program: Command): void {
  const rules = program
    .command('rules')
    .description('check, test and survey detection rules')
    .addHelpText('after', '\nExamples:\n  silowatch rules lint rules\n  silowatch rules test rules');
  rules
    .command('lint')
    .description('check rules and say what is wrong or doubtful, by file, line and column')
    .argument('[dir...]', 'folders of rules', [SHIPPED_RULES])
    .option('--json', 'findings as NDJSON')
    .option('--strict', 'warnings too make exit status 2')
    .option('--ignore <codes>', 'leave out findings with these codes, separated by commas')
    .option('--costs', 'list each rule with how often it has to be tried instead, dearest first')
    .addHelpText(
      'after',
      '\nExit status: 0 nothing faulty, 2 faults.\n\nExamples:\n  silowatch rules lint rules\n  silowatch rules lint --ignore TESTS_MISSING,FALSEPOSITIVES_MISSING rules',
    )
    .action(async (places: string[], options: LintOptions) => {
      process.exitCode = await lintRules(places, options);
    });
  rules
    .command('test')
    .description('run the events beside each rule (x.tests.yml beside x.yml) that it must find and must ignore')
    .argument('[dir...]', 'folders of rules', [SHIPPED_RULES])
    .option('--jobs <n>', 'threads to run them on; by default one for each processor, fewer for few tests')
    .addHelpText(
      'after',
      '\nExit status: 0 all passed, 1 some failed, 2 rules do not load.\n\nExample:\n  silowatch rules test rules',
    )
    .action(async (places: string[], { jobs }: { jobs?: string }) => {
      process.exitCode = await testRules(places, jobs === undefined ? undefined : whole(jobs));
    });
  rules
    .command('coverage')
    .description('which ATT&CK techniques and which promises the rules watch')
    .argument('[dir...]', 'folders of rules', [SHIPPED_RULES])
    .option(
      '--format <name>',
      'table, json, page (the shipped rules alone, as Markdown with their noise) or navigator (a layer for the ATT&CK Navigator)',
      'table',
    )
    .addHelpText('after', '\nExample:\n  silowatch rules coverage --format navigator > layer.json')
    .action(async (places: string[], { format }: { format: string }) => {
      await coverage(places, format);
    });
  rules
    .command('noise')
    .description(
      'how many alerts a day of harmless, made-up traffic raises; exit status 1 for an incident or twenty alerts',
    )
    .argument('[dir...]', 'folders of rules', [SHIPPED_RULES])
    .option('--silos <n>', 'customers', '50')
    .option('--people <n>', 'people of a customer of middle size', '12')
    .option('--seed <n>', 'start of the chances', '1')
    .addHelpText('after', '\nExample:\n  silowatch rules noise rules --silos 10')
    .action(async (places: string[], options: { silos: string; people: string; seed: string }) => {
      process.exitCode = await noise(places, options);
    });
}

/** Rules that learn do so for a week; the ninth day is counted. */
const LEARNING_DAYS = 8;
const ALERT_BUDGET = 20;

async function noise(
  places: readonly string[],
  { silos, people, seed }: { silos: string; people: string; seed: string },
): Promise<number> {
  const options = { silos: whole(silos), people: whole(people), seed: whole(seed), learningDays: LEARNING_DAYS };
  const measured = measureNoise(await loadRules(places), options, (day) =>
    process.stderr.write(`day ${day + 1} of ${LEARNING_DAYS + 1}\n`),
  );
  process.stdout.write(`${JSON.stringify(measured, undefined, 2)}\n`);
  return measured.incidents > 0 || measured.alerts >= ALERT_BUDGET ? 1 : 0;
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new CliError(`${text} is no whole number from 1 to 999999`);
  return Number(text);
}

async function coverage(places: readonly string[], format: string): Promise<void> {
  if (format === 'page') {
    process.stdout.write(await rulePage());
    return;
  }
  const covered = await coverageOf(places);
  if (format === 'table') process.stdout.write(coverageTable(covered));
  else if (format === 'json') process.stdout.write(`${JSON.stringify(covered, undefined, 2)}\n`);
  else if (format === 'navigator') process.stdout.write(`${JSON.stringify(navigatorLayer(covered), undefined, 2)}\n`);
  else throw new CliError(`--format is table, json, page or navigator, not ${format}`);
}
