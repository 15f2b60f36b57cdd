import { RE2JS } from 're2js';
import { requiredLiterals } from './literals.js';
import { type RegexFlags } from './flags.js';

/** A rule's regular expression, which no text can make run long. */
export interface CompiledRegex {
  readonly test: (text: string) => boolean;
  /** Literals one of which every text that matches holds; undefined when there is no such set. */
  readonly literals: readonly string[] | undefined;
}

/** Compiles a rule's regular expression for an unanchored search; a text says why it cannot be. */
export function compileRegex(source: string, flags: RegexFlags): CompiledRegex | string {
  try {
    const bits =
      (flags.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
      (flags.multiline ? RE2JS.MULTILINE : 0) |
      (flags.dotAll ? RE2JS.DOTALL : 0);
    const compiled = RE2JS.compile(source, bits);
    return { test: (text) => compiled.matcher(text).find(), literals: requiredLiterals(source, flags) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
