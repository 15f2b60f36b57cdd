import { hash } from 'node:crypto';

/** Values that are grouped by. `tenant` is null where a rule reaches across silos. */
export interface GroupedBy {
  readonly tenant: string | null;
  readonly group: readonly string[];
}

/** What must be counted together has one key, and so one signals partition. */
export interface CorrelationKey extends GroupedBy {
  readonly consumer: string;
}

/** 128 bits that name the group, base64url. */
export function groupKey({ consumer, tenant, group }: CorrelationKey): string {
  return digest([consumer, tenant, group]).toString('base64url', 0, 16);
}

/**
 * The signals partition that counts what is grouped by these values. Whichever rule does: what several rules say about one address of a record
 * travels together.
 */
export function partitionOf({ tenant, group }: GroupedBy, partitions: number): number {
  return digest([tenant, group]).readUInt32BE(0) % partitions;
}

/** Digests of keys that came lately: each signal asks for its own when it is sent and twice when it is counted. */
const digests = new Map<string, Buffer>();
const MAX_DIGESTS = 10_000;

function digest(parts: readonly unknown[]): Buffer {
  const text = JSON.stringify(parts);
  const known = digests.get(text);
  if (known !== undefined) return known;
  const made = hash('sha256', text, 'buffer');
  if (digests.size >= MAX_DIGESTS) digests.clear();
  digests.set(text, made);
  return made;
}
