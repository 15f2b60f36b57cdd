import { hash } from 'node:crypto';

/** SHA-256 in hex over plain JSON values; equal values give equal hashes. */
export function hashOf(values: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(values));
}

/** As `hashOf`, over values that are JSON text already. */
export function hashOfJson(texts: readonly string[]): string {
  return hash('sha256', `[${texts.join(',')}]`);
}
