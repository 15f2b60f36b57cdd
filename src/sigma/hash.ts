import { createHash } from 'node:crypto';

/** SHA-256 in hex over plain JSON values; equal values give equal hashes. */
export function hashOf(values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}
