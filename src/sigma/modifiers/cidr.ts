/** An address as four 32-bit words; IPv4 lies in ::ffff:0:0/96, so that a mapped address is the address it maps. */
export type Address = readonly [number, number, number, number];

const MAPPED = 0xffff;

/** Reads an IPv4 or IPv6 address strictly: four decimal parts without leading zeros, or RFC 4291 text, zone ignored. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 64) return undefined;
  return text.includes(':') ? parseV6(text) : mapped(parseV4(text));
}

function mapped(v4: number | undefined): Address | undefined {
  return v4 === undefined ? undefined : [0, 0, MAPPED, v4];
}

function parseV4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

function parseV6(text: string): Address | undefined {
  const halves = text.replace(/%.*$/, '').split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])];
  const word = (at: number): number => (groups[at] ?? 0) * 0x10000 + (groups[at + 1] ?? 0);
  return [word(0), word(2), word(4), word(6)];
}

function groupsOf(text: string): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  for (const [index, part] of text.split(':').entries()) {
    const v4 = part.includes('.') && text.endsWith(part) && index > -1 ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push(Math.floor(v4 / 0x10000), v4 % 0x10000);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

export interface Network {
  readonly address: Address;
  /** Of 128. */
  readonly prefix: number;
}

/** Reads `address/prefix`, or a bare address as a network of one; host bits must be zero. */
export function parseNetwork(text: string): Network | undefined {
  const [host = '', length, ...more] = text.split('/');
  const address = parseAddress(host);
  if (address === undefined || more.length > 0) return undefined;
  const width = host.includes(':') ? 128 : 32;
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > width)) return undefined;
  const prefix = 128 - width + (length === undefined ? width : Number(length));
  const clean = address.every((word, index) => (word & ~maskOf(prefix, index)) === 0);
  return clean ? { address, prefix } : undefined;
}

export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/** The 32-bit mask of a prefix within the word at `index`. */
function maskOf(prefix: number, index: number): number {
  const bits = Math.min(32, Math.max(0, prefix - index * 32));
  return bits === 0 ? 0 : (-1 << (32 - bits)) | 0;
}

/** The first `prefix` bits of an address: those of a network's are the same for all that it contains. */
export function networkKey(address: Address, prefix: number): string {
  return address.map((word, index) => word & maskOf(prefix, index)).join();
}

/** Whether `network` contains the address. */
export function contains(network: Network, address: Address): boolean {
  for (let index = 0; index < 4; index++) {
    const difference = (network.address[index] ?? 0) ^ (address[index] ?? 0);
    if ((difference & maskOf(network.prefix, index)) !== 0) return false;
  }
  return true;
}
