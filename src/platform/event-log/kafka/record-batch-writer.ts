import type { ProducedMessage } from 'kafkajs/src/protocol/requests/index.js';
import { crc32c } from './crc32c.js';

const MAGIC = 2;
/** Where in a batch its length, its checksum and what that covers begin. */
const LENGTH_AT = 8;
const CRC_AT = 17;
const CRC_FROM = 21;

/** Writes what a broker takes, batches of records among it (magic 2, KIP-98), into one buffer. */
export class BatchWriter {
  readonly #bytes: Buffer;
  #at = 0;

  /** `size`: as many bytes as will be written, or more. */
  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  int16(value: number): void {
    this.#at = this.#bytes.writeInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  text16(text: string): void {
    const start = this.#at;
    this.#at += 2;
    this.#at += this.#bytes.write(text, this.#at);
    this.#bytes.writeInt16BE(this.#at - start - 2, start);
  }

  /** What `write` writes, after its length in bytes. */
  sized32(write: () => void): void {
    const start = this.#at;
    this.#at += 4;
    write();
    this.#bytes.writeInt32BE(this.#at - start - 4, start);
  }

  /** A batch of records, all of one time. */
  batch(messages: readonly ProducedMessage[], nowMs: number): void {
    const start = this.#at;
    // The broker gives the offset; the length comes last.
    this.#int64(0);
    this.int32(0);
    // Leader's epoch.
    this.int32(-1);
    this.#byte(MAGIC);
    this.int32(0);
    // No attributes: not packed, the writer's time, no transaction.
    this.int16(0);
    this.int32(messages.length - 1);
    this.#int64(nowMs);
    this.#int64(nowMs);
    // No producer's number, epoch and sequence.
    this.#int64(-1);
    this.int16(-1);
    this.int32(-1);
    this.int32(messages.length);
    for (const [delta, message] of messages.entries()) this.#record(message, delta);
    this.#bytes.writeInt32BE(this.#at - start - LENGTH_AT - 4, start + LENGTH_AT);
    this.#bytes.writeUInt32BE(crc32c(this.#bytes, start + CRC_FROM, this.#at), start + CRC_AT);
  }

  #record({ key, value, headers = {} }: ProducedMessage, offsetDelta: number): void {
    const keyBytes = asBytes(key);
    const valueBytes = asBytes(value);
    const named = Object.entries(headers).map(([name, given]) => [Buffer.from(name), asBytes(given)] as const);
    let length =
      2 + varintBytes(offsetDelta) + sizedBytes(keyBytes) + sizedBytes(valueBytes) + varintBytes(named.length);
    for (const [name, header] of named) length += sizedBytes(name) + sizedBytes(header);
    this.#varint(length);
    // Attributes, and the time after that of the batch.
    this.#byte(0);
    this.#byte(0);
    this.#varint(offsetDelta);
    this.#sized(keyBytes);
    this.#sized(valueBytes);
    this.#varint(named.length);
    for (const [name, header] of named) {
      this.#sized(name);
      this.#sized(header);
    }
  }

  #sized(bytes: Buffer | null): void {
    this.#varint(bytes === null ? -1 : bytes.length);
    if (bytes !== null) this.#at += bytes.copy(this.#bytes, this.#at);
  }

  #byte(value: number): void {
    this.#at = this.#bytes.writeInt8(value, this.#at);
  }

  #int64(value: number): void {
    this.#at = this.#bytes.writeBigInt64BE(BigInt(value), this.#at);
  }

  #varint(value: number): void {
    let rest = zigzag(value);
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }
}

const asBytes = (part: string | Buffer | null | undefined): Buffer | null =>
  part === null || part === undefined ? null : typeof part === 'string' ? Buffer.from(part) : part;

/** -1, 0, 1 as 1, 0, 2, so that small numbers are short (Protocol Buffers, signed integers). */
const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest >>>= 7) bytes += 1;
  return bytes;
}

const sizedBytes = (bytes: Buffer | null): number =>
  bytes === null ? varintBytes(-1) : varintBytes(bytes.length) + bytes.length;
