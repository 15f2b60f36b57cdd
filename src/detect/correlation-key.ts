import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Values that are grouped by. `tenant` is null where a rule reaches across silos. */
export interface GroupedBy {
  readonly tenant: string | null;
  readonly group: readonly string[];
}

/** What must be counted together has one key, and so one signals partition. */
export interface CorrelationKey extends GroupedBy {
  readonly consumer: string;
}

/** 132 bits that name the group, base64url. */
export function groupKey({ consumer, tenant, group }: CorrelationKey): string {
  const text = JSON.stringify([consumer, tenant, group]);
  const known = keys.get(text);
  if (known !== undefined) return known;
  const key = hash('sha256', text, 'base64url').slice(0, 22);
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(text, key);
  return key;
}

/** Keys that came lately. */
const keys = new Map<string, string>();
const MAX_KEYS = 10_000;

/**
 * The signals partition that counts what is grouped by these values. Whichever rule does: what several rules say about one address of a record
 * travels together.
 */
export function partitionOf({ tenant, group }: GroupedBy, partitions: number): number {
  return crc32(JSON.stringify([tenant, group])) % partitions;
}
