import { MAX_FIELDS, MAX_JSON_DEPTH, type RecordFault } from './parsed-record.js';

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A record's JSON object within the limits, or why it cannot be used. */
export function readJson(text: string): { ok: true; value: JsonObject } | { ok: false; reason: RecordFault } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'malformed' };
  }
  if (!isObject(value)) return { ok: false, reason: 'malformed' };
  const count = countMembers(value, 1);
  if (count === Infinity) return { ok: false, reason: 'too_deep' };
  if (count > MAX_FIELDS) return { ok: false, reason: 'too_many_fields' };
  return { ok: true, value };
}

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
