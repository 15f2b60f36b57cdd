import { MAX_RECORD_BYTES } from '../ingest/formats/parsed-record.js';
import { type Matcher, type Rule } from '../sigma/index.js';
import { type LineBlock } from './line-blocks.js';
import { lineEnd } from './log-lines.js';
import { MatchOutput } from './match-output.js';

/** What a block of lines came to. */
export interface BlockResult {
  /** Lines of NDJSON, one for each match. */
  readonly output: Uint8Array;
  readonly lines: number;
  readonly events: number;
  readonly matches: number;
  /** Time in the engine alone. */
  readonly matchMs: number;
  /** Numbers of the lines that are no JSON objects. */
  readonly unreadable: readonly number[];
}

/** Matches blocks of lines, each line by itself: of its bytes the engine reads what its rules ask for, and no more. */
export class BlockMatcher {
  readonly #output = new MatchOutput();

  constructor(private readonly matcher: Matcher) {}

  /** `line` is the number of the block's first line. */
  match({ bytes, start, end, isAfterOverlong }: LineBlock, line: number): BlockResult {
    const unreadable: number[] = isAfterOverlong ? [line] : [];
    const matchedLines: number[] = [];
    const matched: (readonly Rule[])[] = [];
    const startedMs = performance.now();
    let number = isAfterOverlong ? line + 1 : line;
    let events = 0;
    for (let from = start; from < end; number++) {
      const to = lineEnd(bytes, from, end);
      const rules = to - from > MAX_RECORD_BYTES ? undefined : this.matcher.matchJson(bytes, from, to);
      if (rules !== undefined) events += 1;
      else if (isUnreadable(bytes, from, to)) unreadable.push(number);
      if (rules !== undefined && rules.length > 0) {
        matchedLines.push(number);
        matched.push(rules);
      }
      from = to + 1;
    }
    const matchMs = performance.now() - startedMs;
    let matches = 0;
    for (const [index, rules] of matched.entries()) {
      matches += rules.length;
      for (const rule of rules) this.#output.match(matchedLines[index] ?? 0, rule);
    }
    return { output: this.#output.take(), lines: number - line, events, matches, matchMs, unreadable };
  }
}

/** Whether a line that is no event is at fault, and not just empty. */
export function isUnreadable(bytes: Buffer, from: number, to: number): boolean {
  return to - from > MAX_RECORD_BYTES || bytes.toString('utf8', from, to).trim() !== '';
}

/** How many lines the block holds, an over-long one before it included. */
export function linesIn({ bytes, start, end, isAfterOverlong }: LineBlock): number {
  let lines = isAfterOverlong ? 1 : 0;
  for (let from = start; from < end; lines++) from = lineEnd(bytes, from, end) + 1;
  return lines;
}
