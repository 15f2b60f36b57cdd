import fc from 'fast-check';
import { type ByteReader, lineBlocks } from '../../../src/cli/line-blocks.js';
import { recordsIn, splitLines, type LogLine } from '../../../src/cli/log-lines.js';
import { MAX_RECORD_BYTES } from '../../../src/ingest/formats/parsed-record.js';

/** Gives one chunk after the other, whatever is asked for. */
function readerOf(chunks: readonly Uint8Array[]): ByteReader {
  const left = chunks.filter((chunk) => chunk.length > 0).map((chunk) => Buffer.from(chunk));
  return (into, at, length) => {
    const [chunk] = left;
    if (chunk === undefined) return Promise.resolve(0);
    const count = chunk.copy(into, at, 0, length);
    if (count === chunk.length) left.shift();
    else left[0] = chunk.subarray(count);
    return Promise.resolve(count);
  };
}

async function linesOf(chunks: readonly Uint8Array[]): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const batch of splitLines(lineBlocks(readerOf(chunks)))) lines.push(...batch);
  return lines;
}

describe('splitLines', () => {
  it('gives the same lines however the bytes are cut into chunks', async () => {
    const pieces = fc.array(
      fc.uint8Array({ maxLength: 30 }).map((bytes) => bytes.map((byte) => (byte < 60 ? 10 : byte))),
    );
    await fc.assert(
      fc.asyncProperty(pieces, async (chunks) => {
        const expected = Buffer.concat(chunks).toString('latin1').split('\n');
        if (expected.at(-1) === '') expected.pop();
        const lines = await linesOf(chunks);
        expect(lines.map(({ bytes }) => bytes?.toString('latin1'))).toEqual(expected);
        expect(lines.map(({ number }) => number)).toEqual(expected.map((_, i) => i + 1));
      }),
    );
  });

  it('skips a line that is longer than a record may be, in one chunk or in many, and finds the next', async () => {
    const long = Buffer.alloc(MAX_RECORD_BYTES + 1, 'x');
    const cut = [long.subarray(0, 700_000), long.subarray(700_000), Buffer.from('\nnext\n')];
    for (const chunks of [cut, [Buffer.concat(cut)]]) {
      expect((await linesOf(chunks)).map(({ number, bytes }) => [number, bytes?.toString()])).toEqual([
        [1, undefined],
        [2, 'next'],
      ]);
    }
  });
});

describe('recordsIn', () => {
  const opening = '2026-11-28 09:00:00.123 UTC,"a';
  const lines = [opening, 'b', 'c'].map((text, index) => ({ number: index + 1, bytes: Buffer.from(text) }));

  it('gives the lines of a record that does not end one by one, at the end as before an error', async () => {
    async function* failing(): AsyncGenerator<LogLine[]> {
      yield* lines.map((line) => [line]);
      await Promise.reject(new Error('unexpected end of file'));
    }
    const read: LogLine[] = [];
    const reading = async (): Promise<void> => {
      for await (const { records } of recordsIn(failing())) read.push(...records);
    };
    await expect(reading()).rejects.toThrow('unexpected end of file');
    expect(read).toEqual(lines);
  });
});
