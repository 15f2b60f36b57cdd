import { jest } from '@jest/globals';
import fc from 'fast-check';
import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';
import { isTooDense, jsonValues, memberBytes, NameTable, valueEnd } from '../../../../src/ingest/json-spans.js';
import { prepareUnit, prepareUnits } from '../../../../src/ingest/intake/prepare-unit.js';
import { readBulk } from '../../../../src/ingest/intake/read-bulk.js';
import { whole } from './whole.js';
import { readHecEvents, readHecRaw } from '../../../../src/ingest/intake/read-hec.js';
import { readLines } from '../../../../src/ingest/intake/read-lines.js';
import { readOtlp } from '../../../../src/ingest/intake/read-otlp.js';
import { MAX_ADDED_BYTES, type ReadBody, type Unit } from '../../../../src/ingest/intake/unit.js';
import { envelopeHeader, envelopeOf, MAX_ENVELOPE_BYTES } from '../../../../src/ingest/record-envelope.js';
import { mutated } from '../formats/mutated.js';

const otlpJson = (body: Buffer): ReadBody => whole(readOtlp(body, 'application/json'));
const hecEvents = (body: Buffer): ReadBody => whole(readHecEvents(body));

const readers: Readonly<Record<string, (body: Buffer) => ReadBody>> = {
  lines: (body) => readLines(body, 'text/plain'),
  json: (body) => readLines(body, 'application/json'),
  'otlp in JSON': otlpJson,
  'otlp in protobuf': (body) => whole(readOtlp(body, 'application/x-protobuf')),
  bulk: readBulk,
  'hec events': hecEvents,
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
    const result = hecEvents(Buffer.from(text));
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
  const result = whole(readOtlp(PROTOBUF, 'application/x-protobuf'));
  expect(result).toMatchObject({
    ok: true,
    units: [
      {
        bytes: Buffer.from('hi'),
        envelope: { timeMs: 1_795_771_800_000, fields: { severity: 'WARN', k: 'v' } },
        around: { 'service.name': 'a' },
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

const ARRIVAL_MS = 1_795_771_800_000;
const unitsOf = (read: ReadBody): readonly Unit[] => {
  if (!read.ok) throw new Error(read.fault);
  return read.units;
};
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
/** An OTLP body in JSON: `records` under one resource. */
const otlp = (attributes: object[], records: object[]): Buffer =>
  Buffer.from(JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: records }] }] }));
/** A field of protobuf that is a message or a text. */
const proto = (id: number, ...inner: (string | Buffer)[]): Buffer => {
  const bytes = Buffer.concat(inner.map((part) => Buffer.from(part)));
  const length: number[] = [];
  for (let left = bytes.length; length.length === 0 || left > 0; left >>>= 7)
    length.push((left & 127) | (left > 127 ? 128 : 0));
  return Buffer.concat([Buffer.from([(id << 3) | 2, ...length]), bytes]);
};
const bytesOf = (unit: Unit | undefined): number =>
  unit === undefined ? NaN : prepareUnit(unit, { arrivalMs: ARRIVAL_MS }).sizeBytes;

