import { withEveryTenant } from './claims.js';
import { MAX_FIELDS, MAX_JSON_DEPTH, type RecordFault } from './parsed-record.js';

export type JsonObject = Record<string, unknown>;

/** Under which names shippers carry a line: Filebeat and Vector, Fluent Bit and Docker, journald, Docker's Splunk driver. */
export const LINE_MEMBERS = ['message', 'log', 'MESSAGE', 'line'] as const;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A record's JSON object within the limits, or why it cannot be used. */
export function readJson(text: string): { ok: true; value: JsonObject } | { ok: false; reason: RecordFault } {
  const excess = text.length > LONG_CHARS ? excessOf(text) : undefined;
  if (excess !== undefined) return { ok: false, reason: excess };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'malformed' };
  }
  if (!isObject(value)) return { ok: false, reason: 'malformed' };
  const object = withEveryTenant(value, text);
  const count = countMembers(object, 1);
  if (count === Infinity) return { ok: false, reason: 'too_deep' };
  if (count > MAX_FIELDS) return { ok: false, reason: 'too_many_fields' };
  return { ok: true, value: object };
}

/** Shorter texts are parsed sooner than they are looked through. */
const LONG_CHARS = 32 * 1024;
/** An empty object or list counts twice among the parts of a text, as one and as what it is an element of; anything else once. */
const SURELY_TOO_MANY = 2 * MAX_FIELDS + 1;

/** What a text has surely too much of, told by its signs: parsing names by the hundred thousand takes long. */
function excessOf(text: string): RecordFault | undefined {
  let left = SURELY_TOO_MANY;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isInString = !isInString;
    else if (isInString) at += code === BACKSLASH ? 1 : 0;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      left -= 1;
      depth += 1;
      if (depth > MAX_JSON_DEPTH) return 'too_deep';
    } else if (code === COMMA) left -= 1;
    if (left < 0) return 'too_many_fields';
  }
  return undefined;
}

const CLOSE_BRACKET = 93;
const CLOSE_BRACE = 125;
const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const OPEN_BRACE = 123;

/** Members and elements over all levels; Infinity when nested too deep. */
function countMembers(value: object, depth: number): number {
  if (depth > MAX_JSON_DEPTH) return Infinity;
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  let count = members.length;
  for (const member of members) {
    if (typeof member === 'object' && member !== null) count += countMembers(member, depth + 1);
  }
  return count;
}

export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A member that may be a number or its text; undefined when it is neither. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,12})?$/.test(value) ? Number(value) : undefined;
}

/** The first of `names` that `object` has as a text or number. */
export function firstText(object: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = textOf(object[name]);
    if (text !== undefined) return text;
  }
  return undefined;
}
