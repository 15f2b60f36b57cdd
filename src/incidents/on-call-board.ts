import type { Tx } from '../platform/database/database.js';

/** Port to paging, which binds it: who is on call now, for the Now page. */
export abstract class OnCallBoard {
  /** `until` is RFC 3339 UTC, or null for an end that is not known. */
  abstract now(
    tx: Tx,
  ): Promise<readonly { readonly schedule: string; readonly staffName: string; readonly until: string | null }[]>;
}
