import { CsvlogJoiner } from '../ingest/formats/join-csvlog.js';
import { MAX_RECORD_BYTES } from '../ingest/formats/parsed-record.js';
import { beginsPacked, unpacked } from '../ingest/intake/unpack.js';
import { MAX_BODY_BYTES } from '../ingest/intake/unit.js';
import { fileBlocks, type LineBlock, type LongLines } from './line-blocks.js';

/** Clouds write files of one line, as large as a body of the intake may be. */
const PACKED: LongLines = { maxBytes: MAX_BODY_BYTES, isKept: beginsPacked };

/** One line of a log; without bytes when it was longer than a record may be. Line numbers count from 1. */
export interface LogLine {
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

/** What a log has for records, as far as it was read. */
export interface RecordBatch {
  /** Each under the number of its first line. */
  readonly records: readonly LogLine[];
  /** Lines read so far. */
  readonly lines: number;
}

/**
 * The records of a file, plain or gzip as its first bytes say, or of stdin for `-`: its lines, but those of one csvlog record together, and lines that are
 * several records taken apart. What was held when reading fails comes before the error. Memory stays constant.
 */
export async function* logRecords(file: string, onBytes: (count: number) => void): AsyncGenerator<RecordBatch> {
  yield* recordsIn(splitLines(fileBlocks(file, onBytes, PACKED)));
}

export async function* recordsIn(batches: AsyncIterable<readonly LogLine[]>): AsyncGenerator<RecordBatch> {
  const csvlog = new CsvlogJoiner<LogLine>();
  let lines = 0;
  let failed: { readonly error: unknown } | undefined;
  try {
    for await (const read of batches) {
      lines = read.at(-1)?.number ?? lines;
      yield { records: apart(csvlog.take(read)), lines };
    }
  } catch (error) {
    failed = { error };
  }
  yield { records: apart(csvlog.end()), lines };
  if (failed !== undefined) throw failed.error;
}

/** Each record within the largest size, under the number of the line that it stands in. */
function apart(lines: readonly LogLine[]): readonly LogLine[] {
  const records: LogLine[] = [];
  for (const line of lines) {
    const within = line.bytes === undefined ? undefined : unpacked(line.bytes);
    if (within === undefined) records.push(withinSize(line));
    else for (const bytes of within) records.push(withinSize({ number: line.number, bytes }));
  }
  return records;
}

const withinSize = (line: LogLine): LogLine =>
  line.bytes !== undefined && line.bytes.length > MAX_RECORD_BYTES ? { number: line.number, bytes: undefined } : line;

/** Cuts blocks into lines that may be kept. */
export async function* splitLines(blocks: AsyncIterable<LineBlock>): AsyncGenerator<LogLine[]> {
  let number = 0;
  for await (const { bytes, start, end, isAfterOverlong } of blocks) {
    const kept = Buffer.from(bytes.subarray(start, end));
    const lines: LogLine[] = [];
    if (isAfterOverlong) lines.push({ number: ++number, bytes: undefined });
    for (let from = 0; from < kept.length;) {
      const to = lineEnd(kept, from, kept.length);
      const isOverlong = to - from > MAX_RECORD_BYTES && !beginsPacked(kept, from);
      lines.push({ number: ++number, bytes: isOverlong ? undefined : kept.subarray(from, to) });
      from = to + 1;
    }
    yield lines;
  }
}

/** Where the line that begins at `from` ends: at its newline, or at `end`. */
export function lineEnd(bytes: Buffer, from: number, end: number): number {
  const newline = bytes.indexOf(10, from);
  return newline === -1 || newline > end ? end : newline;
}