describe('what is said of many records', () => {
  const wide = Array.from({ length: 6_000 }, (_, n) => attribute(`k${n}`, 'A'.repeat(1_000)));
  const body = otlp(
    wide,
    Array.from({ length: 20_000 }, () => ({ body: { stringValue: 'x' } })),
  );

  it('is made once for all of them, within half an envelope', () => {
    const units = unitsOf(otlpJson(body));
    const [first] = units;
    expect(units.every(({ around }) => around === first?.around)).toBe(true);
    expect(JSON.stringify(first?.around).length).toBeLessThanOrEqual(MAX_ENVELOPE_BYTES / 2);
    expect(bytesOf(first)).toBeLessThan(MAX_ENVELOPE_BYTES / 2 + 100);
  });
  it('leaves room for what a record says itself', () => {
    const [unit] = unitsOf(otlpJson(otlp(wide, [{ body: { stringValue: 'x' }, attributes: [attribute('own', 'v')] }])));
    const { value } = prepareUnit(unit ?? fail(), { arrivalMs: ARRIVAL_MS });
    expect(JSON.parse(String(value))).toMatchObject({ message: 'x', own: 'v', k0: 'A'.repeat(1_000) });
  });
  it('is written into them up to 16 MiB beyond the body, and not further', () => {
    const seen: number[] = [];
    const work = prepareUnits(unitsOf(otlpJson(body)), body.length, { arrivalMs: ARRIVAL_MS });
    let step = work.next();
    for (; step.done !== true; step = work.next()) seen.push(step.value);
    expect(step.value).toEqual({ ok: false });
    expect(Math.max(...seen)).toBeLessThanOrEqual(MAX_ADDED_BYTES);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });
  it('in the query of HEC raw is bounded like a field', () => {
    const query = { host: 'h'.repeat(7_000), source: 's'.repeat(7_000) };
    const units = unitsOf(readHecRaw(Buffer.from('x\n'.repeat(20_000)), query));
    expect(bytesOf(units[0])).toBeLessThan(2_200);
    expect(whole(prepareUnits(units, 40_000, { arrivalMs: ARRIVAL_MS })).ok).toBe(false);
  });
  it('in a HEC event is bounded as an envelope is', () => {
    const fields = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, 'A'.repeat(1_000)]));
    const [unit] = unitsOf(hecEvents(Buffer.from(JSON.stringify({ event: 'x', fields }))));
    expect(bytesOf(unit)).toBeLessThan(MAX_ENVELOPE_BYTES + 100);
  });
  it('never stands in place of the record', () => {
    const fields = { message: 'forged', '@timestamp': 'forged', a: 'b' };
    const text = { place: 1, bytes: Buffer.from('the text'), envelope: { timeMs: ARRIVAL_MS, fields } };
    const { value } = prepareUnit(text, { arrivalMs: ARRIVAL_MS });
    expect(JSON.parse(String(value))).toEqual({
      '@timestamp': '2026-11-27T09:30:00.000Z',
      message: 'the text',
      a: 'b',
    });
  });
});

