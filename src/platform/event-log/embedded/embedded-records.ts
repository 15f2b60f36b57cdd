import type pg from 'pg';
import { DomainError } from '../../errors/domain-error.js';
import type { LogRecord, OutgoingMessage, Position } from '../event-log.js';

/** A topic as the tables know it. */
export interface StoredTopic {
  readonly id: number;
  readonly name: string;
  readonly partitions: number;
  readonly maxMessageBytes: number;
}

/** About one batch of work, as with Kafka. */
const FETCH_BYTES = 256 * 1024;
const FETCH_RECORDS = 2_000;

interface Row {
  readonly offset: string;
  readonly at: Date;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: string | null;
}

/** Records from `from` on, in order: at most `limit`, and no more bytes than a batch should have, though at least one. */
export async function fetchRecords(
  client: pg.Pool | pg.PoolClient,
  topicId: number,
  partition: number,
  from: number,
  limit = FETCH_RECORDS,
): Promise<readonly LogRecord[]> {
  const { rows } = await client.query<Row>(
    `select "offset", at, key, value, headers from (
       select r.*, sum(coalesce(octet_length(value), 0)) over (order by "offset") - coalesce(octet_length(value), 0) as before
       from (select * from event_log_records where topic_id = $1 and partition = $2 and "offset" >= $3
             order by "offset" limit $4) r
     ) sized where before < $5 order by "offset"`,
    [topicId, partition, from, limit, FETCH_BYTES],
  );
  return rows.map((row) => ({
    offset: Number(row.offset),
    timestampMs: row.at.getTime(),
    key: row.key,
    value: row.value,
    headers: decodeHeaders(row.headers),
  }));
}

/**
 * Stores the messages in one transaction and returns their positions. The partitions' head rows are locked in one order until the commit:
 * offsets become visible in their order, so that a reader never passes over one that is committed late.
 */
export async function storeRecords(
  client: pg.PoolClient,
  messages: readonly OutgoingMessage[],
  topics: ReadonlyMap<string, StoredTopic>,
  now: Date,
): Promise<readonly Position[]> {
  const targets = messages.map((message) => checkedTarget(message, topics));
  const heads = await lockHeads(client, targets);
  const offsets = targets.map(({ topicId, partition }) => {
    const head = heads.get(`${topicId}/${partition}`);
    if (head === undefined) throw unknownTopic('the topic was deleted meanwhile');
    const offset = head.next;
    head.next += 1;
    return offset;
  });
  for (const { from, to } of parts(messages)) {
    await insertRecords(client, messages.slice(from, to), targets.slice(from, to), offsets.slice(from, to), now);
  }
  const changed = [...heads.values()];
  await client.query(
    `update event_log_partitions p set end_offset = given.next
     from unnest($1::int[], $2::int[], $3::bigint[]) as given (topic_id, partition, next)
     where p.topic_id = given.topic_id and p.partition = given.partition`,
    [changed.map(({ topicId }) => topicId), changed.map(({ partition }) => partition), changed.map(({ next }) => next)],
  );
  return messages.map(({ topic, partition }, i) => ({ topic, partition, offset: offsets[i] ?? -1 }));
}

/** Bytes in one statement: the driver writes them as text in one go, which nothing else comes between. */
const STATEMENT_BYTES = 2 * 1024 * 1024;

/** Stretches of messages that are of one statement each, in order. */
function* parts(messages: readonly OutgoingMessage[]): Generator<{ readonly from: number; readonly to: number }> {
  let from = 0;
  let bytes = 0;
  for (const [at, message] of messages.entries()) {
    const size = sizeOf(message);
    if (at > from && bytes + size > STATEMENT_BYTES) {
      yield { from, to: at };
      from = at;
      bytes = 0;
    }
    bytes += size;
  }
  yield { from, to: messages.length };
}

async function insertRecords(
  client: pg.PoolClient,
  messages: readonly OutgoingMessage[],
  targets: readonly Target[],
  offsets: readonly number[],
  now: Date,
): Promise<void> {
  await client.query(
    `insert into event_log_records (topic_id, partition, "offset", at, key, value, headers)
     select t, p, o, $4, k, v, h from unnest($1::int[], $2::int[], $3::bigint[], $5::bytea[], $6::bytea[], $7::text[])
       as given (t, p, o, k, v, h)`,
    [
      targets.map(({ topicId }) => topicId),
      targets.map(({ partition }) => partition),
      offsets,
      now,
      messages.map(({ key }) => toBuffer(key)),
      messages.map(({ value }) => toBuffer(value)),
      messages.map(({ headers }) => encodeHeaders(headers)),
    ],
  );
}

interface Target {
  readonly topicId: number;
  readonly partition: number;
}

interface Head extends Target {
  next: number;
}

async function lockHeads(client: pg.PoolClient, targets: readonly Target[]): Promise<ReadonlyMap<string, Head>> {
  const distinct = [...new Map(targets.map((target) => [`${target.topicId}/${target.partition}`, target])).values()];
  const { rows } = await client.query<{ topic_id: number; partition: number; end_offset: string }>(
    `select topic_id, partition, end_offset from event_log_partitions
     where (topic_id, partition) in (select * from unnest($1::int[], $2::int[]))
     order by topic_id, partition for update`,
    [distinct.map(({ topicId }) => topicId), distinct.map(({ partition }) => partition)],
  );
  return new Map(
    rows.map((row) => [
      `${row.topic_id}/${row.partition}`,
      { topicId: row.topic_id, partition: row.partition, next: Number(row.end_offset) },
    ]),
  );
}

function checkedTarget(message: OutgoingMessage, topics: ReadonlyMap<string, StoredTopic>): Target {
  const topic = topics.get(message.topic);
  if (topic === undefined || message.partition < 0 || message.partition >= topic.partitions) {
    throw unknownTopic(`${message.topic}, partition ${message.partition}`);
  }
  if (sizeOf(message) > topic.maxMessageBytes) {
    throw new DomainError(
      'EVENT_LOG_MESSAGE_TOO_LARGE',
      `The record is larger than the ${topic.maxMessageBytes} bytes that ${topic.name} takes`,
    );
  }
  return { topicId: topic.id, partition: message.partition };
}

export const unknownTopic = (what: string): DomainError =>
  new DomainError('EVENT_LOG_UNKNOWN_TOPIC', `No such topic: ${what}`);

const toBuffer = (part: string | Buffer | null): Buffer | null => (typeof part === 'string' ? Buffer.from(part) : part);

/** In bytes, as topics bound it. */
export function sizeOf({ key, value, headers }: OutgoingMessage): number {
  const bytes = (part: string | Buffer | null): number =>
    typeof part === 'string' ? Buffer.byteLength(part) : (part?.length ?? 0);
  const inHeaders = Object.entries(headers ?? {}).reduce((sum, [name, header]) => sum + name.length + bytes(header), 0);
  return bytes(key) + bytes(value) + inHeaders;
}

function encodeHeaders(headers: OutgoingMessage['headers']): string | null {
  if (headers === undefined) return null;
  const entries = Object.entries(headers).map(([name, value]) => [name, toBuffer(value)?.toString('base64')] as const);
  return entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries));
}

function decodeHeaders(text: string | null): Record<string, Buffer> {
  if (text === null) return {};
  const encoded = JSON.parse(text) as Record<string, string>;
  return Object.fromEntries(Object.entries(encoded).map(([name, value]) => [name, Buffer.from(value, 'base64')]));
}
