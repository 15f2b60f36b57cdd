import { TENANT_MEMBER, withEveryTenant } from '../formats/claims.js';
import type { Envelope } from '../formats/envelope.js';
import { MAX_FIELDS, MAX_RECORD_BYTES } from '../formats/parsed-record.js';
import { isObject, type JsonObject } from '../formats/read-json.js';
import { anyTime } from '../formats/read-time.js';
import { flatFields, joinedFields } from './flat-fields.js';
import { type Density, isTooDense, jsonValues, memberBytes, NameTable } from '../json-spans.js';
import { fromLines } from './read-lines.js';
import { Stretch } from './turns.js';
import { takenApart } from './unpack.js';
import { MAX_UNITS, type ReadBody, type Reading, type Unit } from './unit.js';

/** Room for a largest record whose every byte is escaped: what is longer is not parsed. */
const MAX_EVENT_BYTES = 6 * MAX_RECORD_BYTES;

/** Room for a record with the most members, for as much beside it, and for empty lists, which count twice. */
const DENSITY: Density = { parts: 8 * MAX_FIELDS, names: new NameTable([]), foreignNames: Infinity };

/** Events of Splunk's HTTP event collector: JSON objects one after another, each with the record as its member `event`. */
export function* readHecEvents(body: Buffer): Reading {
  const { values, badAt } = jsonValues(body, MAX_UNITS);
  if (values.length > MAX_UNITS) return { ok: false, fault: 'too_many' };
  const units: Unit[] = [];
  const stretch = new Stretch();
  for (const [index, bytes] of values.entries()) {
    const unit = hecUnit(bytes, index + 1);
    if (unit === undefined) return { ok: false, fault: 'malformed', line: index + 1 };
    units.push(unit);
    if (stretch.isOver(bytes.length)) yield;
  }
  if (badAt !== undefined) return { ok: false, fault: 'malformed', line: badAt };
  return units.length === 0 ? { ok: false, fault: 'empty' } : takenApart(units);
}

/** Bare lines; what the query says (host, source, sourcetype, index, a tenant) is said of each. */
export function readHecRaw(body: Buffer, query: Readonly<Record<string, unknown>>): ReadBody {
  const read = fromLines(body);
  if (!read.ok) return read;
  const envelope = envelopeOf(query, {});
  return { ok: true, units: read.units.map((unit) => ({ ...unit, envelope })) };
}

function hecUnit(bytes: Buffer, place: number): Unit | undefined {
  if (bytes.length > MAX_EVENT_BYTES) return { place, bytes: Buffer.alloc(0), fault: 'too_large' };
  // Whole, so that it is put aside: nothing that has so many parts can be used.
  if (isTooDense(bytes, DENSITY)) return { place, bytes };
  let value: unknown;
  try {
    const text = bytes.toString('utf8');
    value = JSON.parse(text);
    if (isObject(value)) value = withEveryTenant(value, text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { event } = value;
  if (event === undefined || event === null || event === '') return undefined;
  const fields = isObject(value['fields']) ? value['fields'] : {};
  const record = typeof event === 'string' ? Buffer.from(event) : (memberBytes(bytes, 'event') ?? Buffer.alloc(0));
  return { place, bytes: record, envelope: envelopeOf(value, fields) };
}

/** Under the names that OpenTelemetry gives them. */
const NAMES = {
  host: 'host.name',
  source: 'com.splunk.source',
  sourcetype: 'com.splunk.sourcetype',
  index: 'com.splunk.index',
} as const;

function envelopeOf(said: Readonly<Record<string, unknown>>, fields: JsonObject): Envelope {
  const named: Record<string, string> = {};
  for (const [name, as] of Object.entries(NAMES)) {
    const value = said[name];
    if (typeof value === 'string' && value !== '') named[as] = value;
  }
  const timeMs = anyTime(said['time'], undefined);
  // A tenant beside the event is none of HEC's members, and a claim nevertheless.
  const tenant = Object.hasOwn(said, TENANT_MEMBER) ? { [TENANT_MEMBER]: said[TENANT_MEMBER] } : {};
  const around = flatFields({ ...tenant, ...named });
  return { ...(Number.isNaN(timeMs) ? {} : { timeMs }), fields: joinedFields(around, flatFields(fields)) };
}