describe('a tenant', () => {
  const many = Array.from({ length: 150 }, (_, n) => attribute(`k${n}`, 'A'.repeat(1_000)));
  const claimOf = (read: ReadBody): string | undefined => {
    const { value, headers } = prepareUnit(unitsOf(read)[0] ?? fail(), { arrivalMs: ARRIVAL_MS });
    const envelope = envelopeOf({
      offset: 0,
      timestampMs: 0,
      key: null,
      value: null,
      headers: { envelope: Buffer.from(headers['envelope'] ?? '') },
    });
    const parsed = parseRecord(value ?? Buffer.alloc(0), { arrivalMs: ARRIVAL_MS, envelope });
    return parsed.ok ? parsed.event.claimedTenant : parsed.reason;
  };
  const LINE = '203.0.113.7 - - [27/Nov/2026:09:30:00 +0000] "GET / HTTP/1.1" 200 512 "-" "curl/8"';
  const LISTED = { key: 'tenant', value: { arrayValue: { values: [{ stringValue: 'globex' }] } } };
  /** A record of which only the scope around it says anything. */
  const inScope = Buffer.from(
    JSON.stringify({
      resourceLogs: [
        {
          scopeLogs: [
            {
              scope: { name: 'app', attributes: [attribute('tenant', 'globex')] },
              logRecords: [{ body: { stringValue: 'x' } }],
            },
          ],
        },
      ],
    }),
  );
  const scope = proto(1, proto(1, 'app'), proto(3, proto(1, 'tenant'), proto(2, proto(1, 'globex'))));
  const SCOPED = proto(1, proto(2, scope, proto(2, proto(5, proto(1, 'x')))));
  const carried = (record: object): ReadBody => otlpJson(otlp([...many, attribute('tenant', 'globex')], [record]));

  it.each([
    ['a resource, around a text', () => carried({ body: { stringValue: 'x' } })],
    ['a resource, around a line', () => carried({ body: { stringValue: LINE } })],
    [
      'an attribute',
      () => otlpJson(otlp(many, [{ body: { stringValue: LINE }, attributes: [attribute('tenant', 'globex')] }])),
    ],
    [
      'a resource, behind more attributes than are read',
      () =>
        otlpJson(
          otlp(
            [...Array.from({ length: 2_000 }, (_, n) => attribute(`k${n}`, 'v')), attribute('tenant', 'globex')],
            [{ body: { stringValue: 'x' } }],
          ),
        ),
    ],
    ['a scope', () => otlpJson(inScope)],
    ['a scope, in protobuf', () => whole(readOtlp(SCOPED, 'application/x-protobuf'))],
    ['HEC, beside a text', () => hecEvents(Buffer.from('{"event":"x","tenant":"globex"}'))],
    ['HEC, beside a line', () => hecEvents(Buffer.from(JSON.stringify({ tenant: 'globex', event: LINE })))],
    ['HEC, beside an object', () => hecEvents(Buffer.from('{"event":{"a":1},"tenant":"globex","host":"web-1"}'))],
    ['HEC, as an object', () => hecEvents(Buffer.from('{"event":"x","tenant":{"id":"globex"}}'))],
    ['HEC, as a list', () => hecEvents(Buffer.from('{"event":"x","fields":{"tenant":["globex"]}}'))],
    ['an OTLP list', () => otlpJson(otlp([], [{ body: { stringValue: LINE }, attributes: [LISTED] }]))],
    ['the query of HEC raw', () => readHecRaw(Buffer.from(LINE), { tenant: 'globex' })],
    ['fields of HEC, beside an object', () => hecEvents(Buffer.from('{"event":{"a":1},"fields":{"tenant":"globex"}}'))],
    [
      'a shipper’s JSON around a line',
      () => readLines(Buffer.from(JSON.stringify({ message: LINE, tenant: 'globex' })), 'text/plain'),
    ],
    [
      'a document of _bulk',
      () => readBulk(Buffer.from(`{"index":{}}\n${JSON.stringify({ log: LINE, tenant: 'globex' })}\n`)),
    ],
  ])('named by %s is a claim', (_where, read) => {
    expect(claimOf(read())).toBe('globex');
  });
  it('named beside a HEC event is not hidden by the one that its fields or the event itself name', () => {
    const event = { tenant: 'globex', event: { tenant: 'initech' }, fields: { tenant: 'acme' } };
    expect(claimOf(hecEvents(Buffer.from(JSON.stringify(event))))).toBe('initech, globex, acme');
    expect(claimOf(hecEvents(Buffer.from('{"tenant":7,"event":"x"}')))).toBe('7');
  });
  it('named twice by a carrier is claimed twice', () => {
    const twice = [attribute('tenant', 'globex'), attribute('tenant', 'acme')];
    expect(claimOf(hecEvents(Buffer.from('{"tenant":"globex","event":"x","tenant":"acme"}')))).toBe('globex, acme');
    expect(claimOf(hecEvents(Buffer.from('{"event":"x","tenant":["globex","acme"]}')))).toBe('globex, acme');
    expect(claimOf(readHecRaw(Buffer.from(LINE), { tenant: ['globex', 'acme'] }))).toBe('globex, acme');
    expect(
      claimOf(
        readLines(Buffer.from(`{"tenant":"globex","log":${JSON.stringify(LINE)},"tenant":"acme"}`), 'text/plain'),
      ),
    ).toBe('globex, acme');
    expect(claimOf(otlpJson(otlp([], [{ body: { stringValue: LINE }, attributes: twice }])))).toBe('globex, acme');
    expect(claimOf(otlpJson(otlp(twice, [{ body: { stringValue: LINE } }])))).toBe('globex, acme');
  });
  it('named by a record is not left out, however many fields its resource has', () => {
    const short = Array.from({ length: 150 }, (_, n) => attribute(`k${n}`, 'v'));
    const record = { body: { stringValue: LINE }, attributes: [attribute('tenant', 'globex')] };
    expect(claimOf(otlpJson(otlp(short, [record])))).toBe('globex');
  });
  it('named by a resource is not hidden by the one that a record names', () => {
    expect(claimOf(carried({ body: { stringValue: LINE }, attributes: [attribute('tenant', 'acme')] }))).toBe(
      'globex, acme',
    );
  });
});

describe('OTLP in JSON', () => {
  const record = {
    timeUnixNano: '1795771800000000000',
    severityNumber: 9,
    severityText: 'INFO',
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    body: { kvlistValue: { values: [attribute('a', 'b'), { key: 'n', value: { intValue: '7' } }] } },
    attributes: [{ key: 'stringValue', value: { arrayValue: { values: [{ boolValue: true }] } } }],
  };
  const request = {
    resourceLogs: [
      {
        resource: { attributes: [attribute('tenant', 'globex')], droppedAttributesCount: 0 },
        scopeLogs: [
          { scope: { attributes: [attribute('tenant', 'acme')] }, logRecords: [record, record], schemaUrl: 'x' },
        ],
      },
    ],
  };
  const camel = JSON.stringify(request);
  const original = camel.replaceAll(/"(\w+)":/g, (name) => name.replaceAll(/[A-Z]/g, (at) => `_${at.toLowerCase()}`));

  it('is read by the names of the protocol’s own text as by those of its JSON', () => {
    expect(original).toContain('"resource_logs":[{');
    const units = unitsOf(otlpJson(Buffer.from(original)));
    expect(units).toHaveLength(2);
    expect(units).toEqual(unitsOf(otlpJson(Buffer.from(camel))));
  });
  it('by those names is not refused for its many names', () => {
    const logs = Array.from({ length: 12_000 }, () => ({ time_unix_nano: '1', body: { string_value: 'x' } }));
    const body = JSON.stringify({ resource_logs: [{ scope_logs: [{ log_records: logs }] }] });
    expect(unitsOf(otlpJson(Buffer.from(body)))).toHaveLength(12_000);
  });
});

