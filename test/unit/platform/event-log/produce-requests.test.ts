import fc from 'fast-check';
import oracle from 'kafkajs/src/protocol/recordBatch/crc32C/index.js';
import { crc32c } from '../../../../src/platform/event-log/kafka/crc32c.js';
import { encodeProduce } from '../../../../src/platform/event-log/kafka/produce-requests.js';
import { readBatches } from '../../../../src/platform/event-log/kafka/record-batches.js';

const NOW_MS = 1_790_000_000_123;

const value = fc.option(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)),
  ),
);
const message = fc.record({
  key: value,
  value,
  headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ maxLength: 200 }), { maxKeys: 4 }),
});

/** The record set of the only partition of a request. */
const recordsOf = (request: Buffer): Buffer => request.subarray(2 + 2 + 4 + 4 + 2 + 't'.length + 4 + 4 + 4);

const asBuffer = (part: string | Buffer | null): Buffer | null => (part === null ? null : Buffer.from(part));

describe('the checksum of a batch', () => {
  it('is the one of RFC 3720', () => {
    expect(crc32c(Buffer.alloc(32)).toString(16)).toBe('8a9136aa');
    expect(crc32c(Buffer.from('123456789')).toString(16)).toBe('e3069283');
  });

  it("is kafkajs' of any stretch of any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(20), (bytes, start) => {
        const from = Math.min(start, bytes.length);
        expect(crc32c(bytes, from)).toBe(oracle(Buffer.from(bytes.subarray(from))));
      }),
    );
  });
});

describe('a produce request', () => {
  it('holds the messages as they are read again', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 90 }), (messages) => {
        const topicData = [{ topic: 't', partitions: [{ partition: 3, messages }] }];
        const stored = recordsOf(encodeProduce({ acks: -1, timeout: 20_000, topicData }, NOW_MS));
        const [batch, ...others] = readBatches(stored) ?? [];
        expect(others).toEqual([]);
        expect(stored.readUInt32BE(17)).toBe(oracle(stored.subarray(21)));
        expect(batch?.records.map(({ key, value: read }) => ({ key, value: read }))).toEqual(
          messages.map((sent) => ({ key: asBuffer(sent.key), value: asBuffer(sent.value) })),
        );
        for (const [at, { timestampMs, offset, headers }] of (batch?.records ?? []).entries()) {
          expect([timestampMs, offset]).toEqual([NOW_MS, at]);
          const read = Object.fromEntries(
            Object.entries(headers).map(([name, bytes]) => [name, bytes.toString('utf8')]),
          );
          const sent = Object.entries(messages[at]?.headers ?? {}).map(([name, text]) => [name, text.toWellFormed()]);
          expect(read).toEqual(Object.fromEntries(sent));
        }
      }),
    );
  });

  it('names acknowledgement, time limit, topics and partitions in order', () => {
    const of = (partition: number) => ({ partition, messages: [{ key: null, value: 'x' }] });
    const topicData = [
      { topic: 'one', partitions: [of(0), of(7)] },
      { topic: 'two', partitions: [of(1)] },
    ];
    const request = encodeProduce({ acks: -1, timeout: 20_000, topicData }, NOW_MS);
    const records = 61 + 8;
    const numbers = [
      request.readInt16BE(0),
      request.readInt16BE(2),
      request.readInt32BE(4),
      request.readInt32BE(8),
      request.readInt32BE(17),
      request.readInt32BE(21),
      request.readInt32BE(25),
      request.readInt32BE(29 + records),
    ];
    expect(numbers).toEqual([-1, -1, 20_000, 2, 2, 0, records, 7]);
    expect(request.toString('utf8', 14, 17)).toBe('one');
    expect(request.length).toBe(12 + 9 + 2 * (8 + records) + 9 + 8 + records);
  });
});
