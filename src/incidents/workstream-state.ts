import type { Tx } from '../platform/database/database.js';

/*
 * Ports to the rooms on the right, which bind them. They are called under the scope system('incident-sweep'), because a gate must see
 * every silo of an incident also when the person at the keyboard does not: tables they read name that job in `silowatch.protect`.
 */

/** What containment knows of an incident. */
export abstract class ContainmentState {
  /** One sentence for each action that still needs somebody; empty when all are proven or rejected. */
  abstract missing(tx: Tx, incidentId: string): Promise<readonly string[]>;
  /** Whether any action exists, and when the last one was sent or done. */
  abstract summary(tx: Tx, incidentId: string): Promise<{ readonly count: number; readonly lastActionAt: Date | null }>;
  /** The incident's actions as its page shows them, under the reader's own scope. */
  abstract list(tx: Tx, incidentId: string): Promise<readonly unknown[]>;
}

/** What notices know of an incident. */
export abstract class NotificationState {
  /**
   * One sentence for each thing still to do for silos whose decision is "notify" (table `notification_decisions`): no notice went out,
   * a bounce was not dealt with. Empty when there is nothing.
   */
  abstract missing(tx: Tx, incidentId: string): Promise<readonly string[]>;
  /** Silo → when its first notice was accepted by the mail server of a recipient; that meets the contract's clock. */
  abstract noticedAt(tx: Tx, incidentId: string): Promise<ReadonlyMap<string, Date>>;
  /** The incident's notices as its page shows them, under the reader's own scope (not the sweep's). Optional: notices have routes of their own. */
  list(_tx: Tx, _incidentId: string): Promise<readonly unknown[]> {
    return Promise.resolve([]);
  }
}
