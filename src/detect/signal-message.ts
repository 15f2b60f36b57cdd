import { z } from 'zod';
import { STREAMS } from '../platform/event-log/topics.js';
import { ENTITY_KINDS } from './entity.js';

/** Longest raw record that travels with a signal, in bytes. */
export const MAX_SAMPLE_BYTES = 8 * 1024;

const entity = z.object({ kind: z.enum(ENTITY_KINDS), value: z.string() });

const evidence = z.object({
  topic: z.string(),
  partition: z.number(),
  offset: z.number(),
  sha256: z.string(),
  timeMs: z.number(),
  raw: z.string(),
  /** The rule that it matched, where that is not the signal's own. */
  rule: z.string().optional(),
});
export type Sample = z.infer<typeof evidence> & { readonly rule: string };

const origin = z.object({
  incarnation: z.number(),
  /** Topic and partition that were read; `correlate/<partition>` of a relayed firing, `put-aside/<partition>/<offset>` of what was put aside. */
  source: z.string(),
  offset: z.number(),
});
/** Where a signal comes from: the correlator takes each origin once for each consumer. */
export type Origin = z.infer<typeof origin> & {
  /** Which of the signals of this record and consumer it is, from 0. */
  readonly ordinal: number;
};

const signalSchema = z.object({
  /** Hash of the rule or correlation that it feeds. */
  consumer: z.string(),
  ordinal: z.number(),
  rule: z.string(),
  timeMs: z.number(),
  group: z.array(z.string()),
  value: z.string().optional(),
  place: z.object({ latitude: z.number(), longitude: z.number() }).optional(),
  entities: z.array(entity),
  /** W3C trace context of the signal, while traces are sent. */
  traceparent: z.string().max(100).optional(),
});
/** One match on its way to one consumer. */
export type Signal = z.infer<typeof signalSchema>;

const signalsMessage = z.object({
  v: z.literal(2),
  kind: z.literal('signals'),
  origin,
  /** For how many signals partitions it was written. */
  layout: z.number(),
  tenant: z.string(),
  samples: z.array(evidence),
  /** When the record reached the log. */
  arrivalMs: z.number(),
  /** When it was read there. */
  detectedMs: z.number(),
  /** Its event was older than 15 minutes when it was first read. */
  isLate: z.boolean(),
  /** The audit record's own id: a shipper's repeat has the same. */
  recordId: z.string().optional(),
  signals: z.array(signalSchema),
});
/** What one record, or one firing, has to say to one signals partition: its evidence travels once for all signals. */
export type SignalsMessage = z.infer<typeof signalsMessage>;

/** A signal with what it shares with the others of its record. */
export interface SentSignal {
  readonly origin: Origin;
  readonly layout: number;
  readonly tenant: string;
  readonly arrivalMs: number;
  readonly detectedMs: number;
  readonly isLate: boolean;
  readonly recordId: string | undefined;
  readonly signal: Signal;
  readonly samples: readonly Sample[];
}

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
  /** Batches, and the microseconds of matching and of sending what they gave; left out where nothing was read. */
  work: z.tuple([z.number(), z.number(), z.number()]).optional(),
  /** How often this instance took it up as the log shared its partitions out; left out for never. */
  rebalances: z.number().optional(),
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
  /** One for all messages of a telling. */
  sequence: z.number(),
  /** The telling goes on in another message: only then have all sources of the instance been told of. Left out for no. */
  goesOn: z.boolean().optional(),
  clockMs: z.number(),
  /** All signals that this instance detected before are in the log. */
  sentMs: z.number(),
  /** Source, its tenant and its watermark. */
  watermarks: z.array(z.tuple([z.string(), z.string(), z.number()])),
  /** In one partition only, so that they are counted once. */
  counts: z.array(streamCounts),
  seen: z.array(seenEntity),
  /** What detection did since the message before: step, how often, seconds. In one partition only. */
  work: z.array(z.tuple([z.string(), z.number(), z.number()])).optional(),
});
/** How far a detecting instance has come. */
export type ProgressMessage = z.infer<typeof progressMessage>;

const relayedMessage = z.object({
  v: z.literal(1),
  kind: z.literal('relayed'),
  /** Signals partition, and how far it has come: `RelayClock.heardMs`. */
  clocks: z.array(z.tuple([z.number(), z.number()])),
});
/** How far correlating partitions have come with what they send on to others. */
export type RelayedMessage = z.infer<typeof relayedMessage>;

const message = z.discriminatedUnion('kind', [signalsMessage, progressMessage, relayedMessage]);
export type SignalsTopicMessage = SignalsMessage | ProgressMessage | RelayedMessage;

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

/** The signals of a message, in order. */
export function signalsIn(message: SignalsMessage): readonly SentSignal[] {
  const { layout, tenant, arrivalMs, detectedMs, isLate, recordId } = message;
  return message.signals.map((signal) => {
    const origin = { ...message.origin, ordinal: signal.ordinal };
    const samples = message.samples.map((sample) => ({ ...sample, rule: sample.rule ?? signal.rule }));
    return { origin, layout, tenant, arrivalMs, detectedMs, isLate, recordId, signal, samples };
  });
}
