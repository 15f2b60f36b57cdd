import fc from 'fast-check';
import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';
import { prepareUnit } from '../../../../src/ingest/intake/prepare-unit.js';
import { readBulk } from '../../../../src/ingest/intake/read-bulk.js';
import { whole } from './whole.js';
import { readHecEvents } from '../../../../src/ingest/intake/read-hec.js';
import { readLines } from '../../../../src/ingest/intake/read-lines.js';
import { MAX_UNITS, type ReadBody } from '../../../../src/ingest/intake/unit.js';
import { unpacked } from '../../../../src/ingest/intake/unpack.js';
import { mutated } from '../formats/mutated.js';

const arrivalMs = Date.parse('2026-11-28T09:05:00Z');
// With a number that JSON.parse would round, and blanks: the bytes are to stay.
const TRAIL =
  '{"eventVersion": "1.08","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","eventTime":"2026-11-28T09:00:00Z","n":12345678901234567890}';
/** As the audit webhook posts it: what an item is stands at the list alone. */
const EXEC =
  '{"level":"Metadata","auditID":"1","stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/a/pods/b/exec","requestReceivedTimestamp":"2026-11-28T09:00:00.000000Z","objectRef":{"resource":"pods","subresource":"exec"}}';
const trailFile = (...records: string[]): string => `{"Records":[${records.join(',')}]}`;
const eventList = (...items: string[]): string =>
  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items.join(',')}]}`;
const eventBridge = (detail: string): string =>
  `{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.cloudtrail","time":"2026-11-28T09:00:09Z","detail":${detail}}`;

const texts = (records: readonly Buffer[] | undefined): string[] | undefined => records?.map(String);
const parse = (text: string, format?: string) =>
  parseRecord(Buffer.from(text), { arrivalMs, ...(format === undefined ? {} : { format }) });

function unitsOf(read: ReadBody): { place: number; text: string; fault: string | undefined }[] {
  if (!read.ok) throw new Error(read.fault);
  return read.units.map((unit) => ({
    place: unit.place,
    text: unit.bytes.toString(),
    fault: prepareUnit(unit, { arrivalMs }).fault,
  }));
}

describe('several records in one', () => {
  it('of CloudTrail’s files and of Kubernetes’ webhook are taken out in their own bytes', () => {
    expect(texts(unpacked(Buffer.from(trailFile(TRAIL, TRAIL))))).toEqual([TRAIL, TRAIL]);
    const pretty = Buffer.from(`\n{ "x": 1,\n "Records" : [ ${TRAIL} ,\n {"bad":} ] }\n`);
    expect(texts(unpacked(pretty))).toEqual([TRAIL, '{"bad":}']);
    expect(texts(unpacked(Buffer.from(eventList(EXEC, EXEC, EXEC))))).toEqual([EXEC, EXEC, EXEC]);
  });

  it.each([
    ['a list of another service', '{"Records":[{"kinesis":{"data":"x"}}]}'],
    ['a list of other objects', `{"kind":"List","apiVersion":"v1","items":[${EXEC}]}`],
    ['no list', `{"Records":${TRAIL}}`],
    ['an empty list', '{"Records":[]}'],
    ['a record with such a member further in', `{"a":${trailFile(TRAIL)}}`],
    ['two lists of the same name, of which JSON knows one', `{"Records":[${TRAIL}],"Records":[${TRAIL}]}`],
    ['something behind', `${trailFile(TRAIL)} x`],
    ['no end', trailFile(TRAIL).slice(0, -1)],
    ['no end of the list', `{"Records":[${TRAIL}`],
    ['more than a body may hold', trailFile(TRAIL, ...Array<string>(MAX_UNITS).fill('1'))],
  ])('are not looked for in %s', (_, text) => {
    expect(unpacked(Buffer.from(text))).toBeUndefined();
  });

  it('are not one event, unless they are said to be of another format than theirs', () => {
    for (const format of [undefined, 'cloudtrail']) {
      expect(parse(trailFile(TRAIL), format)).toEqual({ ok: false, reason: 'send_singly' });
    }
    for (const format of [undefined, 'kubernetes-audit']) {
      expect(parse(eventList(EXEC), format)).toEqual({ ok: false, reason: 'send_singly' });
    }
    for (const text of [trailFile(TRAIL), eventList(EXEC)]) {
      expect(parse(text, 'json')).toMatchObject({ ok: true, event: { format: 'json', fields: JSON.parse(text) } });
      const audit = {
        v: 1,
        id: '1',
        time: '2026-11-27T09:30:00Z',
        action: 'data.export',
        outcome: 'success',
        actor: { type: 'user' },
      };
      const record = JSON.stringify({ ...audit, ...(JSON.parse(text) as object) });
      expect(parse(record, 'silowatch-audit')).toMatchObject({ ok: true, event: { format: 'silowatch-audit' } });
      expect(parse(record)).toEqual({ ok: false, reason: 'send_singly' });
    }
    expect(parse(`{"Records":[${TRAIL}],"Records":[${TRAIL}]}`)).toEqual({ ok: false, reason: 'send_singly' });
    expect(parse('{"Records":[{"kinesis":{"data":"x"}}]}')).toMatchObject({ ok: true, event: { format: 'json' } });
  });

  it('whatever the bytes, lose nothing: each is found where it stood, or all stay together', () => {
    const record = fc.oneof(
      fc.constantFrom(TRAIL, EXEC, '{}', '{"a":[{"Records":[1]}]}', '"]}"', '"\\""'),
      fc.json({ maxDepth: 2 }),
    );
    const packed = fc
      .tuple(fc.array(record, { maxLength: 5 }), fc.boolean())
      .map(([list, isTrail]) => (isTrail ? trailFile(...list) : eventList(...list)))
      .map((text) => Buffer.from(text));
    const samples = [trailFile(TRAIL, '{"a":1}'), eventList(EXEC, '[]')].map((text) => Buffer.from(text));
    fc.assert(
      fc.property(
        fc.oneof(
          packed,
          mutated(samples),
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          const records = unpacked(bytes);
          if (records === undefined) return;
          let end = bytes.byteOffset;
          for (const one of records) {
            // Views of the same bytes, in order, with commas and blanks alone between them.
            expect(one.buffer).toBe(bytes.buffer);
            const between = Buffer.from(bytes.buffer, end, one.byteOffset - end).toString();
            if (end > bytes.byteOffset) expect(between).toMatch(/^[\s,]*$/);
            end = one.byteOffset + one.length;
          }
          let whole: Record<string, unknown>;
          try {
            whole = JSON.parse(bytes.toString()) as Record<string, unknown>;
          } catch {
            return;
          }
          expect(records.map((one) => JSON.parse(one.toString()) as unknown)).toEqual(
            whole['Records'] ?? whole['items'],
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a body', () => {
  it('with several in one gives each its own place or line, and its own fault', () => {
    const bad = '{"bad":}';
    const one = unitsOf(readLines(Buffer.from(trailFile(TRAIL, bad, TRAIL)), 'application/json'));
    expect(one).toEqual([
      { place: 1, text: TRAIL, fault: undefined },
      { place: 2, text: bad, fault: 'malformed' },
      { place: 3, text: TRAIL, fault: undefined },
    ]);
    const lines = unitsOf(readLines(Buffer.from(`${EXEC}\n${eventList(EXEC, EXEC)}\n`), 'application/x-ndjson'));
    expect(lines.map(({ place, text }) => [place, text])).toEqual([
      [1, EXEC],
      [2, EXEC],
      [2, EXEC],
    ]);
    const hec = unitsOf(whole(readHecEvents(Buffer.from(`{"event":${eventList(EXEC, EXEC)},"host":"a"}`))));
    expect(hec.map(({ text, fault }) => [text, fault])).toEqual([
      [EXEC, undefined],
      [EXEC, undefined],
    ]);
  });

  it('has no more records than it may when they are taken apart', () => {
    const half = trailFile(TRAIL, ...Array<string>(MAX_UNITS / 2).fill('{}'));
    expect(readLines(Buffer.from(`${half}\n${half}`), 'text/plain')).toEqual({ ok: false, fault: 'too_many' });
  });

  it('whose shipper carries several in one line hears of it', () => {
    const carried = JSON.stringify({ message: trailFile(TRAIL), host: 'a' });
    expect(unitsOf(readLines(Buffer.from(carried), 'application/json')).map(({ fault }) => fault)).toEqual([
      'send_singly',
    ]);
    const bulk = readBulk(Buffer.from(`{"create":{}}\n${eventList(EXEC)}\n`));
    expect(unitsOf(bulk).map(({ fault }) => fault)).toEqual(['send_singly']);
  });
});

describe('an event', () => {
  it('of EventBridge around one of CloudTrail is that one', () => {
    const bare = parse(TRAIL);
    expect(bare).toMatchObject({ ok: true, event: { format: 'cloudtrail', logsource: { service: 'cloudtrail' } } });
    expect(parse(eventBridge(TRAIL))).toEqual(bare);
    expect(parse(eventBridge('{"severity":8}'))).toMatchObject({ ok: true, event: { format: 'json' } });
  });

  it('of Kubernetes is known within a list too, where it does not say what it is', () => {
    expect(parse(EXEC)).toMatchObject({
      ok: true,
      event: { format: 'kubernetes-audit', timeMs: Date.parse('2026-11-28T09:00:00Z') },
    });
    expect(parse('{"apiVersion":"v1","auditID":"1","stage":"x","level":"y"}')).toMatchObject({
      ok: true,
      event: { format: 'json' },
    });
  });
});
