import { TENANT_MEMBER } from '../formats/claims.js';
import type { Envelope } from '../formats/envelope.js';
import { MAX_FIELDS, MAX_RECORD_BYTES } from '../formats/parsed-record.js';
import { isObject, type JsonObject } from '../formats/read-json.js';
import { isInstant } from '../formats/read-time.js';
import { fittingFields, MAX_ENVELOPE_BYTES } from '../record-envelope.js';
import { flatFields, joinedFields } from './flat-fields.js';
import { type Density, isTooDense, NameTable } from '../json-spans.js';
import { byJsonNames, decodeLogs, OTLP_NAMES } from './otlp-proto.js';
import { Stretch } from './turns.js';
import { MAX_UNITS, type Reading, type Unit } from './unit.js';

const MAX_VALUE_DEPTH = 64;
/** Most attributes of a record, those within attributes counted too; SDKs keep to 128 unless they are told otherwise. */
const MAX_ATTRIBUTES = 1_000;
/** More than this, and parsing a body would hold up everything else: a million names that differ take seconds. OTLP gives the names that there are. */
const DENSITY: Density = { parts: 1_500_000, names: new NameTable(OTLP_NAMES), foreignNames: 10_000 };
/** Half of an envelope, so that what a record says itself has room beside it. */
const MAX_RESOURCE_BYTES = MAX_ENVELOPE_BYTES / 2;

/** OTLP/HTTP's logs, in protobuf or JSON: each log record's body is a record, the rest is its envelope. */
export function* readOtlp(body: Buffer, mediaType: string): Reading {
  if (mediaType === 'application/x-protobuf') return yield* fromRequest(decodeLogs(body), (id) => hexOf(id));
  if (mediaType !== 'application/json') return { ok: false, fault: 'media_type' };
  if (isTooDense(body, DENSITY)) return { ok: false, fault: 'too_dense' };
  yield;
  return yield* fromRequest(parseJson(body), (id) => id);
}

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function* fromRequest(request: unknown, idOf: (text: string) => string): Reading {
  if (!isObject(request)) return { ok: false, fault: 'malformed', line: 1 };
  yield;
  const units: Unit[] = [];
  const stretch = new Stretch();
  for (const resourceLogs of objectsOf(byJsonNames(request)['resourceLogs'])) {
    const around = resourceFields(resourceLogs['resource']);
    for (const scopeLogs of objectsOf(resourceLogs['scopeLogs'])) {
      const aroundScope = withClaim(around, scopeLogs['scope']);
      for (const record of objectsOf(scopeLogs['logRecords'])) {
        if (units.length === MAX_UNITS) return { ok: false, fault: 'too_many' };
        const unit = unitOf(record, aroundScope, units.length + 1, idOf);
        units.push(unit);
        if (stretch.isOver(unit.bytes.length)) yield;
      }
    }
  }
  return { ok: true, units };
}

/** Made once for all records of a resource; of more attributes than a record may have the first, and the tenant wherever it stands. */
function resourceFields(resource: unknown): Envelope['fields'] {
  if (!isObject(resource)) return {};
  return fittingFields(withClaim(flatFields(readAttributes(resource).attributes), resource), MAX_RESOURCE_BYTES);
}

/** With the tenant that a scope or a resource names; of a scope, which says who wrote the code, nothing else is read. */
function withClaim(around: Envelope['fields'], holder: unknown): Envelope['fields'] {
  if (!isObject(holder)) return around;
  const tenants = objectsOf(holder['attributes'])
    .filter(({ key }) => key === TENANT_MEMBER)
    .slice(0, MAX_ATTRIBUTES)
    .map(({ value }) => plainValue(value, 0, { left: MAX_ATTRIBUTES }))
    .filter((tenant) => typeof tenant !== 'symbol');
  const tenant = tenants.length > 1 ? tenants : tenants[0];
  return tenant === undefined ? around : joinedFields(around, flatFields({ [TENANT_MEMBER]: tenant }));
}

const objectsOf = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject).map(byJsonNames) : [];

