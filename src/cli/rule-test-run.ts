import { availableParallelism } from 'node:os';
import { access } from 'node:fs/promises';
import { styleText } from 'node:util';
import { load } from '../sigma/index.js';
import { CliError } from './cli-error.js';
import { faultLine } from './load-rules.js';
import { printable } from './printable.js';
import { progressTo } from './progress.js';
import { readRuleFiles } from './rule-files.js';
import { runTestsBeside, testFileOf, type TestResult } from './rule-tests.js';
import { runOnThreads } from './rule-test-threads.js';

/** Test files that are worth a thread of their own, which has to load the rules again. */
const FILES_PER_THREAD = 12;

/** Runs all tests below the folders and tells how they went. Exit status 0 all passed, 1 some failed, 2 rules do not load. */
export async function testRules(places: readonly string[], jobs?: number): Promise<number> {
  const { files, unread } = await readRuleFiles(places);
  if (files.length === 0) throw new CliError(`no rule file below ${places.join(', ')}`);
  const rules = load(files);
  const faults = [...unread, ...rules.faults];
  for (const fault of faults) process.stderr.write(`silowatch: ${faultLine(fault)}\n`);
  const tested: string[] = [];
  for (const { path } of files) if (await exists(testFileOf(path))) tested.push(path);
  const progress = progressTo(tested.length);
  const onDone = (): void => progress.add(1);
  const threads = jobs ?? Math.min(availableParallelism(), Math.ceil(tested.length / FILES_PER_THREAD));
  let results: readonly TestResult[];
  try {
    results = threads > 1 ? await runOnThreads(places, tested, threads, onDone) : await runHere(rules, tested, onDone);
  } finally {
    progress.stop();
  }
  const failed = results.filter(({ isPassed }) => !isPassed);
  for (const result of failed) tell(result);
  const untested = files.length - tested.length;
  const without = untested > 0 ? `, ${untested} rule files without tests` : '';
  const passed = results.length - failed.length;
  process.stdout.write(`${passed} passed, ${failed.length} failed in ${tested.length} files${without}\n`);
  if (faults.length > 0) return 2;
  return failed.length > 0 ? 1 : 0;
}

async function runHere(
  rules: ReturnType<typeof load>,
  tested: readonly string[],
  onDone: () => void,
): Promise<readonly TestResult[]> {
  const results: TestResult[] = [];
  for (const path of tested) {
    results.push(...((await runTestsBeside(path, rules)) ?? []));
    onDone();
  }
  return results;
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}

function tell({ file, title, kind, reasons }: TestResult): void {
  const word = styleText('red', 'failed', { stream: process.stdout });
  process.stdout.write(`${word} ${printable(file)}: ${kind} ${printable(title)}\n`);
  for (const reason of reasons) process.stdout.write(`    ${printable(reason, 500)}\n`);
}
