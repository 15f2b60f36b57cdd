import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { TrailRepository } from '../access/trail.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { forbidden, notFound, unmet } from '../platform/errors/domain-error.js';
import { GroupingRepository } from './grouping.repository.js';
import { IncidentProgressService } from './incident-progress.service.js';
import { IncidentRepository } from './incident.repository.js';
import { isSettled, type Incident } from './incident.js';
import { TimelineRepository, type TimelineEntry } from './timeline.repository.js';

/** What a change leaves behind: its entry on the timeline, and before and after for the audit trail. */
export interface Done extends Pick<TimelineEntry, 'kind' | 'text' | 'links'> {
  /** The silo it speaks of; left out, the incident as a whole. */
  readonly tenant?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface Change {
  /** `incident.merge`, for the audit trail. */
  readonly action: string;
  /** Also possible on an incident that is closed, a false positive or a duplicate. */
  readonly isPossibleWhenSettled?: boolean;
  /** It moves alerts between incidents: whoever opens or joins incidents meanwhile waits, or is waited for, before the incident is locked. */
  readonly movesAlerts?: boolean;
}

/** Where people work on an incident: one way to change it, so that no change misses its lock, its rights, its entry or its trail. */
@Injectable()
export class IncidentDeskService {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly incidents: IncidentRepository,
    private readonly grouping: GroupingRepository,
    private readonly timeline: TimelineRepository,
    private readonly trail: TrailRepository,
    private readonly progress: IncidentProgressService,
  ) {}

  /** Runs `work` on the locked incident in one transaction with everything that follows from it. Throws NOT_FOUND, FORBIDDEN, INCIDENT_SETTLED. */
  async change(
    staff: Staff,
    incidentId: string,
    change: Change,
    work: (tx: Tx, incident: Incident, now: Date) => Promise<Done>,
  ): Promise<void> {
    await this.database.transaction(scopeOf(staff), async (tx) => {
      if (change.movesAlerts === true) await this.grouping.lockOpening(tx);
      const incident = await this.incidents.lock(tx, incidentId);
      await this.requireAccess(tx, staff, incident);
      if (isSettled(incident) && change.isPossibleWhenSettled !== true)
        throw unmet('INCIDENT_SETTLED', `${incident.number} is ${incident.status.replace('_', ' ')}: reopen it first`);
      const now = this.clock.now();
      const done = await work(tx, incident, now);
      await this.timeline.append(tx, {
        incidentId,
        tenant: done.tenant ?? null,
        at: now,
        kind: done.kind,
        actor: { kind: 'staff', id: staff.id, name: staff.name },
        text: done.text,
        ...(done.links === undefined ? {} : { links: done.links }),
      });
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: staff.id, ip: staff.ip },
        action: change.action,
        object: { type: 'incident', id: incidentId },
        ...(done.tenant === undefined ? {} : { tenant: done.tenant }),
        ...(done.before === undefined ? {} : { before: done.before }),
        ...(done.after === undefined ? {} : { after: done.after }),
      });
      await this.progress.changed(tx, incidentId);
    });
  }

  /** The incident as it stands, for those who may see it. Throws NOT_FOUND, FORBIDDEN. */
  async look(staff: Staff, incidentId: string): Promise<Incident> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const incident = await this.incidents.find(tx, incidentId);
      if (incident === undefined) throw notFound('The incident');
      await this.requireAccess(tx, staff, incident);
      return incident;
    });
  }

  /** Throws FORBIDDEN for a restricted incident whose list does not name the person. */
  async requireAccess(tx: Tx, staff: Staff, incident: Incident): Promise<void> {
    if (!incident.isRestricted || (await this.incidents.hasAccess(tx, incident.id, staff.id))) return;
    throw forbidden(`${incident.number} is restricted to the people on its list`);
  }
}

/** Throws FORBIDDEN unless the person sees every silo of the incident: what concerns it as a whole is not for the others. */
export function requireWholeView(staff: Staff, incident: Incident): void {
  const { tenants } = staff;
  if (tenants === 'all' || incident.tenants.every((tenant) => tenants.includes(tenant))) return;
  throw forbidden('This concerns silos that your account does not see');
}