function unitOf(record: JsonObject, around: Envelope['fields'], place: number, idOf: (text: string) => string): Unit {
  const { attributes, isWhole } = readAttributes(record);
  const unit = { place, envelope: envelopeOf(record, attributes, idOf), around };
  const body = plainValue(record['body'], 0, { left: MAX_FIELDS });
  if (body === TOO_DEEP) return { ...unit, bytes: Buffer.alloc(0), fault: 'too_deep' };
  if (!isWhole || body === TOO_MANY) return { ...unit, ...asItCame(record) };
  // A record may say all it has to say in its attributes (events).
  if (body === undefined || body === null) return { ...unit, bytes: Buffer.from(JSON.stringify(attributes)) };
  return { ...unit, bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

/** A record that has too much to be read, whole, so that it is put aside: it has more members than any record may have. */
function asItCame(record: JsonObject): Pick<Unit, 'bytes' | 'fault'> {
  if (isLonger(record, MAX_RECORD_BYTES)) return { bytes: Buffer.alloc(0), fault: 'too_large' };
  try {
    return { bytes: Buffer.from(JSON.stringify(record)) };
  } catch {
    // Nested deeper than can be written.
    return { bytes: Buffer.alloc(0), fault: 'too_deep' };
  }
}

/** Whether a value as JSON has more bytes than that, told by what is the least that its parts take. */
function isLonger(value: unknown, maxBytes: number): boolean {
  let left = maxBytes;
  const waiting: unknown[] = [value];
  for (let one = waiting.pop(); one !== undefined && left >= 0; one = waiting.pop()) {
    left -= typeof one === 'string' ? one.length + 2 : 2;
    if (Array.isArray(one)) for (const element of one) waiting.push(element);
    else if (isObject(one)) for (const [name, member] of Object.entries(one)) waiting.push(name, member);
  }
  return left < 0;
}

function envelopeOf(record: JsonObject, attributes: JsonObject, idOf: (text: string) => string): Envelope {
  const timeMs = nanoTime(record['timeUnixNano']) ?? nanoTime(record['observedTimeUnixNano']);
  const named: JsonObject = {};
  const { severityText, severityNumber, traceId, spanId } = record;
  if (typeof severityText === 'string' && severityText !== '') named['severity'] = severityText;
  else if (typeof severityNumber === 'number' && severityNumber > 0) named['severity'] = severityNumber;
  if (typeof traceId === 'string' && traceId !== '') named['trace_id'] = idOf(traceId);
  if (typeof spanId === 'string' && spanId !== '') named['span_id'] = idOf(spanId);
  const fields = flatFields({ ...attributes, ...named });
  return { ...(timeMs === undefined ? {} : { timeMs }), fields };
}

/** Nanoseconds, which JSON has as a text; zero means "not known". */
function nanoTime(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const ms = Number(value) / 1e6;
  return ms > 0 && isInstant(ms) ? ms : undefined;
}

/** The attributes of a holder, up to {@link MAX_ATTRIBUTES}, and whether these are all. */
function readAttributes(holder: JsonObject): { readonly attributes: JsonObject; readonly isWhole: boolean } {
  const attributes: JsonObject = Object.create(null) as JsonObject;
  const room: Room = { left: MAX_ATTRIBUTES };
  for (const { key, value } of objectsOf(holder['attributes'])) {
    if (typeof key !== 'string' || key === '') continue;
    room.left -= 1;
    const plain = room.left < 0 ? TOO_MANY : plainValue(value, 0, room);
    if (plain === TOO_MANY) return { attributes, isWhole: false };
    if (plain === undefined || plain === TOO_DEEP) continue;
    // Of others with one name the last holds.
    attributes[key] = key === TENANT_MEMBER && key in attributes ? [attributes[key], plain].flat() : plain;
  }
  return { attributes, isWhole: true };
}

const TOO_DEEP = Symbol('too deep');
const TOO_MANY = Symbol('too many');

/** How many keys may be read still. */
interface Room {
  left: number;
}

/** OTLP's AnyValue as plain JSON; bytes stay base64. */
function plainValue(value: unknown, depth: number, room: Room): unknown {
  if (depth > MAX_VALUE_DEPTH) return TOO_DEEP;
  if (!isObject(value)) return undefined;
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = byJsonNames(value);
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (intValue !== undefined && intValue !== null) return wholeNumber(intValue);
  if (typeof doubleValue === 'number') return doubleValue;
  if (isObject(arrayValue)) return plainList(arrayValue['values'], depth, room);
  if (isObject(kvlistValue)) return plainObject(kvlistValue['values'], depth, room);
  return typeof bytesValue === 'string' ? bytesValue : undefined;
}

/** A number as far as it is exact, else its digits. */
function wholeNumber(value: unknown): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : typeof value === 'string' ? value : undefined;
}

function plainList(values: unknown, depth: number, room: Room): unknown {
  const list = objectsOf(values).map((value) => plainValue(value, depth + 1, room));
  return list.find((value) => typeof value === 'symbol') ?? list;
}

function plainObject(values: unknown, depth: number, room: Room): unknown {
  const object: JsonObject = Object.create(null) as JsonObject;
  for (const { key, value } of objectsOf(values)) {
    if (typeof key !== 'string') continue;
    room.left -= 1;
    const plain = room.left < 0 ? TOO_MANY : plainValue(value, depth + 1, room);
    if (typeof plain === 'symbol') return plain;
    object[key] = plain;
  }
  return object;
}
