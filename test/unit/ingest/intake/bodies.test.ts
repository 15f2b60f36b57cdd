import { jest } from '@jest/globals';
import fc from 'fast-check';
import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';
import { jsonValues, memberBytes, valueEnd } from '../../../../src/ingest/intake/json-spans.js';
import { prepareUnit } from '../../../../src/ingest/intake/prepare-unit.js';
import { readBulk } from '../../../../src/ingest/intake/read-bulk.js';
import { readHecEvents, readHecRaw } from '../../../../src/ingest/intake/read-hec.js';
import { readLines } from '../../../../src/ingest/intake/read-lines.js';
import { readOtlp } from '../../../../src/ingest/intake/read-otlp.js';
import type { ReadBody } from '../../../../src/ingest/intake/unit.js';
import { envelopeHeader, envelopeOf, MAX_ENVELOPE_BYTES } from '../../../../src/ingest/record-envelope.js';
import { mutated } from '../formats/mutated.js';

const readers: Readonly<Record<string, (body: Buffer) => ReadBody>> = {
  lines: (body) => readLines(body, 'text/plain'),
  json: (body) => readLines(body, 'application/json'),
  'otlp in JSON': (body) => readOtlp(body, 'application/json'),
  'otlp in protobuf': (body) => readOtlp(body, 'application/x-protobuf'),
  bulk: readBulk,
  'hec events': readHecEvents,
  'hec raw': (body) => readHecRaw(body, { host: 'x', time: '1' }),
};

/** An ExportLogsServiceRequest: resource service.name=a, one record with a time, severity WARN, the body "hi" and an attribute k=v. */
const PROTOBUF = Buffer.from(
  '0a470a150a130a0c736572766963652e6e616d6512030a0161122e0a00122a0900f0a90cf0dceb18100d1a045741524e2a04' +
    '0a02686932080a016b12030a01765900f0a90cf0dceb18',
  'hex',
);

const samples = [
  '203.0.113.7 - - [27/Nov/2026:09:30:00 +0000] "GET / HTTP/1.1" 200 512 "-" "curl/8"\n',
  '[{"message":"<34>1 2026-11-27T09:30:00Z h app - - - x","host":"web-1"},{"log":"{\\"a\\":1}"}]',
  '{"create":{"_index":"x"}}\n{"message":"x"}\n{"delete":{"_id":"1"}}\n',
  '{"time":1,"event":{"a":"b"}}{"event":"x","fields":{"k":[1,{"z":null}]}}',
  '{"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"7"}]}}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":{"kvlistValue":{"values":[{"key":"__proto__","value":{"stringValue":"x"}}]}}}]}]}]}',
].map((text) => Buffer.from(text));

describe.each(Object.keys(readers))('%s', (name) => {
  const read = readers[name] ?? readBulk;
  it('whatever the bytes, gives records that can be tried or says what is wrong', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      mutated([...samples, PROTOBUF]),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(anything, (body) => {
        const result = read(body);
        if (!result.ok) return;
        for (const unit of result.units) {
          const { value, fault, headers } = prepareUnit(unit, { arrivalMs: 1_795_771_800_000 });
          expect(value === undefined).toBe(
            fault === 'too_large' || fault === 'too_deep' || fault === 'unsupported_action',
          );
          if (value === undefined || fault !== undefined) continue;
          // What was found usable is so when it is read from the log.
          const record = {
            offset: 0,
            timestampMs: 0,
            key: null,
            value,
            headers: { envelope: Buffer.from(headers['envelope'] ?? '') },
          };
          expect(parseRecord(value, { arrivalMs: 0, envelope: envelopeOf(record) }).ok).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('places of JSON values', () => {
  it('end where the value ends, and are found behind one another and inside an array', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(' ', '\n', ' \r\n\t'),
        (list, blank) => {
          const texts = list.map((value) => JSON.stringify(value));
          for (const text of texts) expect(valueEnd(Buffer.from(`${text}${blank}x`), 0)).toBe(Buffer.byteLength(text));
          const array = jsonValues(Buffer.from(`${blank}[${blank}${texts.join(`${blank},${blank}`)}]${blank}`), 10);
          expect(array.values.map(String)).toEqual(texts);
          if (list[0] === null || typeof list[0] !== 'object' || Array.isArray(list[0])) return;
          expect(jsonValues(Buffer.from(texts.join(blank)), 10).values.map(String)).toEqual(texts);
        },
      ),
    );
  });

  it('of a member are those that were sent', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1 }), (object) => {
        const text = Buffer.from(JSON.stringify(object));
        for (const name of Object.keys(JSON.parse(text.toString()) as object)) {
          expect(memberBytes(text, name)?.toString()).toBe(JSON.stringify(object[name]));
        }
      }),
    );
    expect(memberBytes(Buffer.from('{"event": 12345678901234567890 }'), 'event')?.toString()).toBe(
      '12345678901234567890',
    );
  });

  it('are missed from an array that does not end', () => {
    expect(jsonValues(Buffer.from('[1,2'), 10)).toEqual({ values: [Buffer.from('1'), Buffer.from('2')], badAt: 3 });
    expect(jsonValues(Buffer.from('[{"a":"b'), 10)).toEqual({ values: [], badAt: 1 });
    expect(jsonValues(Buffer.from('[1] 2'), 10).badAt).toBe(2);
  });
});

