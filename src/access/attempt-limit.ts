import ipaddr from 'ipaddr.js';

/** So many attempts in a window; the counter lies under `key`. */
export interface Limit {
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
}

/** One subscriber has a whole /64 of IPv6. */
export function addressBlock(ip: string): string {
  if (!ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return `${(address as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
