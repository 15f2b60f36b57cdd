import type { Envelope } from '../formats/envelope.js';
import { isObject, type JsonObject } from '../formats/read-json.js';
import { anyTime } from '../formats/read-time.js';
import { flatFields } from './flat-fields.js';
import { jsonValues, memberBytes } from './json-spans.js';
import { fromLines } from './read-lines.js';
import { takenApart } from './unpack.js';
import { MAX_UNITS, type ReadBody, type Unit } from './unit.js';

/** Events of Splunk's HTTP event collector: JSON objects one after another, each with the record as its member `event`. */
export function readHecEvents(body: Buffer): ReadBody {
  const { values, badAt } = jsonValues(body, MAX_UNITS);
  if (values.length > MAX_UNITS) return { ok: false, fault: 'too_many' };
  const units: Unit[] = [];
  for (const [index, bytes] of values.entries()) {
    const unit = hecUnit(bytes, index + 1);
    if (unit === undefined) return { ok: false, fault: 'malformed', line: index + 1 };
    units.push(unit);
  }
  if (badAt !== undefined) return { ok: false, fault: 'malformed', line: badAt };
  return units.length === 0 ? { ok: false, fault: 'empty' } : takenApart(units);
}

/** Bare lines; what the query says (host, source, sourcetype, index) is said of each. */
export function readHecRaw(body: Buffer, query: Readonly<Record<string, unknown>>): ReadBody {
  const read = fromLines(body);
  if (!read.ok) return read;
  const envelope = envelopeOf(query, {});
  return { ok: true, units: read.units.map((unit) => ({ ...unit, envelope })) };
}

function hecUnit(bytes: Buffer, place: number): Unit | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
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
  return { ...(Number.isNaN(timeMs) ? {} : { timeMs }), fields: { ...named, ...flatFields(fields) } };
}
