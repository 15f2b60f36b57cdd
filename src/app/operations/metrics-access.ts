import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import ipaddr from 'ipaddr.js';

/** What a proxy adds: who asks is then somebody behind it, wherever it runs. */
const OF_PROXIES = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/** Whether a request may read the metrics: with the token where one is set, else from loopback and through no proxy. */
export function mayReadMetrics(
  asked: { readonly headers: IncomingHttpHeaders; readonly clientAddress: string | undefined },
  token: string | undefined,
): boolean {
  const { headers, clientAddress } = asked;
  if (token === undefined) return isLoopback(clientAddress) && !OF_PROXIES.some((name) => name in headers);
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  // Hashes have one length, as the comparison in constant time needs.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined || !ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'loopback';
}
