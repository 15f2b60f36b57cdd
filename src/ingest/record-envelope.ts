import type { LogRecord } from '../platform/event-log/event-log.js';
import type { Envelope } from './formats/envelope.js';
import { isObject } from './formats/read-json.js';

/** The record's header that holds its envelope, as JSON. */
export const ENVELOPE_HEADER = 'envelope';
/** Longest header; an envelope that would be longer leaves out what does not fit. */
export const MAX_ENVELOPE_BYTES = 8 * 1024;
const MAX_ENVELOPE_FIELDS = 100;

/** What the record's header says; undefined for none, and for one that nobody here wrote. By hand, since it is read for every record that has one. */
export const envelopeOf = (record: LogRecord): Envelope | undefined => readEnvelope(record.headers[ENVELOPE_HEADER]);

/** As {@link envelopeOf}, for the header by itself. */
export function readEnvelope(header: Buffer | undefined): Envelope | undefined {
  if (header === undefined || header.length > MAX_ENVELOPE_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(header.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isObject(value) || !isObject(value['fields'])) return undefined;
  const { timeMs, fields } = value;
  if (!Object.values(fields).every((field) => ['string', 'number', 'boolean'].includes(typeof field))) return undefined;
  const said = fields as Envelope['fields'];
  return typeof timeMs === 'number' ? { timeMs, fields: said } : { fields: said };
}

/** The header's text; undefined for an envelope that says nothing. Fields that do not fit are left out, from the last on. */
export function envelopeHeader({ timeMs, fields }: Envelope): string | undefined {
  const names = Object.keys(fields);
  if (timeMs === undefined && names.length === 0) return undefined;
  const fitting = fittingFields(fields);
  return JSON.stringify(timeMs === undefined ? { fields: fitting } : { timeMs, fields: fitting });
}

/** Bytes of a header around its fields. */
const AROUND_BYTES = 64;

/** Those fields of an envelope that `maxBytes` of JSON have room for; others are left out, from the last on. */
export function fittingFields(fields: Envelope['fields'], maxBytes = MAX_ENVELOPE_BYTES): Envelope['fields'] {
  const fitting: Record<string, string | number | boolean> = {};
  let left = maxBytes - AROUND_BYTES;
  let places = MAX_ENVELOPE_FIELDS;
  for (const [name, value] of Object.entries(fields)) {
    left -= jsonBytes(name) + jsonBytes(value) + 2;
    places -= 1;
    if (left < 0 || places < 0) break;
    fitting[name] = value;
  }
  return fitting;
}

/** Text that JSON writes as it is, a byte for a character. */
const PLAIN = /^[ !#-[\]-~]*$/;

function jsonBytes(value: string | number | boolean): number {
  if (typeof value === 'string' && PLAIN.test(value)) return value.length + 2;
  return Buffer.byteLength(JSON.stringify(value));
}