describe('a HEC event', () => {
  const events = (text: string): string[] => {
    const result = readHecEvents(Buffer.from(text));
    return result.ok ? result.units.map(({ bytes }) => bytes.toString()) : [];
  };
  it('is the member that parsing gives: the last of that name, also one with an escaped name', () => {
    expect(events('{"\\u0065vent":{"a":1}}')).toEqual(['{"a":1}']);
    expect(events('{"event":{"a":1},"event":{"b": 2}}')).toEqual(['{"b": 2}']);
    expect(events('{"event":{"a":1},"\\u0065v\\u0065nt":[3],"evenu":4}')).toEqual(['[3]']);
  });
});

describe('lines', () => {
  it('that are counted are not searched for line ends: a body without any is no work for each of them', () => {
    const body = Buffer.alloc(16_000_000, '1 <');
    const searched = jest.spyOn(body, 'indexOf');
    expect(readLines(body, 'text/plain')).toEqual({ ok: false, fault: 'too_many' });
    expect(searched).not.toHaveBeenCalled();
  });
  it('that are empty count as places, whatever their ends', () => {
    expect(readLines(Buffer.from('\n\r\na\n\r\n\nb\r\n\r'), 'text/plain')).toEqual({
      ok: true,
      units: [
        { place: 3, bytes: Buffer.from('a') },
        { place: 6, bytes: Buffer.from('b') },
      ],
    });
  });
});

it('an OTLP record in protobuf is read with its resource, time and attributes', () => {
  const result = readOtlp(PROTOBUF, 'application/x-protobuf');
  expect(result).toMatchObject({
    ok: true,
    units: [
      {
        bytes: Buffer.from('hi'),
        envelope: { timeMs: 1_795_771_800_000, fields: { 'service.name': 'a', severity: 'WARN', k: 'v' } },
      },
    ],
  });
});

it('an envelope keeps to its bound, however much is said', () => {
  const fields = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`name${n}`, '"'.repeat(1000)]));
  const header = envelopeHeader({ timeMs: 1, fields }) ?? '';
  expect(Buffer.byteLength(header)).toBeLessThanOrEqual(MAX_ENVELOPE_BYTES);
  const record = { offset: 0, timestampMs: 0, key: null, value: null, headers: { envelope: Buffer.from(header) } };
  expect(envelopeOf(record)).toMatchObject({ timeMs: 1, fields: { name0: '"'.repeat(1000) } });
  for (const text of ['x', '{}', '{"fields":{"a":{}}}', `{"fields":{"a":"${'x'.repeat(9000)}"}}`]) {
    expect(envelopeOf({ ...record, headers: { envelope: Buffer.from(text) } })).toBeUndefined();
  }
});
