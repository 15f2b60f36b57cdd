import type { LogRecord } from '../event-log.js';

/** A batch of records as the broker stores it (magic 2, KIP-98). */
export interface StoredBatch {
  /** Of the last record. */
  readonly lastOffset: number;
  readonly producerId: string;
  readonly isTransactional: boolean;
  /** It holds no data but the end of a transaction; its only record's key says which. */
  readonly isControl: boolean;
  readonly records: readonly LogRecord[];
}

const HEADER_BYTES = 61;
const MAGIC = 2;
const COMPRESSION = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

const NO_HEADERS: Readonly<Record<string, Buffer>> = Object.freeze({});

/**
 * The batches that lie one after the other in a fetched stretch; what is cut off at its end is left out, as the broker cuts by size.
 * Undefined when they are packed or of an older form, which this does not read. Keys and values share the stretch's memory.
 */
export function readBatches(bytes: Buffer): readonly StoredBatch[] | undefined {
  const batches: StoredBatch[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const end = at + 12 + bytes.readInt32BE(at + 8);
    const attributes = bytes.readInt16BE(at + 21);
    if (bytes.readInt8(at + 16) !== MAGIC || (attributes & COMPRESSION) !== 0) return undefined;
    if (end > bytes.length) break;
    const records = new RecordReader(bytes, at, attributes).records(end);
    const last = records.at(-1);
    if (last !== undefined) {
      batches.push({
        lastOffset: last.offset,
        producerId: String(bytes.readBigInt64BE(at + 43)),
        isTransactional: (attributes & TRANSACTIONAL) !== 0,
        isControl: (attributes & CONTROL) !== 0,
        records,
      });
    }
    at = end;
  }
  return batches;
}

/** Reads the records of one batch, which begins at `start`. */
class RecordReader {
  readonly #bytes: Buffer;
  readonly #baseOffset: number;
  readonly #baseTimeMs: number;
  readonly #isArrival: boolean;
  readonly #count: number;
  #at: number;

  constructor(bytes: Buffer, start: number, attributes: number) {
    this.#bytes = bytes;
    this.#baseOffset = int64(bytes, start);
    this.#isArrival = (attributes & LOG_APPEND_TIME) !== 0;
    // With LogAppendTime all records have the time at which the log took the batch: its latest.
    this.#baseTimeMs = int64(bytes, this.#isArrival ? start + 35 : start + 27);
    this.#count = bytes.readInt32BE(start + 57);
    this.#at = start + HEADER_BYTES;
  }

  records(end: number): readonly LogRecord[] {
    const records: LogRecord[] = [];
    for (let i = 0; i < this.#count; i += 1) {
      const length = this.#varint();
      const next = this.#at + length;
      records.push(this.#record());
      this.#at = next;
    }
    if (this.#at !== end) throw new RangeError('The records of a batch do not fill it');
    return records;
  }

  #record(): LogRecord {
    // One byte of attributes, of which none is in use.
    this.#at += 1;
    const timeDelta = this.#varint();
    const offsetDelta = this.#varint();
    return {
      offset: this.#baseOffset + offsetDelta,
      timestampMs: this.#isArrival ? this.#baseTimeMs : this.#baseTimeMs + timeDelta,
      key: this.#slice(),
      value: this.#slice(),
      headers: this.#headers(),
    };
  }

  #headers(): Readonly<Record<string, Buffer>> {
    const count = this.#varint();
    if (count === 0) return NO_HEADERS;
    // Without a prototype: a writer names them as it likes.
    const headers = Object.create(null) as Record<string, Buffer>;
    for (let i = 0; i < count; i += 1) {
      const name = this.#slice()?.toString('utf8') ?? '';
      const value = this.#slice();
      if (value !== null) headers[name] = value;
    }
    return headers;
  }

  #slice(): Buffer | null {
    const length = this.#varint();
    if (length < 0) return null;
    const start = this.#at;
    this.#at = start + length;
    if (this.#at > this.#bytes.length) throw new RangeError('A record reaches beyond what was fetched');
    return this.#bytes.subarray(start, this.#at);
  }

  /** A number in zigzag form, 7 bits a byte. */
  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++] ?? 0;
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      if (this.#at >= bytes.length) throw new RangeError('A number reaches beyond what was fetched');
      byte = bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

const int64 = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
