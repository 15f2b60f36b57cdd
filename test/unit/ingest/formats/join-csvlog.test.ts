import fc from 'fast-check';
import { CsvlogJoiner, csvlogEnd, MAX_CSVLOG_LINES } from '../../../../src/ingest/formats/join-csvlog.js';
import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';
import { fromLines } from '../../../../src/ingest/intake/read-lines.js';

/** One record; `rest` are the columns behind the statement's message. */
const record = (statement: string, columns = 26): string => {
  const message = `"AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,""${statement.replaceAll('"', '""""')}"",<none>"`;
  const head = `2026-11-28 09:00:00.123 UTC,"app","db",123,"203.0.113.9:5",65f.1,1,"ALTER ROLE",2026-11-28 08:00:00 UTC,3/4,0,LOG,00000`;
  return [head, message, ...Array<string>(columns - 14).fill('')].join(',');
};
const HIDDEN = record('ALTER ROLE app\nSUPERUSER');

interface Numbered {
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

const numbered = (text: string): Numbered[] =>
  text.split('\n').map((line, index) => ({ number: index + 1, bytes: Buffer.from(line, 'latin1') }));

/** As they come in batches of these sizes, in turn. */
function joined(lines: readonly Numbered[], sizes: readonly number[] = [lines.length]): Numbered[] {
  const joiner = new CsvlogJoiner<Numbered>();
  const out: Numbered[] = [];
  for (let at = 0, turn = 0; at < lines.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    out.push(...joiner.take(lines.slice(at, at + size)));
    at += size;
  }
  return [...out, ...joiner.end()];
}

const texts = (lines: readonly Numbered[]): (string | undefined)[] =>
  lines.map(({ bytes }) => bytes?.toString('latin1'));

function unitsOf(text: string): readonly { place: number; text: string }[] {
  const read = fromLines(Buffer.from(text, 'latin1'));
  if (!read.ok) throw new Error(read.fault);
  return read.units.map(({ place, bytes }) => ({ place, text: bytes.toString('latin1') }));
}

describe('a csvlog record with line ends in a value', () => {
  it('is one record, in which the whole statement stands, whatever is before and behind', () => {
    const lines = ['<34>1 - - - - - - x', HIDDEN, record('select 1', 23), record('a\r\n\n12 <b'), 'x "y'].join('\n');
    const wanted = ['<34>1 - - - - - - x', HIDDEN, record('select 1', 23), record('a\r\n\n12 <b'), 'x "y'];
    expect(texts(joined(numbered(lines)))).toEqual(wanted);
    expect(unitsOf(lines).map(({ text }) => text)).toEqual(wanted);
    expect(unitsOf(lines).map(({ place }) => place)).toEqual([1, 2, 4, 5, 8]);
    const parsed = parseRecord(Buffer.from(wanted[1] ?? ''), { arrivalMs: Date.parse('2026-11-28T09:01:00Z') });
    expect(parsed).toMatchObject({
      ok: true,
      event: { fields: { pgaudit: { statement: 'ALTER ROLE app\nSUPERUSER' } } },
    });
  });

  it('is not cut by a statement that holds what begins a record', () => {
    const inside = record(`alter role app\n2026-11-28 09:00:00.123 UTC,\n2026-11-28 09:00:00.123 UTC,","\nsuperuser`);
    expect(unitsOf(inside)).toEqual([{ place: 1, text: inside }]);
  });

  it('is found in any batches, by the joiner as in a body', () => {
    const piece = fc.constantFrom(
      HIDDEN,
      record('x', 23),
      record('a ""\n"b'),
      record('a', 22),
      record('a\nb', 27),
      '2026-11-28 09:00:00.123 UTC,"',
      '2026-11-28 09:00:00.123 UTC,x","',
      'other',
      '"',
      '',
      '\r',
      ',',
      '","",',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        (list, sizes) => {
          const text = list.join('\n');
          const lines = joined(numbered(text), sizes);
          // Nothing is lost, changed or moved.
          expect(texts(lines).join('\n')).toBe(text);
          let number = 1;
          for (const line of lines) {
            expect(line.number).toBe(number);
            number += line.bytes?.toString().split('\n').length ?? 1;
          }
          const body = Buffer.from(text, 'latin1');
          const ends: string[] = [];
          for (let at = 0; at <= body.length;) {
            const newline = body.indexOf(10, at);
            const end = csvlogEnd(body, at) ?? (newline < 0 ? body.length : newline);
            ends.push(body.toString('latin1', at, end));
            at = end + 1;
          }
          expect(texts(lines)).toEqual(ends);
          // What was put together can be read.
          for (const one of texts(lines)) {
            if (one?.includes('\n') === true) {
              expect(parseRecord(Buffer.from(one), { arrivalMs: 0 }).ok).toBe(true);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('whatever the bytes, is nothing that loses or changes one', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.tuple(fc.nat(HIDDEN.length), fc.string()).map(([at, put]) => HIDDEN.slice(0, at) + put + HIDDEN.slice(at + 3)),
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 4 }), (list) => {
        const text = Buffer.from(list.join('\n')).toString('latin1');
        expect(texts(joined(numbered(text), [1, 3])).join('\n')).toBe(text);
        const body = Buffer.from(text, 'latin1');
        const read = fromLines(body);
        if (read.ok) for (const { bytes } of read.units) expect(body.includes(bytes)).toBe(true);
      }),
    );
  });
});

describe('a quote that stays open', () => {
  const stray = '2026-11-28 09:00:00.123 UTC,"app';
  const others = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index}`);

  it('swallows neither the records behind it nor a file', () => {
    // The record was cut by a crash; the next is read at once.
    expect(texts(joined(numbered([stray, HIDDEN, 'x'].join('\n'))))).toEqual([stray, HIDDEN, 'x']);
    const long = [stray, ...others(MAX_CSVLOG_LINES + 5), HIDDEN];
    expect(texts(joined(numbered(long.join('\n')), [1000]))).toEqual(long);
    const large = [stray, ...others(20).map((text) => text.padEnd(60_000)), HIDDEN];
    expect(texts(joined(numbered(large.join('\n'))))).toEqual(large);
    expect(unitsOf(large.join('\n')).map(({ text }) => text)).toEqual(large);
  });

  it('hands over what it held before a line that is too long', () => {
    const lines = [...numbered(`${stray}\na`), { number: 3, bytes: undefined }, ...numbered(HIDDEN)];
    expect(texts(joined(lines))).toEqual([stray, 'a', undefined, HIDDEN]);
  });

  it.each([
    ['openings', '2026-11-28 09:00:00.123 UTC,x","'],
    ['openings and lines', '2026-11-28 09:00:00.123 UTC,"\nx\nx\nx\n""\n""'],
    ['line ends', `2026-11-28 09:00:00.123 UTC,"${'\n'.repeat(2000)}`],
  ])('costs time in proportion to the body, made of %s', (_, part) => {
    const secondsFor = (bytes: number): number => {
      const body = Buffer.from(`${part}\n`.repeat(Math.ceil(bytes / part.length)));
      const startedMs = performance.now();
      for (let at = 0; at < body.length; at = (csvlogEnd(body, at) ?? body.indexOf(10, at)) + 1);
      return (performance.now() - startedMs) / 1000;
    };
    secondsFor(100_000);
    // Each byte is looked at as often as a row has columns at most.
    expect(secondsFor(4_000_000)).toBeLessThan(4);
  });
});
