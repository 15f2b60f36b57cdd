import { createHash } from 'node:crypto';
import { type Consumer, load, type Loaded, type RuleFault, type RuleFile } from '../sigma/index.js';

/** A compiled set of rules, found again by the hash of what it was made of. */
export interface Rules {
  readonly sha256: string;
  readonly files: readonly RuleFile[];
  readonly loaded: Loaded;
  readonly byHash: ReadonlyMap<string, Consumer>;
  /** Hashes of correlations that other correlations feed. */
  readonly chained: ReadonlySet<string>;
}

export function compileRules(files: readonly RuleFile[]): Rules {
  const loaded = load(files);
  const byHash = new Map<string, Consumer>();
  for (const consumers of loaded.consumers.values()) {
    for (const consumer of consumers) byHash.set(consumer.hash, consumer);
  }
  const relayed = [...byHash.values()].filter(({ isRelayed }) => isRelayed);
  const fed = relayed.flatMap(({ correlation }) => loaded.consumers.get(correlation.id) ?? []);
  return { sha256: hashOf(files), files, loaded, byHash, chained: new Set(fed.map(({ hash }) => hash)) };
}

function hashOf(files: readonly RuleFile[]): string {
  const hash = createHash('sha256');
  for (const { path, text } of files) hash.update(`${path.length} ${path} ${text.length} ${text}`);
  return hash.digest('hex');
}

export interface NextRules {
  readonly rules: Rules;
  /** What is wrong with the files as they are now; those stand in `kept` where an earlier version of them is used. */
  readonly faults: readonly RuleFault[];
  readonly kept: readonly string[];
}

/**
 * The rules of these files; a file with a fault is used as it last was without one (`good`, by path, which is brought up to date), since a
 * rule that vanishes for a typing error is a hole in the watch.
 */
export function nextRules(files: readonly RuleFile[], good: Map<string, RuleFile>): NextRules {
  const rules = compileRules(files);
  const faulty = new Set(rules.loaded.faults.map(({ at }) => at.file));
  const kept = files.filter(({ path }) => faulty.has(path) && good.has(path)).map(({ path }) => path);
  for (const file of files) if (!faulty.has(file.path)) good.set(file.path, file);
  if (kept.length === 0) return { rules, faults: rules.loaded.faults, kept };
  const mended = files.map((file) => (faulty.has(file.path) ? (good.get(file.path) ?? file) : file));
  return { rules: compileRules(mended), faults: rules.loaded.faults, kept };
}
