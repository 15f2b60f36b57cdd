import type { KafkaMessage } from 'kafkajs';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import v11 from 'kafkajs/src/protocol/requests/fetch/v11/response.js';
import { RecordBatch } from 'kafkajs/src/protocol/recordBatch/v0/index.js';
import Record from 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
import { decodeAnswer, recordsOf } from '../../../../src/platform/event-log/kafka/fetch-answers.js';
import { readBatches } from '../../../../src/platform/event-log/kafka/record-batches.js';

interface Answer {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly messages: readonly KafkaMessage[] }[];
  }[];
}

const FIRST_MS = 1_790_000_000_000;

interface BatchOptions {
  readonly firstOffset: number;
  readonly values: readonly (Buffer | null)[];
  readonly headers?: Readonly<globalThis.Record<string, Buffer | readonly Buffer[]>>;
  readonly compression?: number;
  readonly transactional?: boolean;
}

async function batch({ firstOffset, values, headers, ...more }: BatchOptions): Promise<Buffer> {
  const records = values.map((value, i) =>
    Record({
      key: i % 2 === 0 ? null : Buffer.from(`k${i}`),
      value,
      headers,
      offsetDelta: i,
      timestampDelta: i * 1_000,
    }),
  );
  const lastOffsetDelta = values.length - 1;
  const encoded = await RecordBatch({ records, firstOffset, lastOffsetDelta, firstTimestamp: FIRST_MS, ...more });
  return encoded.buffer;
}

function answer(topics: Readonly<globalThis.Record<string, Buffer>>): Buffer {
  const encoder = new Encoder().writeInt32(0).writeInt16(0).writeInt32(0).writeInt32(Object.keys(topics).length);
  for (const [topic, stretch] of Object.entries(topics)) {
    encoder.writeString(topic).writeInt32(1).writeInt32(0).writeInt16(0);
    encoder.writeInt64(99).writeInt64(99).writeInt64(0).writeInt32(0).writeInt32(-1).writeBytes(stretch);
  }
  return encoder.buffer;
}

const bytes = (length: number, fill: string): Buffer => Buffer.alloc(length, fill);

describe('an answer to a fetch', () => {
  it('holds the records that kafkajs reads in it', async () => {
    const stretch = Buffer.concat([
      await batch({ firstOffset: 5, values: [bytes(1, 'a'), bytes(200, 'b'), null, bytes(70_000, 'c')] }),
      await batch({
        firstOffset: 9_007_199_254,
        values: [bytes(0, '')],
        headers: { format: Buffer.from('combined'), twice: [Buffer.from('1'), Buffer.from('2')] },
        transactional: true,
      }),
    ]);
    const given = answer({ 'silo.acme.access': stretch, 'silo.zenith.audit': Buffer.alloc(0) });
    const theirs = (await v11.decode(given)) as Answer;
    const ours = decodeAnswer(given) as Answer;
    for (const [at, { topicName, partitions }] of theirs.responses.entries()) {
      expect(ours.responses[at]?.topicName).toBe(topicName);
      expect(recordsOf(ours.responses[at]?.partitions[0]?.messages ?? [], 0)).toEqual(
        recordsOf(partitions[0]?.messages ?? [], 0),
      );
    }
    expect(recordsOf(ours.responses[0]?.partitions[0]?.messages ?? [], 0)).toHaveLength(5);
    expect({ ...ours, responses: [] }).toEqual({ ...theirs, responses: [] });
  });

  it('begins at the offset that was asked for, though the broker sends whole batches', async () => {
    const given = answer({ t: await batch({ firstOffset: 10, values: [null, null, null, null] }) });
    const { messages = [] } = (decodeAnswer(given) as Answer).responses[0]?.partitions[0] ?? {};
    expect(recordsOf(messages, 12).map(({ offset }) => offset)).toEqual([12, 13]);
  });

  it('keeps a header whatever its writer named it', async () => {
    const headers = { ['__proto__']: Buffer.from('x'), constructor: Buffer.from('y') };
    const [found] = readBatches(await batch({ firstOffset: 1, values: [null], headers })) ?? [];
    expect(Object.entries(found?.records[0]?.headers ?? {})).toEqual(Object.entries(headers));
  });

  it('is left to kafkajs when it is packed', async () => {
    expect(
      decodeAnswer(answer({ t: await batch({ firstOffset: 1, values: [null], compression: 1 }) })),
    ).toBeUndefined();
  });

  it('is left to kafkajs when it ends before its end', async () => {
    const given = answer({ t: await batch({ firstOffset: 1, values: [bytes(100, 'x')] }) });
    for (let length = 0; length < given.length; length += 7) {
      expect(decodeAnswer(given.subarray(0, length))).toBeUndefined();
    }
  });

  it('leaves out a batch that the broker cut off', async () => {
    const whole = await batch({ firstOffset: 1, values: [bytes(100, 'x')] });
    const next = await batch({ firstOffset: 2, values: [bytes(100, 'y')] });
    for (const length of [0, 11, 61, next.length - 1]) {
      const found = readBatches(Buffer.concat([whole, next.subarray(0, length)]));
      expect(found?.map(({ lastOffset }) => lastOffset)).toEqual([1]);
    }
  });

  it('tells transactions and their writers', async () => {
    const [found] = readBatches(await batch({ firstOffset: 3, values: [null], transactional: true })) ?? [];
    expect(found).toMatchObject({ producerId: '-1', isTransactional: true, isControl: false, lastOffset: 3 });
  });
});
