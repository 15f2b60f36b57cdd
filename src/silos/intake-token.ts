import { timingSafeEqual } from 'node:crypto';
import { tokenHash, type Ids } from '../platform/ids/ids.js';

/** A token as it is kept. */
export interface IntakeToken {
  /** The token's public part, by which it is found. */
  readonly id: string;
  readonly tenant: string;
  /** SHA-256 of the whole token, hex. */
  readonly hash: string;
  readonly issuedAt: Date;
  /** Null for a token without an end; one that was rotated has the end of the overlap. */
  readonly expiresAt: Date | null;
  /** To a few seconds; null for never. */
  readonly lastUsedAt: Date | null;
}

/** `silowatch_<public part>_<256 secret bits>`; the prefix lets secret scanners find one that was published by mistake. */
const TOKEN = /^silowatch_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/;

/** A new token; the text is shown once and never kept. */
export function newIntakeToken(ids: Ids, tenant: string, issuedAt: Date): { text: string; token: IntakeToken } {
  const id = ids.uuid().replaceAll('-', '');
  const text = `silowatch_${id}_${ids.token()}`;
  return { text, token: { id, tenant, hash: tokenHash(text), issuedAt, expiresAt: null, lastUsedAt: null } };
}

/** The public part of what may be a token; undefined when it cannot be one. */
export const intakeTokenId = (text: string): string | undefined => TOKEN.exec(text)?.[1];

/** Whether `text` is this token, in a time that does not depend on where they differ. */
export function isIntakeToken(text: string, token: IntakeToken, now: Date): boolean {
  const isSame = timingSafeEqual(Buffer.from(tokenHash(text), 'hex'), Buffer.from(token.hash, 'hex'));
  return isSame && (token.expiresAt === null || token.expiresAt > now);
}
