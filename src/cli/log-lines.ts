import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { MAX_RECORD_BYTES } from '../ingest/formats/parsed-record.js';

/** One line of a log; without bytes when it was longer than a record may be. Line numbers count from 1. */
export interface LogLine {
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

const CHUNK_BYTES = 256 * 1024;

/** The lines of a file, plain or gzip as its first bytes say, or of stdin for `-`, in batches; memory stays constant. */
export async function* logLines(file: string, onBytes: (count: number) => void): AsyncGenerator<LogLine[]> {
  const raw = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  yield* splitLines(plainBytes(counted(raw, onBytes)));
}

async function* counted(raw: AsyncIterable<unknown>, onBytes: (count: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of raw) {
    const bytes = chunk as Buffer;
    onBytes(bytes.length);
    yield bytes;
  }
}

async function* plainBytes(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const first = await raw.next();
  if (first.done === true) return;
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield first.value;
    yield* raw;
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const feeding = pipeline(Readable.from(prepended(first.value, raw)), gunzip);
  // The error reaches the reader through `gunzip` itself.
  feeding.catch(() => undefined);
  for await (const chunk of gunzip) yield chunk as Buffer;
}

async function* prepended(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

/** Cuts bytes into lines; a line beyond the largest record is counted and skipped without being kept. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogLine[]> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let isOverlong = false;
  let number = 0;
  for await (const chunk of chunks) {
    const lines: LogLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end);
      isOverlong ||= keptBytes + piece.length > MAX_RECORD_BYTES;
      const bytes = kept.length === 0 ? piece : Buffer.concat([...kept, piece]);
      number += 1;
      lines.push({ number, bytes: isOverlong ? undefined : bytes });
      kept = [];
      keptBytes = 0;
      isOverlong = false;
      from = end + 1;
    }
    keptBytes += chunk.length - from;
    isOverlong ||= keptBytes > MAX_RECORD_BYTES;
    if (isOverlong) kept = [];
    else if (from < chunk.length) kept.push(chunk.subarray(from));
    yield lines;
  }
  if (keptBytes > 0) yield [{ number: number + 1, bytes: isOverlong ? undefined : Buffer.concat(kept) }];
}
