import type { Envelope } from '../formats/envelope.js';
import { parseRecord, type ParseOptions } from '../formats/parse-record.js';
import { MAX_RECORD_BYTES } from '../formats/parsed-record.js';
import { LINE_MEMBERS, readJson, type JsonObject } from '../formats/read-json.js';
import { isInstant, recordTime } from '../formats/read-time.js';
import { recogniseJson } from '../formats/recognise.js';
import { ENVELOPE_HEADER, envelopeHeader, fittingFields } from '../record-envelope.js';
import { SILO_RECORD_BYTES } from '../../platform/event-log/topics.js';
import { flatFields, joinedFields } from './flat-fields.js';
import { Stretch } from './turns.js';
import { MAX_ADDED_BYTES, type Unit, type UnitFault } from './unit.js';

/** Members that say the carrier's time, which travels as such. */
const TIME_MEMBERS: ReadonlySet<string> = new Set([
  '@timestamp',
  'timestamp',
  'time',
  'ts',
  'date',
  '_SOURCE_REALTIME_TIMESTAMP',
]);

const OPEN_BRACE = 123;

/** What the log adds to a record around its value and its headers. */
const RECORD_OVERHEAD_BYTES = 1024;

/** A record as it goes to the log, and what is wrong with it if it cannot be used. */
export interface PreparedUnit {
  /** Undefined for what the log cannot take either. */
  readonly value: Buffer | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly fault: UnitFault | undefined;
  /** Of value and headers. */
  readonly sizeBytes: number;
}

/**
 * Tries a record as it will be tried when it is read. A line inside a shipper's JSON, a HEC event or an OTLP record is the record, in the bytes that were
 * sent, and what stood around it its envelope; a text that is no record of its own becomes one of JSON together with its envelope.
 */
export function prepareUnit(unit: Unit, options: ParseOptions): PreparedUnit {
  if (unit.fault !== undefined) return unkept(unit.fault);
  if (unit.bytes.length > MAX_RECORD_BYTES) return unkept('too_large');
  const envelope = wholeEnvelope(unit);
  const inner = lineWithin(unit.bytes, envelope, options);
  if (inner !== undefined) return prepared(inner.bytes, inner.envelope, options, inner.fault);
  const direct = parseRecord(unit.bytes, options);
  if (direct.ok) return prepared(unit.bytes, envelope, options, undefined);
  const hasEnvelope = envelope !== undefined && direct.reason === 'unrecognised';
  if (hasEnvelope) return prepared(asJson(unit.bytes, envelope), undefined, {}, undefined);
  return prepared(unit.bytes, envelope, options, direct.reason);
}

export type PreparedUnits =
  /** `addedBytes`: what they hold beyond the body. */
  | { readonly ok: true; readonly prepared: readonly PreparedUnit[]; readonly addedBytes: number }
  /** They would hold more than {@link MAX_ADDED_BYTES} beyond the body. */
  | { readonly ok: false };

/** Prepares a body's records; yields the bytes that they hold so far beyond the body's own. */
export function* prepareUnits(
  units: readonly Unit[],
  bodyBytes: number,
  options: ParseOptions,
): Generator<number, PreparedUnits> {
  const prepared: PreparedUnit[] = [];
  const stretch = new Stretch();
  let addedBytes = -bodyBytes;
  for (const unit of units) {
    const next = prepareUnit(unit, options);
    prepared.push(next);
    addedBytes += next.sizeBytes;
    if (addedBytes > MAX_ADDED_BYTES) return { ok: false };
    if (stretch.isOver(unit.bytes.length + next.sizeBytes)) yield Math.max(0, addedBytes);
  }
  yield Math.max(0, addedBytes);
  return { ok: true, prepared, addedBytes: Math.max(0, addedBytes) };
}

const unkept = (fault: UnitFault): PreparedUnit => ({ value: undefined, headers: {}, fault, sizeBytes: 0 });

function wholeEnvelope({ envelope, around }: Unit): Envelope | undefined {
  if (around === undefined) return envelope;
  return { ...envelope, fields: joinedFields(around, envelope?.fields ?? {}) };
}

function prepared(
  value: Buffer,
  envelope: Envelope | undefined,
  { format }: Partial<ParseOptions>,
  fault: UnitFault | undefined,
): PreparedUnit {
  const said = envelope === undefined ? undefined : envelopeHeader(envelope);
  const headers = {
    ...(format === undefined ? {} : { format }),
    ...(said === undefined ? {} : { [ENVELOPE_HEADER]: said }),
  };
  const sizeBytes = value.length + (said?.length ?? 0) + (format?.length ?? 0);
  return sizeBytes + RECORD_OVERHEAD_BYTES > SILO_RECORD_BYTES
    ? unkept('too_large')
    : { value, headers, fault, sizeBytes };
}

interface LineWithin {
  readonly bytes: Buffer;
  readonly envelope: Envelope;
  readonly fault: UnitFault | undefined;
}

/** The line that a shipper's JSON carries, if that line is a record of its own, or several, which is its fault. */
function lineWithin(record: Buffer, envelope: Envelope | undefined, options: ParseOptions): LineWithin | undefined {
  if (record[0] !== OPEN_BRACE || !LINE_MEMBERS.some((name) => record.includes(`"${name}"`))) return undefined;
  const outer = readJson(record.toString('utf8'));
  // Formats that are known by their members may have a message of their own.
  if (!outer.ok || recogniseJson(outer.value) !== 'json') return undefined;
  for (const name of LINE_MEMBERS) {
    const line = outer.value[name];
    if (typeof line !== 'string' || line === '') continue;
    const bytes = Buffer.from(withoutLineEnd(line));
    const tried = parseRecord(bytes, options);
    const fault = tried.ok ? undefined : tried.reason;
    if (fault !== undefined && fault !== 'send_singly') continue;
    return { bytes, envelope: joined(envelope, outer.value, name), fault };
  }
  return undefined;
}

const withoutLineEnd = (line: string): string => line.replace(/\r?\n$/, '');

function joined(envelope: Envelope | undefined, carrier: JsonObject, lineMember: string): Envelope {
  const timeMs = recordTime(carrier, undefined);
  const fields = flatFields(carrier, new Set([...TIME_MEMBERS, lineMember]));
  const known = Number.isNaN(timeMs) ? envelope?.timeMs : timeMs;
  return { ...(known === undefined ? {} : { timeMs: known }), fields: joinedFields(envelope?.fields ?? {}, fields) };
}

/** What the envelope says stands beside the text, within its bound, and never in its place. */
function asJson(text: Buffer, { timeMs, fields }: Envelope): Buffer {
  const record: JsonObject = {};
  if (timeMs !== undefined && isInstant(timeMs)) record['@timestamp'] = new Date(timeMs).toISOString();
  record['message'] = text.toString('utf8');
  for (const [name, value] of Object.entries(fittingFields(fields)))
    if (!Object.hasOwn(record, name)) record[name] = value;
  return Buffer.from(JSON.stringify(record));
}
