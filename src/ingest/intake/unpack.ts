import { PACKINGS } from '../formats/packed.js';
import { MAX_RECORD_BYTES } from '../formats/parsed-record.js';
import { type JsonObject, readJson } from '../formats/read-json.js';
import { jsonValues, skipBlanks, valueEnd } from '../json-spans.js';
import { MAX_UNITS, type ReadBody, type Unit } from './unit.js';

const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const QUOTE = 34;
const COLON = 58;
const COMMA = 44;

/** An object with more members than this is none of the forms. */
const MAX_MEMBERS = 16;
/** Longer values of other members tell nothing. */
const MAX_TELLING_BYTES = 256;

const MEMBER_NAMES = PACKINGS.map(({ member }) => Buffer.from(`"${member}"`));

/** Whether a text may be several records in one: told by its first byte and the names of the lists alone. */
export const mayBePacked = (bytes: Buffer): boolean =>
  bytes[skipBlanks(bytes, 0)] === OPEN_BRACE && MEMBER_NAMES.some((name) => bytes.includes(name));

const HEAD_BYTES = 256;
const HEAD = /^\s*\{\s*"(?:Records"\s*:\s*\[|kind"\s*:\s*"EventList"|items"\s*:\s*\[)/;

/** Whether a text that is not read yet as a whole begins as several records in one do, which may be larger than any record by itself. */
export const beginsPacked = (bytes: Buffer, from: number): boolean =>
  HEAD.test(bytes.toString('latin1', from, from + HEAD_BYTES));

/** The units of a body, those that are several records in one taken apart: each keeps the place and the envelope of what it came in. */
export function takenApart(units: readonly Unit[]): ReadBody {
  const apart: Unit[] = [];
  for (const unit of units) {
    const records = unpacked(unit.bytes);
    if (records === undefined) apart.push(unit);
    else for (const bytes of records) apart.push({ ...unit, bytes });
    if (apart.length > MAX_UNITS) return { ok: false, fault: 'too_many' };
  }
  return { ok: true, units: apart };
}

/**
 * The records of a text that is one of the {@link PACKINGS}, each in the bytes that were sent; undefined for any other text, for one that is broken outside
 * its records, for an empty list and for more than {@link MAX_UNITS}. Whether each can be read is for who reads it.
 */
export function unpacked(bytes: Buffer): readonly Buffer[] | undefined {
  if (!mayBePacked(bytes)) return undefined;
  const members = membersOf(bytes);
  if (members === undefined) return undefined;
  const telling: JsonObject = Object.fromEntries(
    [...members].flatMap(([name, value]) => (value.length > MAX_TELLING_BYTES ? [] : [[name, parsed(value)]])),
  );
  for (const { member, holds } of PACKINGS) {
    const list = members.get(member);
    if (list?.[0] !== OPEN_BRACKET) continue;
    const { values, badAt } = jsonValues(list, MAX_UNITS);
    if (badAt !== undefined || values.length === 0 || values.length > MAX_UNITS) continue;
    if (holds(telling, parsedOneByOne(values))) return values;
  }
  return undefined;
}

/** The members of an object and the bytes of their values; undefined when it is broken, has one twice, or more than it may. */
function membersOf(bytes: Buffer): ReadonlyMap<string, Buffer> | undefined {
  const members = new Map<string, Buffer>();
  let at = skipBlanks(bytes, skipBlanks(bytes, 0) + 1);
  while (bytes[at] === QUOTE && members.size < MAX_MEMBERS) {
    const nameEnd = valueEnd(bytes, at);
    const colonAt = skipBlanks(bytes, nameEnd);
    const name = nameEnd < 0 ? undefined : parsed(bytes.subarray(at, nameEnd));
    if (typeof name !== 'string' || members.has(name) || bytes[colonAt] !== COLON) return undefined;
    const valueAt = skipBlanks(bytes, colonAt + 1);
    const end = valueEnd(bytes, valueAt);
    if (end < 0) return undefined;
    members.set(name, bytes.subarray(valueAt, end));
    at = skipBlanks(bytes, end);
    if (bytes[at] === CLOSE_BRACE) return skipBlanks(bytes, at + 1) === bytes.length ? members : undefined;
    if (bytes[at] !== COMMA) return undefined;
    at = skipBlanks(bytes, at + 1);
  }
  return undefined;
}

/** As far as they can be used. */
function* parsedOneByOne(values: readonly Buffer[]): Generator {
  for (const value of values) {
    const read = readJson(value.length > MAX_RECORD_BYTES ? '' : value.toString('utf8'));
    yield read.ok ? read.value : undefined;
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
