import { hash } from 'node:crypto';
import { type FieldPath, lookUp, pathOf } from '../compile/fields.js';
import { scalarText } from '../compile/scalar-text.js';
import { numberOf } from '../compile/item.js';

/** A group's value longer than this is cut and told apart by a hash (UTF-16 units). */
const MAX_GROUP_TEXT = 256;

/** Reads the text form of a field; an array of one counts as its element. Undefined when absent, null or empty. */
export type FieldText = (fields: Readonly<Record<string, unknown>>) => string | undefined;

export function fieldText(name: string): FieldText {
  const path: FieldPath = pathOf(name);
  return (fields) => textOf(lookUp(fields, path));
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return scalarText(value);
  if (Array.isArray(value) && value.length < 2) return value.length === 0 ? undefined : textOf(value[0]);
  try {
    return JSON.stringify(value);
  } catch {
    // Nested beyond the stack's depth: such a value groups nothing.
    return undefined;
  }
}

/** A group-by value as it stands in group keys: whole where it is short, else its start and a hash. */
export function groupText(text: string): string {
  return text.length <= MAX_GROUP_TEXT ? text : `${text.slice(0, 64)}…${shortHash(text)}`;
}

/** 128 bits of SHA-256: what state keeps of a value, so that it neither grows with the value nor shows it. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'buffer').toString('base64url', 0, 16);
}

/** A number in decimal, as sums and averages carry it; undefined for what is none. */
export function numberText(text: string): string | undefined {
  const number = numberOf(text);
  return number === undefined ? undefined : String(number);
}
