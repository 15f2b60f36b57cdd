import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import type { Alert } from '../correlate/alerts/alert.js';
import { AlertRepository } from '../correlate/alerts/alert.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { notFound } from '../platform/errors/domain-error.js';
import { listPage, readCursor } from '../platform/http/list-page.js';
import { ClockRepository } from './clocks/clock.repository.js';
import { IncidentDeskService } from './incident-desk.service.js';
import { IncidentPartsService } from './incident-parts.service.js';
import { viewClock, viewSummary, type Viewer } from './incident-view.js';
import { IncidentRepository } from './incident.repository.js';
import { STATUSES, type Incident, type IncidentStatus } from './incident.js';
import { suggest } from './suggest.js';
import { TimelineRepository, type TimelineKind } from './timeline.repository.js';
import { WorkstreamRepository } from './workstream.repository.js';

const RUNNING: readonly IncidentStatus[] = ['open', 'contained', 'resolved'];

/** Incidents as their readers may see them. */
@Injectable()
export class IncidentReadService {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly incidents: IncidentRepository,
    private readonly workstreams: WorkstreamRepository,
    private readonly clocks: ClockRepository,
    private readonly alerts: AlertRepository,
    private readonly timeline: TimelineRepository,
    private readonly desk: IncidentDeskService,
    private readonly parts: IncidentPartsService,
  ) {}

  /** `status`: one, several with commas, `running` for all that are not settled; without it, all. */
  async list(staff: Staff, status: string | undefined, cursor: string | undefined, limit: number): Promise<unknown> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const before = readCursor(cursor);
      const found = await this.incidents.list(tx, {
        statuses: statusesOf(status),
        ...(before === undefined ? {} : { before: { openedAt: before.at, id: before.id } }),
        limit: limit + 1,
      });
      const page = listPage(found, limit, ({ openedAt, id }) => ({ at: openedAt, id }));
      return { ...page, items: await this.summaries(tx, staff, page.items) };
    });
  }

  async summaries(tx: Tx, staff: Staff, incidents: readonly Incident[]): Promise<Record<string, unknown>[]> {
    const ids = incidents.map(({ id }) => id);
    const workstreams = await this.workstreams.ofIncidents(tx, ids);
    const clocks = Map.groupBy(await this.clocks.ofIncidents(tx, ids), ({ incidentId }) => incidentId);
    const now = this.clock.now();
    const views: Record<string, unknown>[] = [];
    for (const incident of incidents) {
      const viewer = await this.viewerOf(tx, staff, incident);
      const { id } = incident;
      views.push(viewSummary(incident, workstreams.get(id) ?? [], clocks.get(id) ?? [], viewer, now));
    }
    return views;
  }

  /** Throws NOT_FOUND, and FORBIDDEN for a restricted incident of others. */
  async detail(staff: Staff, id: string): Promise<unknown> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const incident = await this.open(tx, staff, id);
      const workstreams = (await this.workstreams.ofIncidents(tx, [id])).get(id) ?? [];
      const clocks = await this.clocks.ofIncidents(tx, [id]);
      const now = this.clock.now();
      const viewer: Viewer = { tenants: staff.tenants, isShutOut: false };
      const summary = viewSummary(incident, workstreams, clocks, viewer, now);
      const alerts = await this.alerts.ofIncident(tx, id);
      const links = await this.parts.links(tx, id);
      return {
        ...summary,
        description: incident.description,
        playbook: incident.playbook,
        firstEventAt: incident.firstEventAt.toISOString(),
        lastActivityAt: incident.lastActivityAt.toISOString(),
        containedAt: incident.containedAt?.toISOString() ?? null,
        resolvedAt: incident.resolvedAt?.toISOString() ?? null,
        closedAt: incident.closedAt?.toISOString() ?? null,
        links,
        alerts: alerts.map(viewAlert),
        clocks: clocks.map((clock) => viewClock(clock, now)),
        suggestions: suggest({
          incident,
          workstreams: summary['workstreams'] as typeof workstreams,
          responses: [...new Set(alerts.map(({ respond }) => respond).filter((text) => text !== null))],
          shares: links.filter(({ kind }) => kind === 'shares'),
        }),
        ...(await this.parts.of(tx, id)),
        version: incident.version,
      };
    });
  }

  async timelineOf(
    staff: Staff,
    id: string,
    query: { kind?: TimelineKind | undefined; cursor?: string | undefined; limit: number },
  ): Promise<unknown> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      await this.open(tx, staff, id);
      const before = readCursor(query.cursor);
      const found = await this.timeline.list(tx, id, {
        ...(query.kind === undefined ? {} : { kind: query.kind }),
        ...(before === undefined ? {} : { before }),
        limit: query.limit + 1,
      });
      const page = listPage(found, query.limit, ({ at, id: entryId }) => ({ at, id: entryId }));
      return {
        ...page,
        items: page.items.map((entry) => ({
          id: entry.id,
          at: entry.at.toISOString(),
          recordedAt: entry.recordedAt.toISOString(),
          kind: entry.kind,
          actor: { kind: entry.actor.kind, name: entry.actor.name ?? entry.actor.id },
          tenant: entry.tenant,
          text: entry.text,
          links: entry.links,
          evidence: entry.evidence,
        })),
      };
    });
  }

  private async open(tx: Tx, staff: Staff, id: string): Promise<Incident> {
    const incident = await this.incidents.find(tx, id);
    if (incident === undefined) throw notFound('The incident');
    await this.desk.requireAccess(tx, staff, incident);
    return incident;
  }

  private async viewerOf(tx: Tx, staff: Staff, incident: Incident): Promise<Viewer> {
    const isShutOut = incident.isRestricted && !(await this.incidents.hasAccess(tx, incident.id, staff.id));
    return { tenants: staff.tenants, isShutOut };
  }
}

function statusesOf(status: string | undefined): readonly IncidentStatus[] {
  if (status === undefined || status === '') return STATUSES;
  if (status === 'running') return RUNNING;
  const wanted = status.split(',');
  return STATUSES.filter((one) => wanted.includes(one));
}

/** An alert as it is shown; the raw events it rests on have a route and a right of their own. */
function viewAlert(alert: Alert): Record<string, unknown> {
  const { sampleEvents: _, ...rest } = alert;
  return {
    ...rest,
    firstEventAt: alert.firstEventAt.toISOString(),
    lastEventAt: alert.lastEventAt.toISOString(),
    createdAt: alert.createdAt.toISOString(),
  };
}
