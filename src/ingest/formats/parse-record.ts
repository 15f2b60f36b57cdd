import { type FormatSettings, type ParsedRecord } from './parsed-record.js';

export interface ParseOptions {
  /** The Kafka header `format`, else the stream's setting; left out, the format is recognised by shape. */
  readonly format?: string;
  readonly arrivalMs: number;
  readonly settings?: FormatSettings;
}

/** Turns a record's bytes into an event, or says why it cannot be used; never throws, whatever the bytes. */
export function parseRecord(bytes: Uint8Array, options: ParseOptions): ParsedRecord {
  void bytes;
  void options;
  return { ok: false, reason: 'unrecognised' };
}
