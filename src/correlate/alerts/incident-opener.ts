import type { Tx } from '../../platform/database/database.js';
import type { WrittenAlert } from './alert.repository.js';

/** An alert that was just written, with the trace of what decided it; undefined when it has none. */
export interface ArrivedAlert extends WrittenAlert {
  readonly traceparent?: string | undefined;
}

/**
 * What becomes of alerts, decided in the very transaction that writes them (scope `system('correlate')`): so it is quick, uses no network
 * and throws only when the database fails. Alerts of all correlators pass one after another; it needs no lock of its own against itself.
 */
export abstract class IncidentOpener {
  /** Held until commit. For who locks an incident and may raise an alert after that: in the other order two would wait for each other. */
  abstract lock(tx: Tx): Promise<void>;

  /** New alerts join an incident, open one or are left for triage; of those that stand, more matches were counted in. In order. */
  abstract onAlerts(tx: Tx, alerts: readonly ArrivedAlert[]): Promise<void>;
}
