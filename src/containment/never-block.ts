import ipaddr from 'ipaddr.js';

/** Networks that are never blocked. An entry that is no address or network is returned as a fault. */
export function parseNetworks(list: readonly string[]): {
  readonly networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
  readonly faults: readonly string[];
} {
  const networks: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  const faults: string[] = [];
  for (const text of list) {
    const network = parseNetwork(text);
    if (network === null) faults.push(text);
    else networks.push(network);
  }
  return { networks, faults };
}

function parseNetwork(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | null {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    return null;
  }
}

/** Wider blocks than these would hit strangers by the thousand. */
const NARROWEST_WIDE = { ipv4: 24, ipv6: 48 } as const;

/** Why the address or network is never blocked, or null if it may be. Machines inside and the listed networks are safe from us. */
export function whyNeverBlocked(target: string, never: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][]): string | null {
  const network = parseNetwork(target);
  if (network === null) return `${target} is no address`;
  const [address, bits] = network;
  if (bits < NARROWEST_WIDE[address.kind()]) return `${target} is too wide a network to block`;
  if (['private', 'loopback', 'linkLocal', 'uniqueLocal', 'unspecified', 'carrierGradeNat'].includes(address.range()))
    return `${target} lies inside a private network`;
  const overlaps = never.some(
    ([other, otherBits]) =>
      other.kind() === address.kind() &&
      (address.kind() === 'ipv4'
        ? (address as ipaddr.IPv4).match(other, Math.min(bits, otherBits))
        : (address as ipaddr.IPv6).match(other, Math.min(bits, otherBits))),
  );
  return overlaps ? `${target} is on the never-block list` : null;
}
