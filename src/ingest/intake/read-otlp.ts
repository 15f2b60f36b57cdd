import type { Envelope } from '../formats/envelope.js';
import { isObject, type JsonObject } from '../formats/read-json.js';
import { flatFields } from './flat-fields.js';
import { decodeLogs, MAX_MESSAGES } from './otlp-proto.js';
import { MAX_UNITS, type ReadBody, type Unit } from './unit.js';

const OPEN_BRACE = 123;
const MAX_VALUE_DEPTH = 64;

/** OTLP/HTTP's logs, in protobuf or JSON: each log record's body is a record, the rest is its envelope. */
export function readOtlp(body: Buffer, mediaType: string): ReadBody {
  if (mediaType === 'application/x-protobuf') return fromRequest(decodeLogs(body), (id) => hexOf(id));
  if (mediaType === 'application/json') return fromRequest(parseJson(body), (id) => id);
  return { ok: false, fault: 'media_type' };
}

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

function parseJson(body: Buffer): unknown {
  let left = MAX_MESSAGES;
  for (let at = body.indexOf(OPEN_BRACE); at >= 0; at = body.indexOf(OPEN_BRACE, at + 1)) {
    left -= 1;
    if (left < 0) return undefined;
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function fromRequest(request: unknown, idOf: (text: string) => string): ReadBody {
  if (!isObject(request)) return { ok: false, fault: 'malformed', line: 1 };
  const units: Unit[] = [];
  for (const resourceLogs of objectsOf(request['resourceLogs'])) {
    const resource = isObject(resourceLogs['resource']) ? attributesOf(resourceLogs['resource']) : {};
    for (const scopeLogs of objectsOf(resourceLogs['scopeLogs'])) {
      for (const record of objectsOf(scopeLogs['logRecords'])) {
        if (units.length === MAX_UNITS) return { ok: false, fault: 'too_many' };
        units.push(unitOf(record, resource, units.length + 1, idOf));
      }
    }
  }
  return { ok: true, units };
}

const objectsOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

function unitOf(record: JsonObject, resource: JsonObject, place: number, idOf: (text: string) => string): Unit {
  const envelope = envelopeOf(record, resource, idOf);
  const body = plainValue(record['body'], 0);
  if (body === TOO_DEEP) return { place, bytes: Buffer.alloc(0), envelope, fault: 'too_deep' };
  // A record may say all it has to say in its attributes (events).
  if (body === undefined || body === null)
    return { place, bytes: Buffer.from(JSON.stringify(attributesOf(record))), envelope };
  return { place, bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), envelope };
}

function envelopeOf(record: JsonObject, resource: JsonObject, idOf: (text: string) => string): Envelope {
  const timeMs = nanoTime(record['timeUnixNano']) ?? nanoTime(record['observedTimeUnixNano']);
  const named: JsonObject = {};
  const { severityText, severityNumber, traceId, spanId } = record;
  if (typeof severityText === 'string' && severityText !== '') named['severity'] = severityText;
  else if (typeof severityNumber === 'number' && severityNumber > 0) named['severity'] = severityNumber;
  if (typeof traceId === 'string' && traceId !== '') named['trace_id'] = idOf(traceId);
  if (typeof spanId === 'string' && spanId !== '') named['span_id'] = idOf(spanId);
  const fields = flatFields({ ...resource, ...attributesOf(record), ...named });
  return { ...(timeMs === undefined ? {} : { timeMs }), fields };
}

/** Nanoseconds, which JSON has as a text; zero means "not known". */
function nanoTime(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const ms = Number(value) / 1e6;
  return ms > 0 && Number.isFinite(ms) ? ms : undefined;
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
