import { TENANT_MEMBER, tenantClaim } from '../formats/claims.js';
import type { Envelope } from '../formats/envelope.js';
import { isObject, type JsonObject } from '../formats/read-json.js';
import { isInstant } from '../formats/read-time.js';
import { fittingFields, MAX_ENVELOPE_BYTES } from '../record-envelope.js';
import { flatFields, joinedFields } from './flat-fields.js';
import { hasMoreParts } from './json-spans.js';
import { decodeLogs } from './otlp-proto.js';
import { Stretch } from './turns.js';
import { MAX_UNITS, type Reading, type Unit } from './unit.js';

const MAX_VALUE_DEPTH = 64;
/** More members and elements than this, and parsing a body would hold up everything else. */
const MAX_PARTS = 1_500_000;
/** Half of an envelope, so that what a record says itself has room beside it. */
const MAX_RESOURCE_BYTES = MAX_ENVELOPE_BYTES / 2;

/** OTLP/HTTP's logs, in protobuf or JSON: each log record's body is a record, the rest is its envelope. */
export function* readOtlp(body: Buffer, mediaType: string): Reading {
  if (mediaType === 'application/x-protobuf') return yield* fromRequest(decodeLogs(body), (id) => hexOf(id));
  if (mediaType !== 'application/json') return { ok: false, fault: 'media_type' };
  if (hasMoreParts(body, MAX_PARTS)) return { ok: false, fault: 'too_dense' };
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
  for (const resourceLogs of objectsOf(request['resourceLogs'])) {
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

/** Made once for all records of a resource. */
const resourceFields = (resource: unknown): Envelope['fields'] =>
  isObject(resource) ? fittingFields(flatFields(attributesOf(resource)), MAX_RESOURCE_BYTES) : {};

/** Of a scope, which says who wrote the code, the tenant alone that it names. */
function withClaim(around: Envelope['fields'], scope: unknown): Envelope['fields'] {
  const tenant = isObject(scope) ? tenantClaim(attributesOf(scope)) : undefined;
  return tenant === undefined ? around : joinedFields(around, flatFields({ [TENANT_MEMBER]: tenant }));
}

const objectsOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

function unitOf(record: JsonObject, around: Envelope['fields'], place: number, idOf: (text: string) => string): Unit {
  const attributes = attributesOf(record);
  const unit = { place, envelope: envelopeOf(record, attributes, idOf), around };
  const body = plainValue(record['body'], 0);
  if (body === TOO_DEEP) return { ...unit, bytes: Buffer.alloc(0), fault: 'too_deep' };
  // A record may say all it has to say in its attributes (events).
  if (body === undefined || body === null) return { ...unit, bytes: Buffer.from(JSON.stringify(attributes)) };
  return { ...unit, bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
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

function attributesOf(holder: JsonObject): JsonObject {
  const attributes: JsonObject = Object.create(null) as JsonObject;
  for (const { key, value } of objectsOf(holder['attributes'])) {
    const plain = plainValue(value, 0);
    if (typeof key === 'string' && key !== '' && plain !== undefined && plain !== TOO_DEEP) attributes[key] = plain;
  }
  return attributes;
}

const TOO_DEEP = Symbol('too deep');

/** OTLP's AnyValue as plain JSON; bytes stay base64. */
function plainValue(value: unknown, depth: number): unknown {
  if (depth > MAX_VALUE_DEPTH) return TOO_DEEP;
  if (!isObject(value)) return undefined;
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (intValue !== undefined && intValue !== null) return wholeNumber(intValue);
  if (typeof doubleValue === 'number') return doubleValue;
  if (isObject(arrayValue)) return plainList(arrayValue['values'], depth);
  if (isObject(kvlistValue)) return plainObject(kvlistValue['values'], depth);
  return typeof bytesValue === 'string' ? bytesValue : undefined;
}

/** A number as far as it is exact, else its digits. */
function wholeNumber(value: unknown): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : typeof value === 'string' ? value : undefined;
}

function plainList(values: unknown, depth: number): unknown {
  const list = objectsOf(values).map((value) => plainValue(value, depth + 1));
  return list.includes(TOO_DEEP) ? TOO_DEEP : list;
}

function plainObject(values: unknown, depth: number): unknown {
  const object: JsonObject = Object.create(null) as JsonObject;
  for (const { key, value } of objectsOf(values)) {
    if (typeof key !== 'string') continue;
    const plain = plainValue(value, depth + 1);
    if (plain === TOO_DEEP) return TOO_DEEP;
    object[key] = plain;
  }
  return object;
}
