import { Injectable } from '@nestjs/common';
import type { Staff } from '../access/staff.js';
import { addJob } from '../platform/jobs/jobs.js';
import { unmet } from '../platform/errors/domain-error.js';
import { IncidentDeskService, requireWholeView } from './incident-desk.service.js';
import { incidentAcknowledged, incidentReopened, inTurn } from './incident-jobs.js';
import { IncidentJoiningService } from './incident-joining.service.js';
import { IncidentRepository } from './incident.repository.js';
import { isWorse } from './severity.js';
import type { Severity } from './incident.js';
import { StaffDirectoryRepository } from './staff-directory.repository.js';

/** Notes, command, severity: what people say about an incident while it runs. */
@Injectable()
export class IncidentTriageService {
  constructor(
    private readonly desk: IncidentDeskService,
    private readonly incidents: IncidentRepository,
    private readonly joining: IncidentJoiningService,
    private readonly staff: StaffDirectoryRepository,
  ) {}

  /** A note is possible at any time, also after closing. */
  async note(staff: Staff, incidentId: string, text: string): Promise<void> {
    const change = { action: 'incident.note', isPossibleWhenSettled: true };
    await this.desk.change(staff, incidentId, change, async () => ({ kind: 'note', text }));
  }

  /** The first acknowledgement counts; a later one changes nothing but is on the timeline. */
  async acknowledge(staff: Staff, incidentId: string): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.acknowledge' }, async (tx, incident, now) => {
      await this.incidents.acknowledge(tx, incident.id, now);
      await addJob(tx, incidentAcknowledged, { incidentId, staffId: staff.id, staffName: staff.name });
      return { kind: 'status', text: 'Acknowledged in the dashboard' };
    });
  }

  async assignCommander(staff: Staff, incidentId: string, commanderId: string): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.command' }, async (tx, incident) => {
      const { id, name, roles } = await this.staff.get(tx, commanderId);
      if (!roles.some((role) => role === 'commander' || role === 'responder'))
        throw unmet('INCIDENT_COMMANDER_ROLE', `${name} is neither a responder nor a commander`);
      await this.incidents.change(tx, incident, { commander: { id, name } });
      return { kind: 'status', text: `${name} commands the incident`, before: incident.commander, after: { id, name } };
    });
  }

  async setSeverity(staff: Staff, incidentId: string, severity: Severity, reason: string): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.severity' }, async (tx, incident) => {
      if (severity === incident.severity && incident.isSeverityDecided)
        throw unmet('INCIDENT_SEVERITY_SAME', `It is ${severity} already`);
      await this.incidents.change(tx, incident, { severity, isSeverityDecided: true });
      if (isWorse(severity, incident.severity))
        await addJob(tx, incidentReopened, { incidentId, reason: 'severity' }, inTurn(incidentId));
      return {
        kind: 'decision',
        text: `Severity ${incident.severity} → ${severity}: ${reason}`,
        before: { severity: incident.severity },
        after: { severity, reason },
      };
    });
  }

  /** A silo that no alert named turns out to be affected. */
  async addSilo(staff: Staff, incidentId: string, tenant: string, reason: string): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.add_silo' }, async (tx, incident) => {
      if (staff.tenants !== 'all') requireWholeView(staff, { ...incident, tenants: [tenant] });
      if (!(await this.joining.addSilo(tx, incidentId, tenant)))
        throw unmet('INCIDENT_SILO_KNOWN', `${tenant} is named as affected already`);
      return { kind: 'decision', tenant, text: `${tenant} is affected: ${reason}`, after: { tenant, reason } };
    });
  }

  /** Restricts the incident to a list of people, who set it themselves, or lifts that. */
  async restrict(
    staff: Staff,
    incidentId: string,
    to: { readonly isRestricted: boolean; readonly staffIds: readonly string[]; readonly reason: string },
  ): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.restrict' }, async (tx, incident) => {
      await this.incidents.change(tx, incident, { isRestricted: to.isRestricted });
      for (const id of [staff.id, ...to.staffIds]) await this.incidents.grantAccess(tx, incidentId, id);
      const text = to.isRestricted ? 'Restricted to the people on its list' : 'Not restricted any more';
      return { kind: 'decision', text: `${text}: ${to.reason}`, after: to };
    });
  }
}
