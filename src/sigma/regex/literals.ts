import { type RegexNode } from './node.js';

/** Texts that a part can be, all of them, in lower case; undefined when they are too many or unknown. */
type Texts = readonly string[] | undefined;

interface Known {
  /** All that the part can match. */
  readonly exact: Texts;
  /** One of these stands in everything that the part matches. */
  readonly required: Texts;
}

const NOTHING: Known = { exact: undefined, required: undefined };
const EMPTY: Known = { exact: [''], required: undefined };

/** More alternatives than this guard nothing. */
const MAX_TEXTS = 64;

/** Literals, in lower case, one of which every text that matches must hold; undefined when there is no such set. */
export function requiredLiterals(node: RegexNode): readonly string[] | undefined {
  const known = knowledgeOf(node);
  return better(known.exact, known.required);
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

/** What is not ASCII is left out: engines differ in how they fold it. */
function ofCodes(codes: readonly number[]): Known {
  if (codes.length === 0 || codes.some((code) => code > 127)) return NOTHING;
  const texts = [...new Set(codes.map((code) => String.fromCharCode(code).toLowerCase()))];
  return { exact: texts, required: undefined };
}

function ofSequence(parts: readonly Known[]): Known {
  let run: readonly string[] = [''];
  let isExact = true;
  let required: Texts;
  for (const part of parts) {
    const joined = part.exact === undefined ? undefined : product(run, part.exact);
    if (joined !== undefined) {
      run = joined;
      continue;
    }
    required = better(required, better(run, part.required));
    required = better(required, part.exact);
    run = part.exact ?? [''];
    isExact = false;
  }
  return isExact ? { exact: run, required } : { exact: undefined, required: better(required, run) };
}

function product(left: readonly string[], right: readonly string[]): Texts {
  if (left.length * right.length > MAX_TEXTS) return undefined;
  return left.flatMap((start) => right.map((end) => start + end));
}

function ofChoice(parts: readonly Known[]): Known {
  const exact = parts.some((part) => part.exact === undefined) ? undefined : parts.flatMap((part) => part.exact ?? []);
  if (exact !== undefined && exact.length <= MAX_TEXTS) return { exact: [...new Set(exact)], required: undefined };
  const required: string[] = [];
  for (const part of parts) {
    const texts = better(part.exact, part.required);
    if (texts === undefined) return NOTHING;
    required.push(...texts);
  }
  return { exact: undefined, required: required.length > MAX_TEXTS * 4 ? undefined : required };
}

function ofRepeat(body: Known, min: number, max: number): Known {
  if (min === 0) {
    return max === 1 && body.exact !== undefined ? { exact: ['', ...body.exact], required: undefined } : NOTHING;
  }
  let exact: Texts = [''];
  for (let count = 0; count < Math.min(min, 32) && exact !== undefined && body.exact !== undefined; count++) {
    exact = product(exact, body.exact) ?? (count > 0 ? exact : undefined);
  }
  const required = better(body.exact === undefined ? undefined : exact, better(body.exact, body.required));
  return min === max && min === 1 ? body : { exact: undefined, required };
}

/** The set that fewer texts will hold by chance; one with an empty or single-character literal is no good. */
function better(left: Texts, right: Texts): Texts {
  const leftCost = costOf(left);
  const rightCost = costOf(right);
  if (leftCost === Infinity && rightCost === Infinity) return undefined;
  return leftCost <= rightCost ? left : right;
}

function costOf(texts: Texts): number {
  if (texts === undefined || texts.length === 0) return Infinity;
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
