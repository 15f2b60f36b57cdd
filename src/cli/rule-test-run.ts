import { styleText } from 'node:util';
import { load } from '../sigma/index.js';
import { CliError } from './cli-error.js';
import { faultLine } from './load-rules.js';
import { printable } from './printable.js';
import { readRuleFiles } from './rule-files.js';
import { runTestsBeside, type TestResult } from './rule-tests.js';

/** Runs all tests below the folders and tells how they went. Exit status 0 all passed, 1 some failed, 2 rules do not load. */
export async function testRules(places: readonly string[]): Promise<number> {
  const { files } = await readRuleFiles(places);
  if (files.length === 0) throw new CliError(`no rule file below ${places.join(', ')}`);
  const rules = load(files);
  for (const fault of rules.faults) process.stderr.write(`silowatch: ${faultLine(fault)}\n`);
  const results: TestResult[] = [];
  const untested: string[] = [];
  for (const { path } of files) {
    const run = await runTestsBeside(path, rules);
    if (run === undefined) untested.push(path);
    else results.push(...run);
  }
  const failed = results.filter(({ isPassed }) => !isPassed);
  for (const result of failed) tell(result);
  const passed = results.length - failed.length;
  const without = untested.length > 0 ? `, ${untested.length} rule files without tests` : '';
  process.stdout.write(
    `${passed} passed, ${failed.length} failed in ${files.length - untested.length} files${without}\n`,
  );
  if (rules.faults.length > 0) return 2;
  return failed.length > 0 ? 1 : 0;
}

function tell({ file, title, kind, reasons }: TestResult): void {
  const word = styleText('red', 'failed', { stream: process.stdout });
  process.stdout.write(`${word} ${printable(file)}: ${kind} ${printable(title)}\n`);
  for (const reason of reasons) process.stdout.write(`    ${printable(reason, 500)}\n`);
}
