import { load, type Loaded, type LoadOptions, type RuleFault } from '../sigma/index.js';
import { CliError } from './cli-error.js';
import { printable } from './printable.js';
import { readRuleFiles } from './rule-files.js';

/** Rules ready to run; what could not be loaded was told on stderr, one line a fault. */
export async function loadRules(places: readonly string[], options: LoadOptions = {}, maxTold = 20): Promise<Loaded> {
  const { files, unread } = await readRuleFiles(places);
  const loaded = load(files, options);
  const told = [...unread, ...loaded.faults].map(faultLine);
  for (const text of told.slice(0, maxTold)) process.stderr.write(`silowatch: ${text}\n`);
  if (told.length > maxTold) process.stderr.write(`silowatch: … and ${told.length - maxTold} more faults in rules\n`);
  if (loaded.rules.length === 0) throw new CliError(`no rule could be loaded from ${places.join(', ')}`);
  return loaded;
}

export function faultLine({ code, message, at }: RuleFault): string {
  return `${printable(at.file)}:${at.line}:${at.column}: ${printable(message, 400)} [${code}]`;
}
