import { z } from 'zod';
import { STREAMS } from '../platform/event-log/topics.js';
import { ENTITY_KINDS } from './entity.js';

/** Longest raw record that travels with a signal, in bytes. */
export const MAX_SAMPLE_BYTES = 8 * 1024;

const entity = z.object({ kind: z.enum(ENTITY_KINDS), value: z.string() });

const sample = z.object({
  topic: z.string(),
  partition: z.number(),
  offset: z.number(),
  sha256: z.string(),
  timeMs: z.number(),
  raw: z.string(),
  rule: z.string(),
});
export type Sample = z.infer<typeof sample>;

const origin = z.object({
  incarnation: z.number(),
  /** Topic and partition that were read, or `correlate/<partition>` for a relayed firing. */
  source: z.string(),
  offset: z.number(),
  /** Which of the signals of this record and consumer it is, from 0. */
  ordinal: z.number(),
});
/** Where a signal comes from: the correlator takes each origin once for each consumer. */
export type Origin = z.infer<typeof origin>;

const signalMessage = z.object({
  v: z.literal(1),
  kind: z.literal('signal'),
  origin,
  /** Hash of the rule or correlation that it feeds. */
  consumer: z.string(),
  /** For how many signals partitions it was written. */
  layout: z.number().optional(),
  tenant: z.string(),
  signal: z.object({
    rule: z.string(),
    timeMs: z.number(),
    group: z.array(z.string()),
    value: z.string().optional(),
    place: z.object({ latitude: z.number(), longitude: z.number() }).optional(),
  }),
  entities: z.array(entity),
  samples: z.array(sample),
  /** When the record reached the log. */
  arrivalMs: z.number(),
  /** Its event was older than 15 minutes when it was first read. */
  isLate: z.boolean(),
  /** The audit record's own id: a shipper's repeat has the same. */
  recordId: z.string().optional(),
  /** W3C trace context of the signal, while traces are sent. */
  traceparent: z.string().max(100).optional(),
});
/** One match on its way to one consumer. */
export type SignalMessage = z.infer<typeof signalMessage>;

const refused = z.object({
  reason: z.string(),
  /** As its header named it; `none` without one. */
  format: z.string(),
  count: z.number(),
  /** Where the latest lies. */
  partition: z.number(),
  offset: z.number(),
  arrivalMs: z.number(),
});

const streamCounts = z.object({
  tenant: z.string(),
  stream: z.enum(STREAMS),
  events: z.number(),
  parseFailures: z.number(),
  deadLetters: z.number(),
  lastEventMs: z.number().nullable(),
  lagRecords: z.number(),
  lagSeconds: z.number(),
  /** When what was read had reached the log; left out where nothing was read. */
  arrivals: z
    .object({ firstMs: z.number(), lastMs: z.number(), gap: z.tuple([z.number(), z.number()]).optional() })
    .optional(),
  /** Everything that arrived until then has been read; null while that is not known, since reading is behind or the log does not answer. */
  readUpToMs: z.number().nullable().optional(),
  refused: z.array(refused).optional(),
});
/** What one second of a silo's stream was like. */
export type StreamCounts = z.infer<typeof streamCounts>;

const seenEntity = z.object({ tenant: z.string(), entity, lastMs: z.number(), count: z.number() });
/** Events of an entity that somebody watches. */
export type SeenEntity = z.infer<typeof seenEntity>;

const progressMessage = z.object({
  v: z.literal(1),
  kind: z.literal('progress'),
  instance: z.string(),
  sequence: z.number(),
  clockMs: z.number(),
  /** Source, its tenant and its watermark. */
  watermarks: z.array(z.tuple([z.string(), z.string(), z.number()])),
  /** In one partition only, so that they are counted once. */
  counts: z.array(streamCounts),
  seen: z.array(seenEntity),
});
/** How far a detecting instance has come. */
export type ProgressMessage = z.infer<typeof progressMessage>;

const message = z.discriminatedUnion('kind', [signalMessage, progressMessage]);
export type SignalsTopicMessage = SignalMessage | ProgressMessage;

export const encodeMessage = (content: SignalsTopicMessage): string => JSON.stringify(content);

/** Undefined when it is none of ours. */
export function decodeMessage(value: Buffer | null): SignalsTopicMessage | undefined {
  if (value === null) return undefined;
  try {
    const parsed = message.safeParse(JSON.parse(value.toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
