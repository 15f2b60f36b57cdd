import { hash } from 'node:crypto';
import { type Event, TENANT_FIELD } from '../event/event.js';
import { deadLetter, type DeadLetterReason } from '../ingest/dead-letter.js';
import { claimOfKept } from '../ingest/kept-claims.js';
import { togetherOf } from '../ingest/kept-together.js';
import { envelopeOf } from '../ingest/record-envelope.js';
import { otherTenants } from '../ingest/formats/claims.js';
import { parseRecord } from '../ingest/formats/parse-record.js';
import { formatNamed } from '../ingest/formats/recognise.js';
import type { Source } from '../ingest/source.js';
import { headerText, type LogRecord, type OutgoingMessage, type RecordBatch } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import type { Consumer, Correlation, Level, MatchEvent, Rule } from '../sigma/index.js';
import { partitionOf } from './correlation-key.js';
import { type Entity, entityText, NamedEntities, storable, USUAL_ENTITY_FIELDS } from './entity.js';
import { PLATFORM_LOGSOURCE } from './platform-rules.js';
import { PlainLines } from './plain-lines.js';
import type { RecordTraces } from './record-traces.js';
import type { Rules } from './rules.js';
import { encodeMessage, MAX_SAMPLE_BYTES, type Sample, type Signal, type SignalsMessage } from './signal-message.js';
import { believableMs } from './source-clock.js';
import type { WatchList } from './watch-list.js';

/** Events that are older than this when they are first read open alerts that are paged as one digest. */
export const LATE_AFTER_MS = 15 * 60_000;

/** In one message, so that none comes near the log's limit. */
const MOST_SIGNALS = 200;

/** One for all batches: what it keeps is of the record in hand. */
const plainLines = new PlainLines();

export interface DetectContext {
  readonly source: Source;
  readonly rules: Rules;
  readonly signalsPartitions: number;
  /** Records beyond those that give so many messages with signals are left for later. */
  readonly mostMessages: number;
  readonly nowMs: number;
  /** Undefined when nobody watches anything of this silo. */
  readonly watched: WatchList | undefined;
  /** Only while traces are sent. */
  readonly traces?: RecordTraces;
}

/** What became of a batch: what is to be sent, in order, and what is to be counted once it is acknowledged. */
export interface DetectedBatch {
  readonly messages: OutgoingMessage[];
  /** Records from the batch's beginning that were handled. */
  records: number;
  /** Of `messages`, those with signals. */
  signalsMessages: number;
  events: number;
  /** The latest believable event time; 0 for none. */
  latestMs: number;
  lastEventMs: number | null;
  /** By reason and format. */
  readonly refused: Map<string, Refused>;
  readonly matches: Map<Level, number>;
  readonly seen: Map<string, { readonly entity: Entity; lastMs: number; count: number }>;
}

/** Records of a batch that were put aside for one reason, with the place of the last of them. */
export interface Refused {
  readonly reason: DeadLetterReason;
  readonly format: string;
  count: number;
  readonly partition: number;
  offset: number;
  arrivalMs: number;
}

/** What feeds consumers with an event. */
type Feeder = Rule | Correlation;

/** A bug of ours that one record brings out: the record is at fault, not the infrastructure. */
export class RecordProcessingError extends Error {
  constructor(
    readonly offset: number,
    cause: unknown,
  ) {
    super(`Processing the record at offset ${offset} failed`, { cause });
    this.name = 'RecordProcessingError';
  }
}

/** Parses and matches the records of one source partition, at least one of them. */
export function detectBatch(batch: RecordBatch, context: DetectContext): DetectedBatch {
  const result = emptyResult();
  for (const record of batch.records) {
    if (result.signalsMessages >= context.mostMessages) break;
    result.records += 1;
    try {
      if (passOver(record, context, result)) continue;
      new RecordDetection(batch, record, context, result).run();
    } catch (error) {
      throw new RecordProcessingError(record.offset, error);
    }
  }
  return result;
}

/** Puts a record aside that no try gets past: a dead letter, and a finding under the silo's name. */
export function putAside(
  batch: RecordBatch,
  record: LogRecord,
  context: DetectContext,
  reason: 'processing_failed' | 'process_died',
): DetectedBatch {
  const result = emptyResult();
  result.records = 1;
  const detection = new RecordDetection(batch, record, context, result);
  detection.refuse(reason);
  detection.report({ 'silowatch.finding': 'put_aside', 'silowatch.reason': reason }, context.nowMs);
  return result;
}

