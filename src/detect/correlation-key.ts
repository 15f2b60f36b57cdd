import { hash } from 'node:crypto';

/** What must be counted together has one key, and so one signals partition. `tenant` is null where a rule reaches across silos. */
export interface CorrelationKey {
  readonly consumer: string;
  readonly tenant: string | null;
  readonly group: readonly string[];
}

/** 128 bits that name the group, base64url. */
export function groupKey({ consumer, tenant, group }: CorrelationKey): string {
  return digest(consumer, tenant, group).toString('base64url', 0, 16);
}

/** The signals partition that counts this group. */
export function partitionOf({ consumer, tenant, group }: CorrelationKey, partitions: number): number {
  return digest(consumer, tenant, group).readUInt32BE(16) % partitions;
}

/** Digests of keys that came lately: each signal asks for its own when it is sent and twice when it is counted. */
const digests = new Map<string, Buffer>();
const MAX_DIGESTS = 10_000;

function digest(consumer: string, tenant: string | null, group: readonly string[]): Buffer {
  const text = JSON.stringify([consumer, tenant, group]);
  const known = digests.get(text);
  if (known !== undefined) return known;
  const made = hash('sha256', text, 'buffer');
  if (digests.size >= MAX_DIGESTS) digests.clear();
  digests.set(text, made);
  return made;
}
