import { createHash } from 'node:crypto';

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

const digest = (consumer: string, tenant: string | null, group: readonly string[]): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([consumer, tenant, group]))
    .digest();
