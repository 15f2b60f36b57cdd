import { type RegexNode } from './node.js';

/** Texts that a part can be, all of them, in lower case; undefined when they are too many or unknown. */
type Texts = readonly string[] | undefined;

interface Known {
  /** All that the part can match. */
  readonly exact: Texts;
  /** Of each of these sets, one stands in everything that the part matches. */
  readonly required: readonly TextSet[];
}

type TextSet = readonly string[];

const NOTHING: Known = { exact: undefined, required: [] };
const EMPTY: Known = { exact: [''], required: [] };

/** More alternatives than this guard nothing. */
const MAX_TEXTS = 64;

/** Further sets turn away too few texts for what they take. */
const MOST_SETS = 3;

/** One that more than this share of texts will hold is no use beside a better one. */
const MOST_SHARE = 0.6;

/**
 * Sets of literals, in lower case, of each of which every text that matches must hold one; the set that fewest texts
 * will hold comes first. None when nothing is known.
 */
export function requiredLiterals(node: RegexNode): readonly (readonly string[])[] {
  const [first, ...more] = setsOf(knowledgeOf(node));
  if (first === undefined) return [];
  return [first, ...more.filter((set) => costOf(set) <= MOST_SHARE)].slice(0, MOST_SETS);
}

/** All that is known to be required, the best first. */
function setsOf({ exact, required }: Known): readonly TextSet[] {
  const sets = exact === undefined ? required : [exact, ...required];
  return sets.filter((set) => costOf(set) < Infinity).sort((left, right) => costOf(left) - costOf(right));
}

function knowledgeOf(node: RegexNode): Known {
  switch (node.kind) {
    case 'char':
      return ofCodes([node.code]);
    case 'class':
      return node.codes === undefined ? NOTHING : ofCodes(node.codes);
    case 'edge':
    case 'look':
      return EMPTY;
    case 'sequence':
      return ofSequence(node.parts.map(knowledgeOf));
    case 'choice':
      return ofChoice(node.parts.map(knowledgeOf));
    case 'repeat':
      return ofRepeat(knowledgeOf(node.body), node.min, node.max);
  }
}

/** What has two cases and is not ASCII is left out: engines differ in how they fold it. */
function ofCodes(codes: readonly number[]): Known {
  if (codes.length === 0 || !codes.every(hasKnownCase)) return NOTHING;
  const texts = [...new Set(codes.map((code) => String.fromCodePoint(code).toLowerCase()))];
  return { exact: texts, required: [] };
}

function hasKnownCase(code: number): boolean {
  if (code <= 0x7f) return true;
  const text = String.fromCodePoint(code);
  return /^[\p{P}\p{Z}]$/u.test(text) && text.toLowerCase() === text && text.toUpperCase() === text;
}

function ofSequence(parts: readonly Known[]): Known {
  let run: TextSet = [''];
  let isExact = true;
  const required: TextSet[] = [];
  for (const part of parts) {
    const joined = part.exact === undefined ? undefined : product(run, part.exact);
    required.push(...part.required);
    if (joined !== undefined) {
      run = joined;
      continue;
    }
    required.push(run);
    run = part.exact ?? [''];
    isExact = false;
  }
  if (isExact) return { exact: run, required };
  return { exact: undefined, required: [...required, run].filter((set) => costOf(set) < Infinity) };
}

function product(left: readonly string[], right: readonly string[]): Texts {
  if (left.length * right.length > MAX_TEXTS) return undefined;
  return left.flatMap((start) => right.map((end) => start + end));
}

function ofChoice(parts: readonly Known[]): Known {
  const exact = parts.some((part) => part.exact === undefined) ? undefined : parts.flatMap((part) => part.exact ?? []);
  if (exact !== undefined && exact.length <= MAX_TEXTS) return { exact: [...new Set(exact)], required: [] };
  const sets = parts.map(setsOf);
  if (sets.some(({ length }) => length === 0)) return NOTHING;
  const most = Math.min(MOST_SETS, Math.max(...sets.map(({ length }) => length)));
  // Whichever part it is, each of its sets is met; a part with fewer of them gives its last one again.
  const required = Array.from({ length: most }, (_, at) => [
    ...new Set(sets.flatMap((of) => of[at] ?? of.at(-1) ?? [])),
  ]);
  return { exact: undefined, required: required.filter(({ length }) => length <= MAX_TEXTS * 4) };
}

function ofRepeat(body: Known, min: number, max: number): Known {
  if (min === 0) return max === 1 && body.exact !== undefined ? { exact: ['', ...body.exact], required: [] } : NOTHING;
  if (min === 1 && max === 1) return body;
  let exact: Texts = [''];
  for (let count = 0; count < Math.min(min, 32) && exact !== undefined && body.exact !== undefined; count++) {
    exact = product(exact, body.exact) ?? (count > 0 ? exact : undefined);
  }
  const repeated = body.exact === undefined || exact === undefined ? [] : [exact];
  return { exact: undefined, required: [...repeated, ...setsOf(body)] };
}

/** A guess at the share of texts that hold one of these; endless where one of them is empty. */
function costOf(texts: TextSet): number {
  if (texts.length === 0) return Infinity;
  let cost = 0;
  for (const text of texts) cost += text.length === 0 ? Infinity : shareOf(text);
  return cost;
}

/** A guess at the share of texts that hold this one. */
function shareOf(text: string): number {
  let share = 1;
  for (let at = 0; at < Math.min(text.length, 12); at++) {
    const char = text.charAt(at);
    share *= /[a-z0-9]/.test(char) ? 0.25 : FREQUENT_SIGNS.includes(char) ? 0.5 : 0.12;
  }
  return share;
}

/** Signs that stand in nearly every address and path. */
const FREQUENT_SIGNS = ' /.:-_=&?';
