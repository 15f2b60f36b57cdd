import { readFileSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type RuleFault, type RuleFile } from '../sigma/index.js';
import { CliError, systemReason } from './cli-error.js';

/** The rules that Silowatch ships with. */
export const SHIPPED_RULES = path.resolve(import.meta.dirname, '../../rules');

/** A rule file is a page of text; beyond this something else lies in the folder. */
const MAX_RULE_FILE_BYTES = 4 * 1024 * 1024;

const TESTS = /\.tests\.ya?ml$/;
const YAML = /\.ya?ml$/;

export interface RuleFilesRead {
  readonly files: readonly RuleFile[];
  /** Files that were left aside, with the reason. */
  readonly unread: readonly RuleFault[];
}

/** Every rule file below the folders (or the files themselves), in a stable order; tests beside rules are left out. */
export async function readRuleFiles(places: readonly string[]): Promise<RuleFilesRead> {
  const paths: string[] = [];
  for (const place of places) paths.push(...(await yamlBelow(place)).filter((file) => !TESTS.test(file)));
  const files: RuleFile[] = [];
  const unread: RuleFault[] = [];
  for (const file of new Set(paths)) {
    // Thousands of small files: waiting for each would take longer than reading it, and nothing else runs yet.
    if (statSync(file).size > MAX_RULE_FILE_BYTES) unread.push(tooLarge(file));
    else files.push({ path: file, text: readFileSync(file, 'utf8') });
  }
  return { files, unread };
}

function tooLarge(file: string): RuleFault {
  return { code: 'FILE_TOO_LARGE', message: 'over 4 MiB, not read as a rule', at: { file, line: 1, column: 1 } };
}

/** YAML files below a folder, sorted; a file stands for itself. */
export async function yamlBelow(place: string): Promise<string[]> {
  try {
    if ((await stat(place)).isFile()) return [place];
    const entries = await readdir(place, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && YAML.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    throw new CliError(`cannot read rules from ${place}: ${systemReason(error)}`);
  }
}

/**
 * `--rules` takes several places and so swallows log files that follow it: what is neither a folder nor named like a
 * rule file is a log.
 */
export async function splitPlaces(given: readonly string[]): Promise<{ rules: string[]; logs: string[] }> {
  const rules: string[] = [];
  const logs: string[] = [];
  for (const [index, place] of given.entries()) {
    const isRules = index === 0 || YAML.test(place) || (await isFolder(place));
    (isRules ? rules : logs).push(place);
  }
  return { rules, logs };
}

async function isFolder(place: string): Promise<boolean> {
  try {
    return (await stat(place)).isDirectory();
  } catch {
    return false;
  }
}
