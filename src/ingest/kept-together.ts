import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { headerText, type LogRecord } from '../platform/event-log/event-log.js';
import { isRecordFault, type RecordFault } from './formats/parsed-record.js';

/** The header of a value that holds many records that cannot be used: the fault of them all. */
export const TOGETHER_HEADER = 'together';
/** Most records of one value. */
export const MAX_TOGETHER = 20_000;

/** A record among others in one value. */
export interface KeptRecord {
  readonly bytes: Buffer;
  /** The text of its header. */
  readonly envelope?: string | undefined;
}

/** A record as a line of such a value: its text in quotes; an object where it has an envelope or is no UTF-8. */
export function lineOfKept({ bytes, envelope }: KeptRecord): string {
  const text = JSON.stringify(bytes.toString('utf8'));
  const isText = isUtf8(bytes) && Buffer.byteLength(text) <= 2 * bytes.length + 2;
  if (isText && envelope === undefined) return `${text}\n`;
  const record = isText ? `"text":${text}` : `"base64":"${bytes.toString('base64')}"`;
  return envelope === undefined ? `{${record}}\n` : `{${record},"envelope":${envelope}}\n`;
}

const envelope = z.record(z.string(), z.unknown()).optional();
const lineSchema = z.union([
  z.string(),
  z.strictObject({ text: z.string(), envelope }),
  z.strictObject({ base64: z.base64(), envelope }),
]);

/** Whether a record holds many, why none of them can be used, and how many they are; a header that nobody here writes says nothing. */
export function togetherOf(record: LogRecord): { readonly reason: RecordFault; readonly count: number } | undefined {
  const reason = headerText(record, TOGETHER_HEADER);
  if (reason === undefined || !isRecordFault(reason)) return undefined;
  return { reason, count: Math.min(MAX_TOGETHER, Math.max(1, lineEnds(record.value ?? Buffer.alloc(0)))) };
}

function lineEnds(value: Buffer): number {
  let count = 0;
  for (const byte of value) if (byte === 10) count += 1;
  return count;
}

/** The records that one holds; undefined for a record that stands for itself, and for one that nobody here wrote. */
export function keptWithin(record: LogRecord): readonly KeptRecord[] | undefined {
  if (togetherOf(record) === undefined || record.value === null) return undefined;
  const lines = record.value.toString('utf8').split('\n');
  if (lines.pop() !== '' || lines.length === 0 || lines.length > MAX_TOGETHER) return undefined;
  const records: KeptRecord[] = [];
  for (const line of lines) {
    const read = lineSchema.safeParse(jsonOf(line));
    if (!read.success) return undefined;
    records.push(keptOf(read.data));
  }
  return records;
}

function keptOf(line: z.infer<typeof lineSchema>): KeptRecord {
  if (typeof line === 'string') return { bytes: Buffer.from(line) };
  const bytes = 'text' in line ? Buffer.from(line.text) : Buffer.from(line.base64, 'base64');
  return line.envelope === undefined ? { bytes } : { bytes, envelope: JSON.stringify(line.envelope) };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
