import { type RegexNode } from './node.js';

/** A range that rises whatever its other end is. */
const RANGE = '[01]-[1-9]|2-[2-9]|[0-9]-9|a-[a-z]|[a-z]-z|A-[A-Z]|[A-Z]-Z';
const CLASS_PART = String.raw`[^\\[\]^\-\x00-\x1f\x7f-\uffff]|\\[dDwWsS\\\]\[^\-./]|${RANGE}`;
const CLASS = String.raw`\[\^?-?(?:${CLASS_PART})+-?\]`;
const PUNCTUATION = String.raw`[!-/:-@[-\x60{-~]`;
const ATOM = String.raw`[^\\()[\]{}*+?|^$\x00-\x1f\x7f-\uffff]|\\[dDwWsS]|\\${PUNCTUATION}|\)|${CLASS}`;
const QUANTIFIER = String.raw`(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??`;
const OTHER = String.raw`[|^$]|\\[bB]|\((?:\?:|(?!\?))`;
const COMMON = new RegExp(String.raw`^(?:\(\?i\))?(?:(?:${ATOM})(?:${QUANTIFIER})?|${OTHER})*$`);

/** RE2 allows so many repetitions, those within others multiplied. */
const MOST_REPETITIONS = 1_000;

/** It also refuses what becomes too large, far beyond so many characters, repetitions written out. */
const LONGEST_WRITTEN_OUT = 100_000;

/**
 * Whether RE2 is certain to take an expression, which our own parser read as `node`: one of the parts that all expressions
 * are made of. It need not be given to RE2 to know that.
 */
export function isCertainlySound(source: string, node: RegexNode): boolean {
  const repetitions = repetitionsIn(node);
  const isSmall = repetitions <= MOST_REPETITIONS && repetitions * source.length <= LONGEST_WRITTEN_OUT;
  return isSmall && COMMON.test(source);
}

/** The most often that anything in it is repeated by count; more than any bound where a count falls from least to most. */
function repetitionsIn(node: RegexNode): number {
  switch (node.kind) {
    case 'sequence':
    case 'choice':
      return Math.max(1, ...node.parts.map(repetitionsIn));
    case 'repeat': {
      const count = node.max === Infinity ? node.min : node.max;
      return count < node.min ? Infinity : Math.max(1, count) * repetitionsIn(node.body);
    }
    case 'look':
      return Infinity;
    case 'char':
    case 'class':
    case 'edge':
      return 1;
  }
}
