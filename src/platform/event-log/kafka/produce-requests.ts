import protocol, { type ProducePayload, type ProducedMessage } from 'kafkajs/src/protocol/requests/index.js';
import { BatchWriter } from './record-batch-writer.js';

/** The versions of the produce request that have batches of records (magic 2) and this one form. */
const FIRST_VERSION = 3;
const LAST_VERSION = 7;

let isMended = false;

/**
 * kafkajs makes objects and buffers of its own for each record of a request, copies them together four times and takes the checksum
 * byte by byte: some 50 µs a record of 1.5 KB. So the requests are written here, in one buffer of the right size. What is not written
 * here (transactions, packed batches, messages with a time of their own) kafkajs writes itself.
 */
export function encodeProducesHere(): void {
  if (isMended) return;
  isMended = true;
  const { Produce } = protocol.requests;
  const original = Produce.protocol;
  Produce.protocol = ({ version }) => {
    const make = original({ version });
    if (version < FIRST_VERSION || version > LAST_VERSION) return make;
    return (payload) => {
      const made = make(payload);
      if (!isPlain(payload)) return made;
      const encode = (): Promise<unknown> => Promise.resolve(asEncoder(encodeProduce(payload, Date.now())));
      return { ...made, request: { ...made.request, encode } };
    };
  };
}

function isPlain({ transactionalId, compression, topicData }: ProducePayload): boolean {
  return (
    (transactionalId ?? null) === null &&
    (compression ?? 0) === 0 &&
    topicData.every(({ partitions }) =>
      partitions.every(({ messages }) => messages.every(({ timestamp }) => timestamp === undefined)),
    )
  );
}

/** What kafkajs takes from an encoder. */
const asEncoder = (buffer: Buffer): unknown => ({ buf: buffer, buffer, size: () => buffer.length });

/** The body of a produce request (versions 3 to 7) of messages that are written at `nowMs`. */
export function encodeProduce({ acks, timeout, topicData }: ProducePayload, nowMs: number): Buffer {
  const writer = new BatchWriter(sizeOf(topicData));
  // No transaction.
  writer.int16(-1);
  writer.int16(acks);
  writer.int32(timeout);
  writer.int32(topicData.length);
  for (const { topic, partitions } of topicData) {
    writer.text16(topic);
    writer.int32(partitions.length);
    for (const { partition, messages } of partitions) {
      writer.int32(partition);
      writer.sized32(() => writer.batch(messages, nowMs));
    }
  }
  return writer.written();
}

/** At most so many bytes: numbers of variable length take up to five. */
function sizeOf(topicData: ProducePayload['topicData']): number {
  let size = 64;
  for (const { topic, partitions } of topicData) {
    size += 16 + topic.length * 3;
    for (const { messages } of partitions)
      size += 80 + messages.reduce((sum, message) => sum + sizeOfMessage(message), 0);
  }
  return size;
}

function sizeOfMessage({ key, value, headers = {} }: ProducedMessage): number {
  let size = 40 + bytesOf(key) + bytesOf(value);
  for (const [name, header] of Object.entries(headers)) size += 16 + name.length * 3 + bytesOf(header);
  return size;
}

/** For text at most, without counting. */
const bytesOf = (part: string | Buffer | null | undefined): number =>
  part === null || part === undefined ? 0 : typeof part === 'string' ? part.length * 3 : part.length;
