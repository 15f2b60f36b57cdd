import type { LogRecord } from '../platform/event-log/event-log.js';
import { bothClaims, mayClaim } from './formats/claims.js';
import { parseRecord, type ParseOptions } from './formats/parse-record.js';
import { keptWithin } from './kept-together.js';
import { readEnvelope } from './record-envelope.js';

/** The tenants that records which are kept together because of a fault claim to be of, as far as each can be read. */
export function claimOfKept(record: LogRecord, options: ParseOptions): string | undefined {
  let claim: string | undefined;
  for (const { bytes, envelope: said } of keptWithin(record) ?? []) {
    if (!mayClaim(bytes) && (said === undefined || !mayClaim(said))) continue;
    const envelope = said === undefined ? undefined : readEnvelope(Buffer.from(said));
    const parsed = parseRecord(bytes, { ...options, envelope });
    claim = bothClaims(claim, parsed.ok ? parsed.event.claimedTenant : parsed.claimedTenant);
  }
  return claim;
}
