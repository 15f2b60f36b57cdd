import { pbkdf2Sync } from 'node:crypto';
import { DomainError } from '../../errors/domain-error.js';

/** Kafka's own default for SCRAM-SHA-512; its least is 4096. */
export const SCRAM_ITERATIONS = 8_192;
const SHA_512 = 2;
const KEY_BYTES = 64;

export interface ScramChange {
  readonly user: string;
  /** Absent: the credential is deleted. */
  readonly upsert?: { readonly password: string; readonly salt: Buffer };
}

/**
 * The body of AlterUserScramCredentials (key 51, version 0), from the header's empty tags on: kafkajs writes an old header, which lacks them.
 *
 *     deletions => [name mechanism TAGS]  upsertions => [name mechanism iterations salt salted_password TAGS]  TAGS
 *
 * Names are COMPACT_STRING, salts COMPACT_BYTES, arrays COMPACT_ARRAY: their length plus one as an unsigned varint before them.
 */
export function encodeScramRequest(changes: readonly ScramChange[]): Buffer {
  const deletions = changes.filter(({ upsert }) => upsert === undefined);
  const upsertions = changes.flatMap(({ user, upsert }) => (upsert === undefined ? [] : [{ user, ...upsert }]));
  return Buffer.concat([
    NO_TAGS,
    compactLength(deletions.length),
    ...deletions.flatMap(({ user }) => [compactBytes(Buffer.from(user)), Buffer.from([SHA_512]), NO_TAGS]),
    compactLength(upsertions.length),
    ...upsertions.flatMap(({ user, password, salt }) => [
      compactBytes(Buffer.from(user)),
      Buffer.from([SHA_512]),
      int32(SCRAM_ITERATIONS),
      compactBytes(salt),
      compactBytes(pbkdf2Sync(password, salt, SCRAM_ITERATIONS, KEY_BYTES, 'sha512')),
      NO_TAGS,
    ]),
    NO_TAGS,
  ]);
}

export interface ScramResult {
  readonly user: string;
  readonly errorCode: number;
  readonly message: string;
}

/** The answer, after the correlation id: `TAGS throttle_time_ms [user error_code error_message TAGS] TAGS`. */
export function decodeScramResponse(data: Buffer): readonly ScramResult[] {
  const reader = new Reader(data);
  reader.skipTags();
  reader.int32();
  const count = reader.varint() - 1;
  const results: ScramResult[] = [];
  for (let i = 0; i < count; i += 1) {
    const user = reader.compactString() ?? '';
    const errorCode = reader.int16();
    const message = reader.compactString() ?? '';
    reader.skipTags();
    results.push({ user, errorCode, message });
  }
  return results;
}

const NO_TAGS = Buffer.from([0]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

const compactLength = (length: number): Buffer => varint(length + 1);
const compactBytes = (bytes: Buffer): Buffer => Buffer.concat([compactLength(bytes.length), bytes]);

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Reads from a buffer and never past its end. */
class Reader {
  readonly #data: Buffer;
  #at = 0;
  constructor(data: Buffer) {
    this.#data = data;
  }
  int16(): number {
    return this.#take(2).readInt16BE();
  }
  int32(): number {
    return this.#take(4).readInt32BE();
  }
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#take(1).readUInt8();
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value >>> 0;
    }
    throw malformed();
  }
  compactString(): string | undefined {
    const length = this.varint() - 1;
    return length < 0 ? undefined : this.#take(length).toString('utf8');
  }
  skipTags(): void {
    for (let count = this.varint(); count > 0; count -= 1) {
      this.varint();
      this.#take(this.varint());
    }
  }
  #take(length: number): Buffer {
    const bytes = this.#data.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw malformed();
    this.#at += length;
    return bytes;
  }
}

const malformed = (): DomainError =>
  new DomainError('EVENT_LOG_UNAVAILABLE', 'Kafka answered a change of credentials with something unreadable');
