import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

/** Identifiers and secrets; one place, so that tests can make them repeatable. */
export abstract class Ids {
  /** A UUIDv7 (RFC 9562 §5.7): sorts by creation time. */
  abstract uuid(): string;
  /** An unguessable token of 256 bits, base64url. Only its hash is ever stored. */
  abstract token(): string;
}

export class RandomIds extends Ids {
  override uuid(): string {
    return uuidv7();
  }
  override token(): string {
    return randomBytes(32).toString('base64url');
  }
}

/** What is stored of a token: SHA-256, hex. Tokens have 256 bits of entropy, so no salt or stretching is needed. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