describe('an OTLP record', () => {
  const tried = (read: ReadBody) => prepareUnit(unitsOf(read)[0] ?? fail(), { arrivalMs: ARRIVAL_MS });
  const some = (count: number) => Array.from({ length: count }, (_, n) => attribute(`k${n}`, 'v'));
  const inside = (count: number) => ({ key: 'outer', value: { kvlistValue: { values: some(count) } } });

  it.each([
    ['a thousand attributes', { attributes: some(1_000), body: { stringValue: 'x' } }],
    ['a thousand, most of them within one', { attributes: [inside(999)], body: { stringValue: 'x' } }],
    ['two thousand members in its body', { body: inside(2_000).value }],
  ])('with %s is read', (_what, record) => {
    expect(tried(otlpJson(otlp([], [record]))).fault).toBeUndefined();
  });
  it.each([
    ['more than a thousand attributes', { attributes: some(1_001), body: { stringValue: 'x' } }],
    ['more than a thousand, most of them within one', { attributes: [inside(1_000)], body: { stringValue: 'x' } }],
    ['more than two thousand members in its body', { body: inside(2_001).value }],
  ])('with %s is put aside whole, beside others that are read', (_what, record) => {
    const units = unitsOf(otlpJson(otlp([], [record, { body: { stringValue: 'x' } }])));
    const [bad, good] = units.map((unit) => prepareUnit(unit, { arrivalMs: ARRIVAL_MS }));
    expect([bad?.fault, good?.fault]).toEqual(['too_many_fields', undefined]);
    expect(JSON.parse(String(bad?.value))).toEqual(record);
  });
  it('with more than a thousand attributes is put aside in protobuf too', () => {
    const attributes = Array.from({ length: 1_001 }, (_, n) => proto(6, proto(1, `k${n}`)));
    const read = whole(readOtlp(proto(1, proto(2, proto(2, ...attributes))), 'application/x-protobuf'));
    const { value, fault } = tried(read);
    expect(fault).toBe('too_many_fields');
    expect(JSON.parse(String(value))).toEqual({
      attributes: Array.from({ length: 1_001 }, (_, n) => ({ key: `k${n}` })),
    });
  });
  it('with more of them than a record has room for is too large, and one that is nested without end too deep', () => {
    const many = otlp([], [{ attributes: some(40_000), body: { stringValue: 'x' } }]);
    expect(tried(otlpJson(many)).fault).toBe('too_large');
    const record = `{"attributes":[${JSON.stringify(some(1_001)).slice(1, -1)}],"body":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const deep = Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`);
    expect(tried(otlpJson(deep)).fault).toBe('too_deep');
  });
});

