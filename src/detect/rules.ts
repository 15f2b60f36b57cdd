import { createHash } from 'node:crypto';
import { type Consumer, load, type Loaded, type RuleFault, type RuleFile } from '../sigma/index.js';

/** A compiled set of rules, found again by the hash of what it was made of. */
export interface Rules {
  readonly sha256: string;
  readonly files: readonly RuleFile[];
  readonly loaded: Loaded;
  readonly byHash: ReadonlyMap<string, Consumer>;
  /** By id: how many correlations, one feeding the next, lie below one that others feed; those that rules alone feed are not in it. */
  readonly depths: ReadonlyMap<string, number>;
}

export function compileRules(files: readonly RuleFile[]): Rules {
  const loaded = load(files);
  const byHash = new Map<string, Consumer>();
  for (const consumers of loaded.consumers.values()) {
    for (const consumer of consumers) byHash.set(consumer.hash, consumer);
  }
  return { sha256: hashOf(files), files, loaded, byHash, depths: depthsOf(loaded, [...byHash.values()]) };
}

/** The loader refuses circles, so that this ends. */
function depthsOf({ consumers }: Loaded, all: readonly Consumer[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (let from = all.filter(({ isRelayed }) => isRelayed); from.length > 0;) {
    const deeper = new Set<Consumer>();
    for (const { correlation } of from) {
      const depth = (depths.get(correlation.id) ?? 0) + 1;
      for (const fed of consumers.get(correlation.id) ?? []) {
        if ((depths.get(fed.correlation.id) ?? 0) >= depth) continue;
        depths.set(fed.correlation.id, depth);
        deeper.add(fed);
      }
    }
    from = [...deeper];
  }
  return depths;
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
