import { Injectable } from '@nestjs/common';
import type { Alert } from '../correlate/alert.js';
import { IncidentOpener } from '../correlate/incident-opener.js';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { note, span } from '../platform/tracing/tracing.js';
import { GroupingRepository } from './grouping.repository.js';
import { chooseIncident, isSameAcrossSilos, tyingEntities } from './grouping.js';
import { IncidentJoiningService } from './incident-joining.service.js';
import { IncidentRepository } from './incident.repository.js';
import { withinSystemScope } from './within-system-scope.js';

/** Puts each new alert into its incident, in the transaction that writes the alert: joins one, opens one, or leaves it in triage. */
@Injectable()
export class IncidentOpenerService extends IncidentOpener {
  constructor(
    private readonly clock: Clock,
    private readonly grouping: GroupingRepository,
    private readonly incidents: IncidentRepository,
    private readonly joining: IncidentJoiningService,
  ) {
    super();
  }

  override async onAlert(tx: Tx, alert: Alert): Promise<void> {
    // Platform alerts come under other scopes (a silo's, ingest's); which incident they belong to does not depend on it.
    await withinSystemScope(tx, 'correlate', () => span('incident', {}, () => this.place(tx, alert)));
  }

  /** A standing alert counts on. An incident that is resolved or closed does not swallow it: it opens a new one. */
  override async onAlertContinues(tx: Tx, alert: Alert): Promise<void> {
    await withinSystemScope(tx, 'correlate', () => this.continue(tx, alert));
  }

  private async place(tx: Tx, alert: Alert): Promise<void> {
    await this.grouping.lockOpening(tx);
    const own = tyingEntities(alert.entities);
    const candidates = await this.grouping.candidates(tx, alert.tenant, own, own.filter(isSameAcrossSilos));
    const choice = chooseIncident(candidates, alert, alert.groupingMs);
    if (choice.join !== null) {
      note({ 'silowatch.incident.id': choice.join.id, 'silowatch.incident.outcome': 'joined' });
      await this.joining.join(tx, choice.join.id, alert);
      for (const other of choice.alsoShares) await this.grouping.link(tx, choice.join.id, other.id, 'shares');
      return;
    }
    // A medium alert about an attacker who was here an hour ago stays in triage as well: rules say what is worth an incident.
    if (!alert.opensIncident) {
      note({ 'silowatch.incident.outcome': 'triage' });
      return;
    }
    const id = await this.joining.open(tx, alert, choice.follows);
    note({ 'silowatch.incident.id': id, 'silowatch.incident.outcome': 'opened' });
  }

  private async continue(tx: Tx, alert: Alert): Promise<void> {
    if (alert.incidentId === null) return;
    const incident = await this.incidents.find(tx, alert.incidentId);
    if (incident === undefined || incident.disposition !== null) return;
    const endedAt = incident.resolvedAt;
    if (endedAt === null) {
      await this.joining.continues(tx, incident, alert);
      return;
    }
    // Late records of what was dealt with are not a new attack.
    if (alert.lastEventAt <= endedAt || !alert.opensIncident) return;
    await this.place(tx, { ...alert, firstEventAt: alert.lastEventAt, createdAt: this.clock.now() });
  }
}