/** A finding about a whole source at this position, as the signals it gives. */
export function reportFinding(
  { topic, partition, position }: { readonly topic: string; readonly partition: number; readonly position: number },
  fields: Readonly<Record<string, string>>,
  context: DetectContext,
): readonly OutgoingMessage[] {
  const record: LogRecord = { offset: position, timestampMs: context.nowMs, key: null, value: null, headers: {} };
  const result = emptyResult();
  const batch = { topic, partition, records: [record], highWatermark: position, attempt: 1 };
  new RecordDetection(batch, record, context, result).report(fields, context.nowMs);
  return result.messages;
}

const emptyResult = (): DetectedBatch => ({
  messages: [],
  records: 0,
  signalsMessages: 0,
  events: 0,
  latestMs: 0,
  lastEventMs: null,
  refused: new Map(),
  matches: new Map(),
  seen: new Map(),
});

/** One record on its way through parsing and matching. */
class RecordDetection {
  readonly #batch: RecordBatch;
  readonly #record: LogRecord;
  readonly #context: DetectContext;
  readonly #result: DetectedBatch;
  /** By signals partition. */
  readonly #signals = new Map<number, Signal[]>();
  /** Signals so far by consumer: the ordinals. */
  readonly #ordinals = new Map<string, number>();

  constructor(batch: RecordBatch, record: LogRecord, context: DetectContext, result: DetectedBatch) {
    this.#batch = batch;
    this.#record = record;
    this.#context = context;
    this.#result = result;
  }

