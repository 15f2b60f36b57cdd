import { createHash, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** Whether a request may read the metrics: with the token where one is set, else from loopback. */
export function mayReadMetrics(
  asked: { readonly authorization: string | undefined; readonly clientAddress: string | undefined },
  token: string | undefined,
): boolean {
  if (token === undefined) return isLoopback(asked.clientAddress);
  const given = /^Bearer (.+)$/i.exec(asked.authorization ?? '')?.[1] ?? '';
  // Hashes have one length, as the comparison in constant time needs.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined || !ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'loopback';
}
