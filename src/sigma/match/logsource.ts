import { type Logsource } from '../model.js';
import { ARRAY, END, type JsonTokens, keyHash, MARK, OBJECT, START, TOKEN } from './json-tokens.js';

/** A log source, or the JSON text of one as it lies in an event. */
export type LogsourceText = Logsource | string | undefined;

const HASH = keyHash('logsource');

/** The JSON text of the event's own field `logsource`. */
export function logsourceIn({ tape }: JsonTokens, bytes: Buffer): string | undefined {
  let found: string | undefined;
  const end = tape[MARK] ?? 0;
  let token = TOKEN;
  while (token < end) {
    const value = token + TOKEN;
    const kind = tape[value] ?? 0;
    if (tape[token + MARK] === HASH && isNamed(bytes, tape[token + START], tape[token + END])) {
      found = kind === OBJECT ? bytes.toString('utf8', tape[value + START], tape[value + END]) : undefined;
    }
    token = kind === OBJECT || kind === ARRAY ? (tape[value + MARK] ?? end) : value + TOKEN;
  }
  return found;
}

function isNamed(bytes: Buffer, start: number | undefined, end: number | undefined): boolean {
  return bytes.toString('latin1', start, end) === 'logsource';
}

/** The log source that a parsed event names itself. */
export function logsourceOfFields(fields: Readonly<Record<string, unknown>>): Logsource | undefined {
  return Object.hasOwn(fields, 'logsource') ? logsourceOf(fields['logsource']) : undefined;
}

/** The log source that a JSON value is; parts that are no texts are left out. */
export function logsourceOf(value: unknown): Logsource | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const part = (name: keyof Logsource): Logsource => {
    const text: unknown = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
    return typeof text === 'string' ? { [name]: text } : {};
  };
  return { ...part('category'), ...part('product'), ...part('service') };
}

/** Every part that the rule names is the event's; a part that the rule leaves out is any (Sigma spec 2.1). */
export function agrees(rule: Logsource, event: Logsource | undefined): boolean {
  return (
    (rule.category === undefined || rule.category === event?.category?.toLowerCase()) &&
    (rule.product === undefined || rule.product === event?.product?.toLowerCase()) &&
    (rule.service === undefined || rule.service === event?.service?.toLowerCase())
  );
}
