import { RE2JS } from 're2js';
import { type RegexFlags } from './flags.js';
import { requiredLiterals } from './literals.js';
import { type RegexNode } from './node.js';
import { parseRegex } from './parse.js';
import { isCertainlySound } from './sound.js';

/** A rule's regular expression, which no text can make run long. */
export interface CompiledRegex {
  /** As written, with its flags: two with the same source find the same. */
  readonly source: string;
  readonly test: (text: string) => boolean;
  /** Sets of literals, in lower case, of each of which every text that matches holds one; the rarest set comes first. */
  readonly required: readonly (readonly string[])[];
  /** How much of a text it may be given (UTF-16 units). */
  readonly longest: number;
}

/**
 * Compiles a rule's regular expression for an unanchored search; a text says why it cannot be. The engine is RE2, whose
 * time is linear in the text; only what RE2 lacks, and is short by its nature, goes to the platform's own.
 */
export function compileRegex(source: string, flags: RegexFlags): CompiledRegex | string {
  const node = parseRegex(source);
  const required = node === undefined ? [] : requiredLiterals(node);
  if (node !== undefined && isCertainlySound(source, node)) {
    // Most expressions of a large set never meet a text: their program is made for the first.
    let compiled: RE2JS | undefined;
    const test = (text: string): boolean => (compiled ??= RE2JS.compile(source, bitsOf(flags))).test(text);
    return { source: written(source, flags), test, required, longest: Infinity };
  }
  try {
    const compiled = RE2JS.compile(source, bitsOf(flags));
    return { source: written(source, flags), test: (text) => compiled.test(text), required, longest: Infinity };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (node === undefined || !hasLook(node)) return reason;
    return compileBounded(source, flags, node, required);
  }
}

function bitsOf(flags: RegexFlags): number {
  return (
    (flags.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.multiline ? RE2JS.MULTILINE : 0) |
    (flags.dotAll ? RE2JS.DOTALL : 0)
  );
}

/** Look-around is not regular: it is accepted where no more than this many ways lead through the expression. */
const MAX_WAYS = 256;

/** ... of which repetitions without an end, outside one another, each count the length that a text is cut to here. */
const MAX_LOOK_TEXT = 2_048;

function compileBounded(
  source: string,
  flags: RegexFlags,
  node: RegexNode,
  required: CompiledRegex['required'],
): CompiledRegex | string {
  const endless = endlessIn(node);
  if (endless > 1 || waysThrough(node) > MAX_WAYS) {
    return 'look-around is taken only where at most one repetition has no upper bound: this could run for ever';
  }
  try {
    const compiled = new RegExp(source, lettersOf(flags));
    const test = (text: string): boolean => compiled.test(text);
    return { source: written(source, flags), test, required, longest: MAX_LOOK_TEXT };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function lettersOf(flags: RegexFlags): string {
  return `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}${flags.dotAll ? 's' : ''}`;
}

function written(source: string, flags: RegexFlags): string {
  return `/${source}/${lettersOf(flags)}`;
}

function hasLook(node: RegexNode): boolean {
  if (node.kind === 'look') return true;
  if (node.kind === 'repeat') return hasLook(node.body);
  return (node.kind === 'sequence' || node.kind === 'choice') && node.parts.some(hasLook);
}

/** Repetitions without an upper bound; one within another counts as too many. */
function endlessIn(node: RegexNode): number {
  switch (node.kind) {
    case 'sequence':
    case 'choice':
      return node.parts.reduce((sum, part) => sum + endlessIn(part), 0);
    case 'look':
      return endlessIn(node.body);
    case 'repeat': {
      const inner = endlessIn(node.body);
      if (inner > 0) return Infinity;
      return node.max === Infinity ? 1 : 0;
    }
    case 'char':
    case 'class':
    case 'edge':
      return 0;
  }
}

/** Ways that backtracking can take through bounded repetitions and choices. */
function waysThrough(node: RegexNode): number {
  switch (node.kind) {
    case 'sequence':
      return node.parts.reduce((product, part) => Math.min(product * waysThrough(part), Infinity), 1);
    case 'choice':
      return node.parts.reduce((sum, part) => sum + waysThrough(part), 0);
    case 'look':
      return waysThrough(node.body);
    case 'repeat': {
      const ways = waysThrough(node.body);
      if (node.max === Infinity) return ways === 1 ? 1 : Infinity;
      return ways === 1 ? node.max - node.min + 1 : ways ** Math.max(1, node.max);
    }
    case 'char':
    case 'class':
    case 'edge':
      return 1;
  }
}
