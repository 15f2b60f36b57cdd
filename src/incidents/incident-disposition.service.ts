import { Injectable } from '@nestjs/common';
import type { Staff } from '../access/staff.js';
import type { Tx } from '../platform/database/database.js';
import { unmet } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import { addJob } from '../platform/jobs/jobs.js';
import { GroupingRepository } from './grouping.repository.js';
import { IncidentDeskService, requireWholeView } from './incident-desk.service.js';
import { incidentReopened, inTurn } from './incident-jobs.js';
import { IncidentRepository } from './incident.repository.js';
import { isSettled, type Incident } from './incident.js';
import { TimelineRepository } from './timeline.repository.js';
import { WorkstreamRepository } from './workstream.repository.js';

/** Judgements that end an incident without its four workstreams, and the way back. Nothing is deleted: each is an entry, and each is undone by reopening. */
@Injectable()
export class IncidentDispositionService {
  constructor(
    private readonly desk: IncidentDeskService,
    private readonly ids: Ids,
    private readonly incidents: IncidentRepository,
    private readonly grouping: GroupingRepository,
    private readonly timeline: TimelineRepository,
    private readonly workstreams: WorkstreamRepository,
  ) {}

  async falsePositive(staff: Staff, incidentId: string, reason: string): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.false_positive' }, async (tx, incident) => {
      requireWholeView(staff, incident);
      await this.incidents.change(tx, incident, { disposition: 'false_positive' });
      return { kind: 'decision', text: `Judged a false positive: ${reason}`, after: { reason } };
    });
  }

  /** Moves the alerts, entities and silos of this incident to another running one. Each keeps its own timeline, with an entry that names the other. */
  async duplicateOf(staff: Staff, incidentId: string, otherId: string, reason: string): Promise<void> {
    if (otherId === incidentId) throw unmet('INCIDENT_DUPLICATE_SELF', 'An incident is no duplicate of itself');
    await this.desk.change(
      staff,
      incidentId,
      { action: 'incident.merge', movesAlerts: true },
      async (tx, incident, now) => {
        const other = await this.incidents.lock(tx, otherId);
        await this.desk.requireAccess(tx, staff, other);
        for (const one of [incident, other]) requireWholeView(staff, one);
        if (isSettled(other)) throw unmet('INCIDENT_SETTLED', `${other.number} is ${other.status.replace('_', ' ')}`);
        await this.merge(tx, incident, other, now);
        await this.incidents.change(tx, incident, { disposition: 'duplicate', duplicateOf: otherId });
        await this.timeline.append(tx, {
          incidentId: otherId,
          tenant: null,
          at: now,
          kind: 'decision',
          actor: { kind: 'staff', id: staff.id, name: staff.name },
          text: `${incident.number} is merged into this one: ${reason}`,
          links: [{ label: incident.number, href: `/incidents/${incidentId}` }],
        });
        return {
          kind: 'decision',
          text: `Duplicate of ${other.number}: ${reason}`,
          links: [{ label: other.number, href: `/incidents/${otherId}` }],
          after: { duplicateOf: otherId, reason },
        };
      },
    );
  }

  /** Takes back a closing, a judgement or a merge. Containment has to be declared anew. */
  async reopen(staff: Staff, incidentId: string, reason: string): Promise<void> {
    const change = { action: 'incident.reopen', isPossibleWhenSettled: true, movesAlerts: true };
    await this.desk.change(staff, incidentId, change, async (tx, incident, now) => {
      if (incident.status === 'open') throw unmet('INCIDENT_OPEN', `${incident.number} is open already`);
      requireWholeView(staff, incident);
      if (incident.disposition === 'duplicate') await this.unmerge(tx, staff, incident, now);
      await this.incidents.change(tx, incident, {
        status: 'open',
        disposition: null,
        duplicateOf: null,
        reopenedAt: now,
        containedAt: null,
        resolvedAt: null,
        closedAt: null,
      });
      await this.workstreams.lapse(tx, incidentId, now);
      await addJob(tx, incidentReopened, { incidentId, reason: 'reopened' }, inTurn(incidentId));
      return { kind: 'decision', text: `Reopened: ${reason}`, before: { status: incident.status }, after: { reason } };
    });
  }

  private async merge(tx: Tx, from: Incident, into: Incident, now: Date): Promise<void> {
    const alertIds = await this.grouping.alertIds(tx, from.id);
    await this.grouping.moveAlerts(tx, from.id, into.id, alertIds, now);
    await this.grouping.copyEntities(tx, from.id, into.id);
    const addedSilos: string[] = [];
    // We were aware of the silo when the first of the two knew it: merging moves no deadline.
    for (const silo of await this.incidents.silos(tx, from.id))
      if (await this.incidents.addSilo(tx, into.id, silo)) addedSilos.push(silo.tenant);
    await this.grouping.recordMerge(tx, {
      id: this.ids.uuid(),
      fromId: from.id,
      intoId: into.id,
      alertIds,
      addedSilos,
      now,
    });
    await this.incidents.touch(tx, into.id, from.lastActivityAt, now);
  }

  private async unmerge(tx: Tx, staff: Staff, incident: Incident, now: Date): Promise<void> {
    const merge = await this.grouping.undoMerge(tx, incident.id, now);
    if (merge === undefined) return;
    const into = await this.incidents.lock(tx, merge.intoId);
    requireWholeView(staff, into);
    await this.grouping.moveAlerts(tx, into.id, incident.id, merge.alertIds, now);
    await this.grouping.forgetAbsent(tx, into.id, merge.addedSilos);
    await this.timeline.append(tx, {
      incidentId: into.id,
      tenant: null,
      at: now,
      kind: 'decision',
      actor: { kind: 'staff', id: staff.id, name: staff.name },
      text: `${incident.number} is split off again: the merge is undone`,
      links: [{ label: incident.number, href: `/incidents/${incident.id}` }],
    });
  }
}
