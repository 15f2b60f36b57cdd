import type { KafkaMessage } from 'kafkajs';
import protocol from 'kafkajs/src/protocol/requests/index.js';
import type { LogRecord } from '../event-log.js';
import { readBatches, type StoredBatch } from './record-batches.js';

/** What kafkajs takes for one message: a batch as the broker stores it, with all its records. */
interface BatchMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
  readonly records: readonly LogRecord[];
}

/** The version of the fetch request that both kafkajs 2.2.4 and every broker since 2.3 speak. */
const VERSION = 11;

let isMended = false;

/**
 * kafkajs makes some twenty objects of each record and then parses its offset from text, twice: 1 µs a record and the garbage, where reading
 * them takes an eighth. So answers to a fetch are decoded here, and a stored batch is one message to kafkajs, which looks at messages only for
 * their offsets and transactions. What is not read here (packed batches, other versions) kafkajs decodes itself; `recordsOf` takes both.
 */
export function decodeFetchesHere(): void {
  if (isMended) return;
  isMended = true;
  const { Fetch } = protocol.requests;
  const original = Fetch.protocol;
  Fetch.protocol = ({ version }) => {
    const make = original({ version });
    if (version !== VERSION) return make;
    return (payload) => {
      const made = make(payload);
      const decode = async (bytes: Buffer): Promise<unknown> => decodeAnswer(bytes) ?? made.response.decode(bytes);
      return { ...made, response: { ...made.response, decode } };
    };
  };
}

/** Records of what kafkajs delivered as messages, from this offset on. */
export function recordsOf(messages: readonly KafkaMessage[], from: number): readonly LogRecord[] {
  const records: LogRecord[] = [];
  for (const message of messages) {
    const batch = (message as Partial<BatchMessage>).records;
    if (batch === undefined) {
      const record = toRecord(message);
      if (record.offset >= from) records.push(record);
      continue;
    }
    // A stored batch is fetched whole, also when reading begins in its middle.
    for (const record of batch) if (record.offset >= from) records.push(record);
  }
  return records;
}

function toRecord(message: KafkaMessage): LogRecord {
  const headers = Object.create(null) as Record<string, Buffer>;
  for (const [name, given] of Object.entries(message.headers ?? {})) {
    const value = Array.isArray(given) ? given.at(-1) : given;
    if (value !== undefined) headers[name] = typeof value === 'string' ? Buffer.from(value) : value;
  }
  return {
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers,
  };
}

/** The answer in kafkajs' form (Fetch, version 11); undefined when it holds what is not read here. */
export function decodeAnswer(bytes: Buffer): unknown {
  const reader = new AnswerReader(bytes);
  try {
    return reader.answer();
  } catch {
    // Whatever it was, kafkajs reads the same bytes next and says what is wrong with them.
    return undefined;
  }
}

class AnswerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  answer(): unknown {
    const clientSideThrottleTime = this.#int32();
    const errorCode = this.#int16();
    const sessionId = this.#int32();
    const responses = this.#array(() => ({
      topicName: this.#text(),
      partitions: this.#array(() => this.#partition()),
    }));
    // As kafkajs has it: the broker leaves the waiting to the client.
    return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
  }

  #partition(): unknown {
    return {
      partition: this.#int32(),
      errorCode: this.#int16(),
      highWatermark: this.#int64(),
      lastStableOffset: this.#int64(),
      lastStartOffset: this.#int64(),
      abortedTransactions: this.#array(() => ({ producerId: this.#int64(), firstOffset: this.#int64() })),
      preferredReadReplica: this.#int32(),
      messages: this.#messages(),
    };
  }

  #messages(): readonly BatchMessage[] {
    const length = this.#int32();
    if (length <= 0) return [];
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('The answer ends before its records');
    const batches = readBatches(this.#bytes.subarray(start, this.#at));
    if (batches === undefined) throw new Error('Packed or old records');
    return batches.map(asMessage);
  }

  #array<T>(read: () => T): T[] {
    const count = this.#int32();
    const items: T[] = [];
    for (let i = 0; i < count; i += 1) items.push(read());
    return items;
  }

  #text(): string {
    const length = this.#int16();
    const start = this.#at;
    this.#at += Math.max(0, length);
    return this.#bytes.toString('utf8', start, this.#at);
  }

  #int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  #int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  #int64(): string {
    this.#at += 8;
    return String(this.#bytes.readBigInt64BE(this.#at - 8));
  }
}

const asMessage = ({ lastOffset, producerId, isTransactional, isControl, records }: StoredBatch): BatchMessage => ({
  offset: String(lastOffset),
  key: isControl ? (records[0]?.key ?? null) : null,
  isControlRecord: isControl,
  batchContext: { producerId, inTransaction: isTransactional },
  records,
});
