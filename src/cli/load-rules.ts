import { load, type Loaded, type LoadOptions, type RuleFault } from '../sigma/index.js';
import { CliError } from './cli-error.js';
import { printable } from './printable.js';
import { readRuleFiles } from './rule-files.js';

/** Rules ready to run; what could not be loaded was told on stderr, one line a fault. */
export async function loadRules(places: readonly string[], options: LoadOptions = {}): Promise<Loaded> {
  const { files, unread } = await readRuleFiles(places);
  const loaded = load(files, options);
  for (const text of [...unread, ...loaded.faults.map(faultLine)]) process.stderr.write(`silowatch: ${text}\n`);
  if (loaded.rules.length === 0) throw new CliError(`no rule could be loaded from ${places.join(', ')}`);
  return loaded;
}

export function faultLine({ code, message, at }: RuleFault): string {
  return `${printable(at.file)}:${at.line}:${at.column}: ${printable(message)} [${code}]`;
}