  run(): void {
    const { value, timestampMs } = this.#record;
    const { source, watched } = this.#context;
    const together = togetherOf(this.#record);
    this.#result.events += together?.count ?? 1;
    const format = headerText(this.#record, 'format');
    const envelope = envelopeOf(this.#record);
    const options = {
      arrivalMs: timestampMs,
      settings: source.settings,
      ...(format === undefined ? {} : { format }),
      ...(envelope === undefined ? {} : { envelope }),
    };
    if (together !== undefined) {
      this.refuse(together.reason, together.count);
      this.#findClaim(claimOfKept(this.#record, options), timestampMs);
      this.#send(timestampMs, undefined);
      return;
    }
    const parsed = parseRecord(value ?? new Uint8Array(), options);
    if (!parsed.ok) {
      this.refuse(parsed.reason);
      this.#findClaim(parsed.claimedTenant, timestampMs);
      this.#send(timestampMs, undefined);
      return;
    }
    const { event } = parsed;
    const { timeMs } = event;
    tookPlace(this.#result, this.#record, timeMs);
    this.#match(event, timeMs);
    this.#findClaim(event.claimedTenant, timeMs);
    this.#send(timeMs, recordIdOf(event));
    for (const entity of watched?.namedIn(event.fields) ?? []) noteSeen(this.#result, entity, timeMs);
  }

  /** `count`: records that travel in this one. */
  refuse(reason: DeadLetterReason, count = 1): void {
    const { topic, partition } = this.#batch;
    this.#result.messages.push(deadLetter('detect', { topic, partition, record: this.#record }, reason));
    const named = headerText(this.#record, 'format');
    // A header may hold anything: only names that are known become keys.
    const format = named === undefined ? 'none' : (formatNamed(named) ?? 'unknown');
    const key = `${reason} ${format}`;
    const known = this.#result.refused.get(key) ?? { reason, format, count: 0, partition, offset: 0, arrivalMs: 0 };
    known.count += count;
    known.offset = this.#record.offset;
    known.arrivalMs = this.#record.timestampMs;
    this.#result.refused.set(key, known);
  }

  report(fields: Readonly<Record<string, string>>, timeMs: number): void {
    this.#find(fields, timeMs);
    this.#send(timeMs, undefined);
  }

  #findClaim(claimedTenant: string | undefined, timeMs: number): void {
    const others = otherTenants(claimedTenant, this.#context.source.tenant);
    if (others === undefined) return;
    const claimed = storable(others.slice(0, 128));
    this.#find({ 'silowatch.finding': 'tenant_claim', 'silowatch.claimed_tenant': claimed }, timeMs);
  }

  /** Matches an event that the platform makes about this record. */
  #find(fields: Readonly<Record<string, string>>, timeMs: number): void {
    this.#match({ logsource: PLATFORM_LOGSOURCE, fields }, timeMs);
  }

  #match(event: MatchEvent, timeMs: number): void {
    const { matcher, feeders } = this.#context.rules.loaded;
    const matched = matcher.match(event);
    for (const { level } of matched) this.#result.matches.set(level, (this.#result.matches.get(level) ?? 0) + 1);
    if (matched.length === 0) return;
    const entities = new NamedEntities(event.fields);
    for (const feeder of feeders(matched)) this.#feed(feeder, entities, timeMs);
  }

  #feed(feeder: Feeder, entities: NamedEntities, timeMs: number): void {
    const { fields } = entities;
    for (const consumer of this.#context.rules.loaded.consumers.get(feeder.id) ?? []) {
      const isFleet = consumer.correlation.silowatch.scope === 'fleet';
      const read = isFleet ? { ...fields, [TENANT_FIELD]: this.#context.source.tenant } : fields;
      const signal = consumer.signalOf(feeder.id, timeMs, read);
      if (signal === undefined) continue;
      const { value, ...rest } = signal;
      const traceparent = this.#context.traces?.signal(this.#record, feeder.id, consumer.correlation.id);
      this.#add(consumer, {
        ...rest,
        consumer: consumer.hash,
        ordinal: this.#ordinalOf(consumer),
        group: signal.group.map(storable),
        entities: entities.in(entityFields(consumer, feeder)),
        ...(value === undefined ? {} : { value }),
        ...(traceparent === undefined ? {} : { traceparent }),
      });
    }
  }

  #add(consumer: Consumer, signal: Signal): void {
    const isFleet = consumer.correlation.silowatch.scope === 'fleet';
    const place = { tenant: isFleet ? null : this.#context.source.tenant, group: signal.group };
    const partition = partitionOf(place, this.#context.signalsPartitions);
    const others = this.#signals.get(partition);
    if (others === undefined) this.#signals.set(partition, [signal]);
    else others.push(signal);
  }

  #send(timeMs: number, recordId: string | undefined): void {
    if (this.#signals.size === 0) return;
    const { topic, partition: readFrom } = this.#batch;
    const { source, signalsPartitions, nowMs } = this.#context;
    const { offset, timestampMs } = this.#record;
    const common: Omit<SignalsMessage, 'signals'> = {
      v: 2,
      kind: 'signals',
      origin: { incarnation: source.incarnation, source: `${topic}/${readFrom}`, offset },
      layout: signalsPartitions,
      tenant: source.tenant,
      samples: [this.#sampleAt(timeMs)],
      arrivalMs: timestampMs,
      detectedMs: nowMs,
      isLate: nowMs - timeMs > LATE_AFTER_MS,
      ...(recordId === undefined ? {} : { recordId }),
    };
    for (const [partition, all] of this.#signals) {
      for (let from = 0; from < all.length; from += MOST_SIGNALS) {
        const value = encodeMessage({ ...common, signals: all.slice(from, from + MOST_SIGNALS) });
        this.#result.messages.push({ topic: SIGNALS_TOPIC, partition, key: null, value });
        this.#result.signalsMessages += 1;
      }
    }
  }

  #ordinalOf({ hash }: Consumer): number {
    const ordinal = this.#ordinals.get(hash) ?? 0;
    this.#ordinals.set(hash, ordinal + 1);
    return ordinal;
  }

  #sampleAt(timeMs: number): Omit<Sample, 'rule'> {
    const bytes = this.#record.value ?? Buffer.alloc(0);
    const { topic, partition } = this.#batch;
    return {
      topic,
      partition,
      offset: this.#record.offset,
      sha256: hash('sha256', bytes),
      timeMs,
      raw: storable(bytes.toString('utf8', 0, Math.min(bytes.length, MAX_SAMPLE_BYTES))),
    };
  }
}

/** Counts a line that no rule has to do with; false for any other record. */
function passOver(record: LogRecord, { source, rules, watched }: DetectContext, result: DetectedBatch): boolean {
  const timeMs = plainLines.timeOf(record, source.settings, rules.loaded.matcher);
  if (Number.isNaN(timeMs)) return false;
  result.events += 1;
  tookPlace(result, record, timeMs);
  if (watched === undefined || record.value === null) return true;
  for (const entity of plainLines.watchedIn(record.value, watched)) noteSeen(result, entity, timeMs);
  return true;
}

function tookPlace(result: DetectedBatch, { timestampMs }: LogRecord, timeMs: number): void {
  result.latestMs = Math.max(result.latestMs, believableMs(timeMs, timestampMs));
  result.lastEventMs = Math.max(result.lastEventMs ?? timeMs, timeMs);
}

/** Notes what a watched entity did. */
function noteSeen({ seen }: DetectedBatch, entity: Entity, timeMs: number): void {
  const text = entityText(entity);
  const known = seen.get(text) ?? { entity, lastMs: 0, count: 0 };
  known.lastMs = Math.max(known.lastMs, timeMs);
  known.count += 1;
  seen.set(text, known);
}

const entityFields = ({ correlation }: Consumer, feeder: Feeder): readonly string[] =>
  correlation.silowatch.incident?.entities ?? feeder.silowatch.incident?.entities ?? USUAL_ENTITY_FIELDS;

/** Only audit records carry an id that their writer promises to be unique. */
function recordIdOf({ format, fields }: Event): string | undefined {
  const id = format === 'silowatch-audit' ? fields['id'] : undefined;
  return typeof id === 'string' && id !== '' ? storable(id.slice(0, 128)) : undefined;
}
