import { createHash } from 'node:crypto';
import { z } from 'zod';
import { headerText, type LogRecord, type OutgoingMessage } from '../platform/event-log/event-log.js';
import { DEAD_LETTERS_TOPIC } from '../platform/event-log/topics.js';
import { RECORD_FAULT_NAMES, type RecordFault } from './formats/parsed-record.js';
import { TOGETHER_HEADER, togetherOf } from './kept-together.js';
import { ENVELOPE_HEADER, MAX_ENVELOPE_BYTES } from './record-envelope.js';

/** Why a record was put aside: a fault of the record, or one that no try got past. */
export type DeadLetterReason =
  | RecordFault
  /** Its processing failed again and again while everything else was well. */
  | 'processing_failed'
  /** The process died at it, three times. */
  | 'process_died'
  /** A signal that cannot be read. */
  | 'unreadable_signal';

const OTHER_REASONS: Readonly<Record<Exclude<DeadLetterReason, RecordFault>, true>> = {
  processing_failed: true,
  process_died: true,
  unreadable_signal: true,
};
export const DEAD_LETTER_REASONS: readonly string[] = [...RECORD_FAULT_NAMES, ...Object.keys(OTHER_REASONS)];

/** Whether the record could not be read, rather than what was to be done with it. */
export const isParseFailure = (reason: string): boolean => reason !== 'processing_failed' && reason !== 'process_died';

export const DEAD_LETTER_PARTITIONS = 3;

/** The dead letter of a record, or of several that travel in one: its bytes unchanged, the reason and where it came from in headers. */
export function deadLetter(
  stage: 'detect' | 'correlate',
  origin: { readonly topic: string; readonly partition: number; readonly record: LogRecord },
  reason: DeadLetterReason,
): OutgoingMessage {
  const { topic, partition, record } = origin;
  const format = headerText(record, 'format')?.slice(0, 64);
  const envelope = headerText(record, ENVELOPE_HEADER)?.slice(0, MAX_ENVELOPE_BYTES);
  const together = togetherOf(record);
  return {
    topic: DEAD_LETTERS_TOPIC,
    partition: createHash('sha256').update(topic).digest().readUInt32BE(0) % DEAD_LETTER_PARTITIONS,
    key: topic,
    value: record.value,
    headers: {
      reason,
      stage,
      topic,
      partition: String(partition),
      offset: String(record.offset),
      arrival: String(record.timestampMs),
      ...(format === undefined ? {} : { format }),
      ...(envelope === undefined ? {} : { [ENVELOPE_HEADER]: envelope }),
      ...(together === undefined ? {} : { [TOGETHER_HEADER]: together.reason }),
    },
  };
}

const headersSchema = z.object({
  reason: z.string(),
  stage: z.string(),
  topic: z.string(),
  partition: z.coerce.number().int().nonnegative(),
  offset: z.coerce.number().int().nonnegative(),
  arrival: z.coerce.number().int(),
  format: z.string().optional(),
  [ENVELOPE_HEADER]: z.string().optional(),
});
export type DeadLetterOrigin = z.infer<typeof headersSchema>;

/** Where a dead letter came from and why; undefined when its headers are not of our making. */
export function readDeadLetter(record: LogRecord): DeadLetterOrigin | undefined {
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, value]) => [name, value.toString('utf8')]),
  );
  const parsed = headersSchema.safeParse(headers);
  return parsed.success ? parsed.data : undefined;
}
