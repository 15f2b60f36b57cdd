import { type RegexFlags } from './flags.js';

/** Literals one of which every text that matches must hold; undefined when there is no such set. */
export function requiredLiterals(_source: string, _flags: RegexFlags): readonly string[] | undefined {
  return undefined;
}
