import { read as readFd } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { MAX_RECORD_BYTES } from '../ingest/formats/parsed-record.js';

/** Whole lines of a log, each with its newline but perhaps the last of all; good until the next block is asked for. */
export interface LineBlock {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Before these lines came one that is longer than a record may be: it counts, and was skipped. */
  readonly isAfterOverlong: boolean;
}

/** Reads at most `length` bytes into `into` at `at`; gives how many, 0 at the end. */
export type ByteReader = (into: Buffer, at: number, length: number) => Promise<number>;

/** Which lines beyond the largest record are kept, by how they begin, and up to which length. */
export interface LongLines {
  readonly maxBytes: number;
  readonly isKept: (bytes: Buffer, from: number) => boolean;
}

const NO_LONG_LINES: LongLines = { maxBytes: MAX_RECORD_BYTES, isKept: () => false };
const CHUNK_BYTES = 1024 * 1024;

/** The lines of a file, plain or gzip as its first bytes say, or of stdin for `-`; memory stays constant. */
export async function* fileBlocks(
  file: string,
  onBytes: (count: number) => void,
  longLines = NO_LONG_LINES,
): AsyncGenerator<LineBlock> {
  const handle = file === '-' ? undefined : await open(file);
  const readRaw = handle === undefined ? readStdin : readFrom(handle.fd);
  const read: ByteReader = async (into, at, length) => {
    const count = await readRaw(into, at, length);
    onBytes(count);
    return count;
  };
  try {
    yield* lineBlocks(await unpacked(read), longLines);
  } finally {
    await handle?.close();
  }
}

/** Cuts what is read into blocks of whole lines; a line beyond the largest record is skipped without being kept, but for those that are asked for. */
export async function* lineBlocks(read: ByteReader, longLines = NO_LONG_LINES): AsyncGenerator<LineBlock> {
  // What is read lies from `base` on; before it, the beginning of a line whose end was not read yet.
  const base = longLines.maxBytes;
  const bytes = Buffer.allocUnsafe(base + CHUNK_BYTES);
  let start = base;
  let isOverlong = false;
  for (let count = await read(bytes, base, CHUNK_BYTES); count > 0; count = await read(bytes, base, CHUNK_BYTES)) {
    const end = base + count;
    const after = bytes.lastIndexOf(10, end - 1) + 1;
    let rest = start;
    if (after > base) {
      if (isOverlong) start = bytes.indexOf(10, base) + 1;
      yield { bytes, start, end: after, isAfterOverlong: isOverlong };
      isOverlong = false;
      rest = after;
    }
    isOverlong ||= end - rest > MAX_RECORD_BYTES && (end - rest > base || !longLines.isKept(bytes, rest));
    start = isOverlong ? base : base - (end - rest);
    if (!isOverlong) bytes.copyWithin(start, rest, end);
  }
  if (isOverlong || start < base) yield { bytes, start, end: base, isAfterOverlong: isOverlong };
}

const readAsync = promisify(readFd);

function readFrom(fd: number): ByteReader {
  return async (into, at, length) => (await readAsync(fd, into, at, length, null)).bytesRead;
}

const readStdin: ByteReader = async (into, at, length) => {
  const read = readFrom(0);
  for (;;) {
    try {
      return await read(into, at, length);
    } catch (error) {
      // Whoever shares this pipe or terminal made it non-blocking: there is nothing to read yet.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await sleep(WAIT_MS);
    }
  }
};

const WAIT_MS = 10;

async function unpacked(read: ByteReader): Promise<ByteReader> {
  const first = Buffer.alloc(2);
  let known = await read(first, 0, 2);
  if (known === 1) known += await read(first, 1, 1);
  const prefixed = withPrefix(first.subarray(0, known), read);
  return known === 2 && first[0] === 0x1f && first[1] === 0x8b ? gunzipped(prefixed) : prefixed;
}

/** Gives the bytes that were already read first. */
function withPrefix(prefix: Buffer, read: ByteReader): ByteReader {
  let left = prefix;
  return async (into, at, length) => {
    const count = left.copy(into, at, 0, length);
    left = left.subarray(count);
    return count + (count < length ? await read(into, at + count, length - count) : 0);
  };
}

function gunzipped(read: ByteReader): ByteReader {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES / 4 });
  const feeding = pipeline(Readable.from(chunksOf(read)), gunzip);
  // The error reaches the reader through `gunzip` itself.
  feeding.catch(() => undefined);
  const chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let left: Buffer = Buffer.alloc(0);
  return async (into, at, length) => {
    if (left.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return 0;
      left = next.value;
    }
    const count = left.copy(into, at, 0, length);
    left = left.subarray(count);
    return count;
  };
}

async function* chunksOf(read: ByteReader): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES / 4);
    const count = await read(chunk, 0, chunk.length);
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}