describe('a time beyond every date', () => {
  it.each([
    ['HEC', () => hecEvents(Buffer.from('{"time":1e25,"event":"x"}'))],
    ['HEC raw', () => readHecRaw(Buffer.from('x'), { time: '9999999999999999999' })],
    ['OTLP', () => otlpJson(otlp([], [{ timeUnixNano: '1e30', body: { stringValue: 'x' } }]))],
    ['OTLP as a number', () => otlpJson(otlp([], [{ timeUnixNano: 1e300, body: { stringValue: 'x' } }]))],
  ])('of %s is none, and the record is taken', (_form, read) => {
    const [unit] = unitsOf(read());
    expect(prepareUnit(unit ?? fail(), { arrivalMs: ARRIVAL_MS }).fault).toBeUndefined();
  });
  it('makes no unit throw, nor does anything else that one may be', () => {
    const field = fc.oneof(fc.string(), fc.double(), fc.boolean());
    const unit = fc.record(
      {
        place: fc.nat(),
        bytes: fc
          .oneof(fc.string(), fc.json(), fc.constant('{"message":"x","time":1e25}'))
          .map((text) => Buffer.from(text)),
        envelope: fc.record(
          { timeMs: fc.double(), fields: fc.dictionary(fc.string(), field) },
          { requiredKeys: ['fields'] },
        ),
        around: fc.dictionary(fc.string(), field),
      },
      { requiredKeys: ['place', 'bytes'] },
    );
    fc.assert(
      fc.property(unit, (any) => {
        const { value, sizeBytes } = prepareUnit(any, { arrivalMs: ARRIVAL_MS });
        expect(sizeBytes).toBeGreaterThanOrEqual(value?.length ?? 0);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('long work', () => {
  const stretchesOf = (work: Generator): number => {
    let stretches = 1;
    while (work.next().done !== true) stretches += 1;
    return stretches;
  };
  it('leaves turns to others after a quarter of a MiB or five hundred records', () => {
    const large = Buffer.from(`{"event":{"a":"${'x'.repeat(300_000)}"}}`.repeat(30));
    expect(stretchesOf(readHecEvents(large))).toBeGreaterThan(30);
    expect(stretchesOf(prepareUnits(unitsOf(hecEvents(large)), large.length, { arrivalMs: 0 }))).toBeGreaterThan(30);
    const many = otlp(
      [],
      Array.from({ length: 5_000 }, () => ({})),
    );
    expect(stretchesOf(readOtlp(many, 'application/json'))).toBeGreaterThan(10);
  });
  it('is not begun on JSON with too many parts; signs within strings are none', () => {
    const text = Buffer.from('[{"a":1,"b" :[2,"3,4[{\\",\\"c\\":",5]}]');
    const density = (parts: number, names: string[], foreignNames: number) =>
      isTooDense(text, { parts, names: new NameTable(names), foreignNames });
    expect([density(6, [], 2), density(5, [], 2)]).toEqual([false, true]);
    expect([density(6, [], 1), density(6, ['b', 'ab'], 1), density(6, ['b', 'a'], 0)]).toEqual([true, false, false]);
    const dense = Buffer.from(`{"resourceLogs":[${'[],'.repeat(2_000_000)}[]]}`);
    expect(otlpJson(dense)).toEqual({ ok: false, fault: 'too_dense' });
  });
  it.each([
    ['in one object', 1_400_000],
    ['in objects of a hundred', 100],
  ])('is not begun on more than a million names that OTLP does not have, %s', (_how, perObject) => {
    const names = Array.from({ length: 1_400_000 }, (_, n) => `"${n.toString(36)}":1`);
    const objects: string[] = [];
    for (let from = 0; from < names.length; from += perObject) objects.push(names.slice(from, from + perObject).join());
    const body = Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${objects.join('},{')}}]}]}]}`);
    expect(otlpJson(body)).toEqual({ ok: false, fault: 'too_dense' });
  });
  const names = (count: number): string =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [n.toString(36) + 'n', 1])));
  it('is not begun on a HEC event with more members than any record, which is put aside whole', () => {
    const event = Buffer.from(`{"event":${names(20_000)}}`);
    const [unit] = unitsOf(hecEvents(event));
    const parse = jest.spyOn(JSON, 'parse');
    const again = unitsOf(hecEvents(event));
    const { fault, value } = prepareUnit(unit ?? fail(), { arrivalMs: ARRIVAL_MS });
    const parsed = parse.mock.calls.length;
    parse.mockRestore();
    expect([again, fault, value, parsed]).toEqual([[unit], 'too_many_fields', event, 0]);
  });
  it('is not begun on records of a list that are larger than any record can be', () => {
    const body = Buffer.from(`{"Records":[${names(1_000_000)}]}`);
    const parse = jest.spyOn(JSON, 'parse');
    const [unit] = unitsOf(readLines(body, 'text/plain'));
    const longest = Math.max(...parse.mock.calls.map(([text]) => text.length));
    parse.mockRestore();
    expect(longest).toBeLessThan(100);
    expect(unit?.bytes.equals(body)).toBe(true);
  });
  it('is not begun on a HEC event that that is larger than any record can be', () => {
    const body = Buffer.from(`{"event":{"a":[${'[],'.repeat(3_000_000)}[]]}}`);
    expect(hecEvents(body)).toMatchObject({ ok: true, units: [{ fault: 'too_large' }] });
  });
});

function fail(): never {
  throw new Error('there is none');
}
