import { joinAuditd } from '../formats/join-auditd.js';
import { csvlogEnd } from '../formats/join-csvlog.js';
import { jsonValues } from '../json-spans.js';
import { takenApart } from './unpack.js';
import { MAX_UNITS, type ReadBody, type Unit } from './unit.js';

/** Bodies of records alone: lines of any text, NDJSON, or one JSON value or array. */
export function readLines(body: Buffer, mediaType: string): ReadBody {
  switch (mediaType) {
    case 'text/plain':
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
    case 'application/x-jsonlines':
      return fromLines(body);
    case 'application/json':
      return fromJson(body);
    default:
      return { ok: false, fault: 'media_type' };
  }
}

/**
 * Each line a record, without its line end; empty ones are passed over. Lines of one auditd event are one record, and so are those of a csvlog record whose
 * values have line ends.
 */
export function fromLines(body: Buffer): ReadBody {
  const units: Unit[] = [];
  for (const line of cutLines(body)) {
    if (units.length === MAX_UNITS) return { ok: false, fault: 'too_many' };
    units.push(line);
  }
  return units.length === 0 ? { ok: false, fault: 'empty' } : takenApart(joinAuditd(units));
}

/** An octet-counted syslog message (RFC 6587 §3.4.1): its length, a blank, then the message, which may hold line ends. */
const COUNTED = /^([1-9]\d{0,6}) </;

/** The lines without their ends. Empty ones, of which a body may hold millions, are counted and no more. */
function* cutLines(body: Buffer): Generator<Unit> {
  let place = 0;
  let at = 0;
  while (at < body.length) {
    place += 1;
    const first = body[at] ?? 0;
    if (first === LINE_FEED || (first === RETURN && body[at + 1] === LINE_FEED)) {
      at += first === LINE_FEED ? 1 : 2;
      continue;
    }
    const isDigit = first >= 48 && first <= 57;
    const counted = isDigit ? COUNTED.exec(body.toString('latin1', at, at + 9)) : null;
    const from = counted === null ? at : at + (counted[1]?.length ?? 0) + 1;
    const record = isDigit && counted === null ? csvlogEnd(body, at) : undefined;
    // A counted message is not searched for a line end: its body may have none, and would be run through for every message.
    const end = counted === null ? (record ?? lineEnd(body, at)) : Math.min(body.length, from + Number(counted[1]));
    const bytes = withoutReturn(body.subarray(from, end));
    if (bytes.length > 0) yield { place, bytes };
    if (record !== undefined) place += lineEndsIn(bytes);
    at = counted !== null && body[end] !== LINE_FEED ? end : end + 1;
  }
}

const LINE_FEED = 10;
const RETURN = 13;

function lineEnd(body: Buffer, at: number): number {
  const newline = body.indexOf(LINE_FEED, at);
  return newline < 0 ? body.length : newline;
}

function lineEndsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}

const withoutReturn = (line: Buffer): Buffer => (line.at(-1) === RETURN ? line.subarray(0, -1) : line);

function fromJson(body: Buffer): ReadBody {
  const { values, badAt } = jsonValues(body, MAX_UNITS);
  if (values.length > MAX_UNITS) return { ok: false, fault: 'too_many' };
  if (badAt !== undefined) return { ok: false, fault: 'malformed', line: badAt };
  if (values.length === 0) return { ok: false, fault: 'empty' };
  const apart = takenApart(values.map((bytes, index) => ({ place: index + 1, bytes })));
  return apart.ok ? { ok: true, units: apart.units.map(({ bytes }, index) => ({ place: index + 1, bytes })) } : apart;
}
