import type { Tx } from '../database/database.js';

/** What changed; the browser asks the API for the rest, which checks rights again. */
export interface Change {
  readonly topic: 'incident' | 'alert' | 'page' | 'silo' | 'notice' | 'report' | 'action' | 'user' | 'schedule';
  readonly id: string;
  /** Silos it concerns; an empty list concerns no silo in particular. Viewers limited to other silos are not told. */
  readonly tenants: readonly string[];
}

export const LIVE_CHANNEL = 'silowatch_live';

/** Tells every instance's live stream that something changed, when and only when the transaction commits. */
export async function announce(tx: Tx, change: Change): Promise<void> {
  await tx.query('select pg_notify($1, $2)', [LIVE_CHANNEL, JSON.stringify(change)]);
}
