import { MAX_RECORD_BYTES } from './parsed-record.js';
import { beginsCsvlog, CSVLOG_COLUMNS } from './postgresql.js';

/** A line among others, without its newline; without bytes when it was too long to be kept. */
interface Line {
  readonly bytes: Buffer | undefined;
}

/** Most lines of one record: beyond the longest statements that people write, and few enough to be kept meanwhile. */
export const MAX_CSVLOG_LINES = 50_000;

const COMMA = 44;
const NEWLINE = 10;
const QUOTE = 34;
const RETURN = 13;

/** How far a row is after a line of it: `open` within quotes; `whole` with as many columns as csvlog has; `broken` otherwise. */
type RowState = 'open' | 'whole' | 'broken';

/** A row of CSV that is read line by line (RFC 4180): a newline within quotes is part of a value, as PostgreSQL writes it. */
class CsvRow {
  #columns = 0;
  #isQuoted = false;

  /** Reads the line from `from` up to its newline, or the end, at `end`. */
  read(bytes: Buffer, from: number, end: number): RowState {
    let at = from;
    while (this.#isQuoted || at <= end) {
      if (!this.#isQuoted && bytes[at] !== QUOTE) {
        const comma = placeOf(COMMA, bytes, at, end);
        at = comma + 1;
      } else {
        const closing = closingQuote(bytes, this.#isQuoted ? at : at + 1, end);
        this.#isQuoted = closing === end;
        if (this.#isQuoted) return 'open';
        at = closing + 1;
        const isLast = at === end || (at === end - 1 && bytes[at] === RETURN);
        if (!isLast && bytes[at] !== COMMA) return 'broken';
        at = isLast ? end + 1 : at + 1;
      }
      this.#columns += 1;
      if (this.#columns > CSVLOG_COLUMNS.most) return 'broken';
    }
    return this.#columns < CSVLOG_COLUMNS.fewest ? 'broken' : 'whole';
  }
}

/** Before `end`, or `end`; looks no further, as `indexOf` would. */
function placeOf(byte: number, bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== byte) at += 1;
  return at;
}

/** A doubled quote is part of the value. */
function closingQuote(bytes: Buffer, from: number, end: number): number {
  let at = placeOf(QUOTE, bytes, from, end);
  while (at + 1 < end && bytes[at + 1] === QUOTE) at = placeOf(QUOTE, bytes, at + 2, end);
  return at;
}

/**
 * Where the csvlog record that begins at `at` ends (at a newline, or behind the last byte); undefined when none begins there, or none that
 * becomes a whole row within the limits: then the lines stand for themselves. In each row at most as many can be tried in vain as it has
 * columns, so that all rows of a body together cost no more than a fixed number of looks at each byte.
 */
export function csvlogEnd(bytes: Buffer, at: number): number | undefined {
  if (!beginsCsvlog(bytes, at)) return undefined;
  const row = new CsvRow();
  const limit = Math.min(bytes.length, at + MAX_RECORD_BYTES);
  for (let from = at, lines = 1; from <= limit && lines <= MAX_CSVLOG_LINES; lines += 1) {
    const end = placeOf(NEWLINE, bytes, from, limit);
    // Cut off by the limit, not by its newline.
    if (end === limit && limit < bytes.length && bytes[limit] !== NEWLINE) return undefined;
    const state = row.read(bytes, from, end);
    if (state !== 'open') return state === 'whole' ? end : undefined;
    from = end + 1;
  }
  return undefined;
}

/** The same for lines that come bit by bit: those of one record become one at the place of the first, others stay as they are. */
export class CsvlogJoiner<L extends Line> {
  #row = new CsvRow();
  /** Lines of the record that is open. */
  #held: L[] = [];
  #heldBytes = 0;

  /** The lines that are settled by these, in order. */
  take(lines: readonly L[]): readonly L[] {
    if (this.#held.length === 0 && !lines.some(begins)) return lines;
    const settled: L[] = [];
    for (const line of lines) this.#settle([line], settled);
    return settled;
  }

  /** What is left when no more lines come. */
  end(): readonly L[] {
    const settled: L[] = [];
    while (this.#held.length > 0) this.#settle(this.#givenUp(settled), settled);
    return settled;
  }

  #settle(lines: readonly L[], settled: L[]): void {
    // The next one is the last.
    const waiting = lines.toReversed();
    for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
      if (this.#held.length === 0 && !begins(line)) {
        settled.push(line);
        continue;
      }
      const state = this.#read(line);
      if (state === 'open') continue;
      const [first] = this.#held;
      if (first !== undefined && state === 'whole') {
        settled.push(this.#held.length === 1 ? first : { ...first, bytes: lined(this.#held) });
        this.#held = [];
      } else {
        for (const again of this.#givenUp(settled).toReversed()) waiting.push(again);
      }
    }
  }

  /** Adds the line to those of the open record, or opens one with it. */
  #read(line: L): RowState {
    if (this.#held.length === 0) {
      this.#row = new CsvRow();
      this.#heldBytes = -1;
    }
    this.#held.push(line);
    const { bytes } = line;
    if (bytes === undefined || this.#held.length > MAX_CSVLOG_LINES) return 'broken';
    this.#heldBytes += bytes.length + 1;
    return this.#heldBytes > MAX_RECORD_BYTES ? 'broken' : this.#row.read(bytes, 0, bytes.length);
  }

  /** The first line stands for itself; the others are to be looked at once more. */
  #givenUp(settled: L[]): readonly L[] {
    const [first, ...others] = this.#held;
    if (first !== undefined) settled.push(first);
    this.#held = [];
    return others;
  }
}

const begins = ({ bytes }: Line): boolean => bytes !== undefined && beginsCsvlog(bytes, 0);

const LINE_END = Buffer.from('\n');

function lined(lines: readonly Line[]): Buffer {
  const parts = lines.flatMap(({ bytes = LINE_END }, index) => (index === 0 ? [bytes] : [LINE_END, bytes]));
  return Buffer.concat(parts);
}
