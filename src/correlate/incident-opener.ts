import type { Tx } from '../platform/database/database.js';
import type { Alert } from './alert.js';

/**
 * What becomes of alerts, decided in the very transaction that writes them (scope `system('correlate')`): so it is quick, uses no network
 * and throws only when the database fails. Alerts of all correlators pass one after another; it needs no lock of its own against itself.
 */
export abstract class IncidentOpener {
  /** A new alert: join, open or leave for triage. */
  abstract onAlert(tx: Tx, alert: Alert): Promise<void>;
  /** More matches were counted into an alert that stands. */
  abstract onAlertContinues(tx: Tx, alert: Alert): Promise<void>;
}
