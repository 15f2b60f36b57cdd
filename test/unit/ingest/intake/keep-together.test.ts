import fc from 'fast-check';
import { type DeadLetterOrigin, deadLetter, readDeadLetter } from '../../../../src/ingest/dead-letter.js';
import { keepTogether, MAX_SINGLE_FAULTS, type TriedRecord } from '../../../../src/ingest/intake/keep-together.js';
import { prepareUnits } from '../../../../src/ingest/intake/prepare-unit.js';
import { readLines } from '../../../../src/ingest/intake/read-lines.js';
import { keptWithin, togetherOf } from '../../../../src/ingest/kept-together.js';
import { ENVELOPE_HEADER } from '../../../../src/ingest/record-envelope.js';
import type { LogRecord } from '../../../../src/platform/event-log/event-log.js';
import { SILO_RECORD_BYTES } from '../../../../src/platform/event-log/topics.js';
import { whole } from './whole.js';

type Headers = Readonly<Record<string, string>>;

const LINE = '203.0.113.7 - - [27/Nov/2026:09:30:00 +0000] "GET / HTTP/1.1" 200 512 "-" "curl/8"';

/** What a reader of the log is given. */
const recordOf = ({ value, headers }: { value: Buffer; headers: Headers }): LogRecord => ({
  offset: 0,
  timestampMs: 0,
  key: null,
  value,
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});

const ofBody = (body: string): readonly LogRecord[] => {
  const read = readLines(Buffer.from(body), 'text/plain');
  if (!read.ok) throw new Error(read.fault);
  const units = whole(prepareUnits(read.units, body.length, { arrivalMs: 0 }));
  if (!units.ok) throw new Error('too large');
  return whole(keepTogether(units.prepared, Infinity)).map(recordOf);
};

it('a body of twenty thousand one-letter lines is a hundred records and one more, which holds all others', () => {
  const letters = Array.from({ length: 20_000 }, (_, n) => String.fromCharCode(97 + (n % 26)));
  const sent = ofBody(letters.join('\n'));
  expect(sent).toHaveLength(101);
  expect(togetherOf(sent.at(-1) ?? fail())).toEqual({ reason: 'unrecognised', count: 19_900 });
  const singles = sent.slice(0, -1).map(({ value }) => String(value));
  const others = (keptWithin(sent.at(-1) ?? fail()) ?? []).map(({ bytes }) => String(bytes));
  expect([...singles, ...others]).toEqual(letters);
});

it('records that can be used travel by themselves and in order, whatever stands between them', () => {
  const sent = ofBody(Array.from({ length: 500 }, () => `${LINE}\nx\n{`).join('\n'));
  expect(sent.filter(({ value }) => String(value) === LINE)).toHaveLength(500);
  expect(sent.slice(-2).map(togetherOf)).toEqual([
    { reason: 'unrecognised', count: 450 },
    { reason: 'malformed', count: 450 },
  ]);
});

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((list) => Buffer.from(list)),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.nat({ max: 20_000 }).map((length) => Buffer.alloc(length, '"')),
);
const envelope = fc
  .dictionary(fc.string(), fc.oneof(fc.string(), fc.integer()))
  .map((fields) => JSON.stringify({ fields }));
const tried: fc.Arbitrary<TriedRecord> = fc
  .tuple(bytes, fc.option(envelope), fc.constantFrom(undefined, 'malformed', 'invalid'))
  .map(([value, said, fault]) => ({
    value,
    headers: { format: 'json', ...(said !== null && { [ENVELOPE_HEADER]: said }) },
    fault,
  }));

it('nothing is lost, and nothing is larger than the log takes, whatever the bytes and the room', () => {
  const text = (value: Buffer | null, said: string | undefined): string => `${value?.toString('base64')} ${said}`;
  fc.assert(
    fc.property(fc.array(tried, { maxLength: 30 }), fc.nat({ max: 50_000 }), (some, room) => {
      const first = Array.from({ length: MAX_SINGLE_FAULTS }, () => ({
        value: Buffer.from('x'),
        headers: {},
        fault: 'invalid',
      }));
      const all: readonly TriedRecord[] = [...first, ...some];
      const sent = whole(keepTogether(all, room));
      let written = 0;
      const found = sent.flatMap((one) => {
        expect(one.value.length).toBeLessThan(SILO_RECORD_BYTES - 1024);
        const record = recordOf(one);
        const kept = keptWithin(record);
        if (kept === undefined) return [text(one.value, one.headers[ENVELOPE_HEADER])];
        written += one.value.length;
        expect(togetherOf(record)?.count).toBe(kept.length);
        expect(one.headers).toMatchObject({ format: 'json' });
        return kept.map((inner) => text(inner.bytes, inner.envelope));
      });
      expect(written).toBeLessThanOrEqual(room);
      expect(found.sort()).toEqual(
        all.map(({ value, headers }) => text(value ?? null, headers[ENVELOPE_HEADER])).sort(),
      );
    }),
  );
});

it('more than a record may hold is several', () => {
  const many = Array.from({ length: 1_000 }, () => ({
    value: Buffer.alloc(4_000, 'x'),
    headers: {},
    fault: 'invalid',
  }));
  const sent = whole(keepTogether(many, Infinity)).slice(MAX_SINGLE_FAULTS).map(recordOf);
  expect(sent.map((record) => togetherOf(record)?.count)).toEqual([260, 260, 260, 120]);
});

describe('a header that the intake did not write', () => {
  const record = (together: string, value: string): LogRecord =>
    recordOf({ value: Buffer.from(value), headers: { together } });
  it.each(['', 'process_died', 'constructor', 'x'.repeat(10_000)])('%s says nothing', (reason) => {
    expect(togetherOf(record(reason, '"a"\n'))).toBeUndefined();
    expect(keptWithin(record(reason, '"a"\n'))).toBeUndefined();
  });
  it.each([
    '',
    'a',
    '"a"',
    '"a"\n\n',
    '7\n',
    '{"text":"a","base64":"YQ=="}\n',
    '{"base64":"?"}\n',
    '""\n'.repeat(20_001),
  ])('around %p does not take it apart', (value) => {
    expect(keptWithin(record('malformed', value))).toBeUndefined();
    expect(togetherOf(record('malformed', value))?.count).toBeLessThanOrEqual(20_000);
  });
  it('stays with the dead letter, with its reason, so that a replay takes it apart', () => {
    const origin = { topic: 'silo.a.access', partition: 0, record: record('malformed', '"a"\n"b"\n') };
    const letter = deadLetter('detect', origin, 'malformed');
    const read = recordOf({ value: Buffer.from(letter.value ?? fail()), headers: letter.headers as Headers });
    expect(readDeadLetter(read)).toMatchObject({ reason: 'malformed' } satisfies Partial<DeadLetterOrigin>);
    expect(keptWithin(read)?.map((kept) => String(kept.bytes))).toEqual(['a', 'b']);
  });
});
