import type { Kafka, Message, Producer, RecordMetadata, TopicMessages } from 'kafkajs';
import { DomainError } from '../../errors/domain-error.js';
import type { OutgoingMessage, Position } from '../event-log.js';
import { classify } from './kafka-errors.js';

/** Below the 1 MiB that a topic takes at once, so that several small records never fail for their sum. */
const MAX_PARTITION_BYTES = 512 * 1024;
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
const TRIES = 5;
const FIRST_WAIT_MS = 200;

interface Call {
  readonly messages: readonly OutgoingMessage[];
  readonly positions: Position[];
  isFailed: boolean;
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Entry {
  readonly message: OutgoingMessage;
  readonly call: Call;
}

/**
 * Sends what is queued, one request at a time and never the next before the last is answered, which is what order depends on: kafkajs'
 * idempotent producer loses and doubles messages after a lost answer, so its guarantees are not leant on.
 */
export class KafkaAppender {
  readonly #newKafka: () => Kafka;
  #producer: Producer | undefined;
  #queue: Call[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(newClient: () => Kafka) {
    this.#newKafka = newClient;
  }

  async append(messages: readonly OutgoingMessage[]): Promise<readonly Position[]> {
    if (this.#isClosed) throw new DomainError('EVENT_LOG_CLOSED', 'The event log is closed');
    if (messages.length === 0) return [];
    return new Promise((resolve, reject) => {
      this.#queue.push({ messages, positions: [], isFailed: false, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
    await this.#dropProducer();
  }

  async #drain(): Promise<void> {
    // Calls of the same turn of the event loop travel together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const calls = this.#queue;
      this.#queue = [];
      await this.#send(calls);
    }
    // In the same turn as the look at the queue, or a call that comes between would wait for ever.
    this.#running = undefined;
  }

  async #send(calls: readonly Call[]): Promise<void> {
    const entries = calls.flatMap((call) => call.messages.map((message) => ({ message, call })));
    for (const chunk of chunks(entries)) await this.#sendEntries(chunk.filter(({ call }) => !call.isFailed));
    for (const call of calls) if (!call.isFailed) call.resolve(call.positions);
  }

  async #sendEntries(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    const calls = [...new Set(entries.map(({ call }) => call))];
    try {
      const positions = await this.#sendChunk(entries.map(({ message }) => message));
      entries.forEach(({ call }, i) => call.positions.push(...positions.slice(i, i + 1)));
    } catch (error) {
      if (calls.length > 1 && error instanceof DomainError && !error.retryable) {
        // One call's message was refused; the others must not suffer for it.
        for (const call of calls) await this.#sendEntries(entries.filter((entry) => entry.call === call));
        return;
      }
      for (const call of calls) {
        call.isFailed = true;
        call.reject(error);
      }
    }
  }

  async #sendChunk(messages: readonly OutgoingMessage[]): Promise<readonly Position[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const producer = await this.#connected();
        const answer = await producer.sendBatch({ acks: -1, timeout: 20_000, topicMessages: byTopic(messages) });
        return positionsOf(messages, answer);
      } catch (error) {
        const failure = classify(error, `append to ${[...new Set(messages.map(({ topic }) => topic))].join(', ')}`);
        // A producer remembers every topic it has sent to and fails for all once one is gone: begin afresh.
        await this.#dropProducer();
        const isCurable = failure.retryable || (failure.code === 'EVENT_LOG_UNKNOWN_TOPIC' && attempt === 1);
        if (!isCurable || attempt === TRIES) throw failure;
        await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (attempt - 1)));
      }
    }
  }

  async #connected(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer;
    const producer = this.#newKafka().producer({
      allowAutoTopicCreation: false,
      // Every message names its partition.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
      retry: { retries: 0 },
    });
    await producer.connect();
    this.#producer = producer;
    return producer;
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }
}

const sizeOf = (message: OutgoingMessage): number => {
  const bytes = (part: string | Buffer | null): number =>
    part === null ? 0 : typeof part === 'string' ? Buffer.byteLength(part) : part.length;
  let size = 64 + bytes(message.key) + bytes(message.value);
  for (const [name, value] of Object.entries(message.headers ?? {})) size += 8 + name.length + bytes(value);
  return size;
};

/** Cuts, in order, into requests that fit. A record that is large by itself travels alone, so that its refusal concerns nothing else. */
export function* chunks<E extends { readonly message: OutgoingMessage }>(
  entries: readonly E[],
): Generator<readonly E[]> {
  let chunk: E[] = [];
  let total = 0;
  let perPartition = new Map<string, number>();
  for (const entry of entries) {
    const size = sizeOf(entry.message);
    const target = `${entry.message.topic}/${entry.message.partition}`;
    const inPartition = (perPartition.get(target) ?? 0) + size;
    const isLarge = size > MAX_PARTITION_BYTES;
    const isFull = inPartition > MAX_PARTITION_BYTES || total + size > MAX_REQUEST_BYTES;
    if (chunk.length > 0 && (isFull || isLarge)) {
      yield chunk;
      chunk = [];
      total = 0;
      perPartition = new Map();
    }
    chunk.push(entry);
    total = isLarge ? Infinity : total + size;
    perPartition.set(target, (perPartition.get(target) ?? 0) + size);
  }
  if (chunk.length > 0) yield chunk;
}

function byTopic(messages: readonly OutgoingMessage[]): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, partition, key, value, headers } of messages) {
    const list = topics.get(topic) ?? [];
    list.push({ key, value, partition, ...(headers && { headers: { ...headers } }) });
    topics.set(topic, list);
  }
  return [...topics].map(([topic, list]) => ({ topic, messages: list }));
}

/** Offsets of the messages, in their order. An answer that lacks a partition sent to is a failure of the whole request. */
export function positionsOf(messages: readonly OutgoingMessage[], answer: readonly RecordMetadata[]): Position[] {
  const next = new Map<string, number>();
  for (const { topicName, partition, baseOffset, errorCode } of answer) {
    if (errorCode === 0 && baseOffset !== undefined) next.set(`${topicName}/${partition}`, Number(baseOffset));
  }
  return messages.map(({ topic, partition }) => {
    const target = `${topic}/${partition}`;
    const offset = next.get(target);
    if (offset === undefined) {
      throw new DomainError('EVENT_LOG_UNAVAILABLE', `Kafka's answer does not speak of ${target}`, { retryable: true });
    }
    next.set(target, offset + 1);
    return { topic, partition, offset };
  });
}
