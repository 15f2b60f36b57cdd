import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { TrailRepository } from '../access/trail.repository.js';
import { AlertRepository } from '../correlate/alerts/alert.repository.js';
import { Database } from '../platform/database/database.js';
import { notFound, unmet } from '../platform/errors/domain-error.js';
import { GroupingRepository } from './grouping.repository.js';
import { IncidentDeskService } from './incident-desk.service.js';
import { IncidentJoiningService } from './incident-joining.service.js';
import { IncidentProgressService } from './incident-progress.service.js';
import { IncidentRepository } from './incident.repository.js';

/** Makes an incident of an alert that waited in triage, or puts it to one. */
@Injectable()
export class AlertTriageService {
  constructor(
    private readonly database: Database,
    private readonly alerts: AlertRepository,
    private readonly incidents: IncidentRepository,
    private readonly grouping: GroupingRepository,
    private readonly joining: IncidentJoiningService,
    private readonly desk: IncidentDeskService,
    private readonly progress: IncidentProgressService,
    private readonly trail: TrailRepository,
  ) {}

  /** Returns the incident's id. */
  async toIncident(staff: Staff, alertId: string, incidentId: string | undefined): Promise<string> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      // The order of locks of everybody who writes alerts and incidents together.
      await this.alerts.lockWriting(tx);
      await this.grouping.lockOpening(tx);
      const alert = await this.alerts.find(tx, alertId);
      if (alert === undefined) throw notFound('The alert');
      if (alert.incidentId !== null) throw unmet('ALERT_HAS_INCIDENT', 'The alert belongs to an incident already');
      const actor = { kind: 'staff', id: staff.id, name: staff.name } as const;
      let id = incidentId;
      if (id === undefined) id = await this.joining.open(tx, alert, [], actor);
      else {
        const incident = await this.incidents.lock(tx, id);
        await this.desk.requireAccess(tx, staff, incident);
        if (incident.status !== 'open' && incident.status !== 'contained')
          throw unmet('INCIDENT_SETTLED', `${incident.number} is dealt with: reopen it first, or open a new one`);
        await this.joining.join(tx, id, alert, actor);
      }
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: staff.id, ip: staff.ip },
        action: incidentId === undefined ? 'alert.open_incident' : 'alert.join_incident',
        object: { type: 'alert', id: alertId },
        tenant: alert.tenant,
        after: { incidentId: id },
      });
      await this.progress.changed(tx, id);
      return id;
    });
  }
}
