import type { Tx } from '../database/database.js';

/** What changed; the browser asks the API for the rest, which checks rights again. */
export interface Change {
  readonly topic: 'incident' | 'alert' | 'page' | 'silo' | 'notice' | 'report' | 'action' | 'user' | 'schedule';
  readonly id: string;
  /** Silos it concerns; an empty list concerns no silo in particular. Viewers limited to other silos are not told. */
  readonly tenants: readonly string[];
}

export const LIVE_CHANNEL = 'silowatch_live';

/** Tells every instance's live stream what changed, when and only when the transaction commits. */
export async function announce(tx: Tx, ...changes: readonly Change[]): Promise<void> {
  await tx.query('select pg_notify($1, change) from unnest($2::text[]) as change', [
    LIVE_CHANNEL,
    changes.map((change) => JSON.stringify(change)),
  ]);
}
