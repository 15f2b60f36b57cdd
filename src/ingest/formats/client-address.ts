import { BlockList, isIP } from 'node:net';

const lists = new WeakMap<readonly string[], BlockList>();

function listOf(trusted: readonly string[]): BlockList {
  const known = lists.get(trusted);
  if (known !== undefined) return known;
  const list = new BlockList();
  for (const entry of trusted) addTo(list, entry);
  lists.set(trusted, list);
  return list;
}

function addTo(list: BlockList, entry: string): void {
  const [address = '', bits] = entry.split('/', 2);
  const version = isIP(address);
  if (version === 0) return;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const prefix = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
  if (Number.isInteger(prefix) && prefix >= 0 && prefix <= (version === 6 ? 128 : 32)) {
    list.addSubnet(address, prefix, family);
  }
}

function isTrusted(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** An address without the port that may stand behind it, and without the brackets of IPv6; any other text as it is. */
export function withoutPort(address: string): string {
  if (isIP(address) !== 0) return address;
  const parts = /^(?:\[([^\]]{1,64})\]|([^:]{1,255}))(?::\d{1,5})?$/.exec(address);
  return parts?.[1] ?? parts?.[2] ?? address;
}

/**
 * Who sent a request: the peer, or, as far as the peer and the hops before it are trusted proxies, the address they name
 * in X-Forwarded-For (read from the right, since everything left of the last trusted hop is the sender's own word).
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trusted: readonly string[] | undefined,
): string {
  if (forwardedFor === undefined || trusted === undefined || trusted.length === 0) return peer;
  const list = listOf(trusted);
  let client = peer;
  const hops = forwardedFor.slice(-2000).split(',');
  while (isTrusted(list, client)) {
    const hop = withoutPort(hops.pop()?.trim() ?? '');
    if (isIP(hop) === 0) break;
    client = hop;
  }
  return client;
}
