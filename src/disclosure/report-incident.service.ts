import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { TrailRepository } from '../access/trail.repository.js';
import { IncidentJoiningService } from '../incidents/incident-joining.service.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import type { Incident, Severity } from '../incidents/incident.js';
import { TimelineRepository } from '../incidents/timeline.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { notFound, unmet } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import { announce } from '../platform/live/live.js';
import { SiloDirectory } from '../silos/silo-directory.service.js';
import { DisclosureMetrics } from './disclosure.metrics.js';
import type { Report } from './report.js';
import { ReportRepository } from './report.repository.js';

/** A report of something exploited, or exploitable with access to data, becomes an incident with one click. */
@Injectable()
export class ReportIncident {
  constructor(
    private readonly database: Database,
    private readonly reports: ReportRepository,
    private readonly incidents: IncidentRepository,
    private readonly joining: IncidentJoiningService,
    private readonly timeline: TimelineRepository,
    private readonly silos: SiloDirectory,
    private readonly trail: TrailRepository,
    private readonly metrics: DisclosureMetrics,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** Returns the incident's id. Throws REPORT_HAS_INCIDENT, NOT_FOUND for a silo. */
  async open(
    staff: Staff,
    reportId: string,
    input: { readonly title: string; readonly severity: Severity; readonly tenants: readonly string[] },
  ): Promise<string> {
    const id = await this.database.transaction(scopeOf(staff), async (tx) => {
      const report = await this.reports.lock(tx, reportId);
      if (report.incidentId !== null) throw unmet('REPORT_HAS_INCIDENT', 'The report has become an incident already');
      for (const tenant of input.tenants) {
        if ((await this.silos.find(tx, tenant)) === undefined) throw notFound(`The silo ${tenant}`);
      }
      const now = this.clock.now();
      const incident = made(this.ids.uuid(), await this.incidents.nextNumber(tx, now), report, input, now);
      const [first = null, ...others] = input.tenants;
      const actor = { kind: 'staff' as const, id: staff.id, name: staff.name };
      await this.joining.insert(tx, incident, first, actor);
      for (const tenant of others) await this.joining.addSilo(tx, incident.id, tenant);
      await this.timeline.append(tx, {
        incidentId: incident.id,
        tenant: null,
        at: report.receivedAt,
        kind: 'evidence',
        actor,
        text: `Reported by a researcher as ${report.number}`,
        links: [{ label: report.number, href: `/disclosure/${report.id}` }],
      });
      await this.reports.change(tx, report, { incidentId: incident.id });
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: staff.id, ip: staff.ip },
        action: 'report.incident',
        object: { type: 'report', id: reportId },
        after: { incident: incident.number, ...input },
      });
      await announce(tx, { topic: 'report', id: reportId, tenants: [] });
      await announce(tx, { topic: 'incident', id: incident.id, tenants: input.tenants });
      return incident.id;
    });
    this.metrics.reports.inc({ outcome: 'incident' });
    return id;
  }
}

const made = (
  id: string,
  number: string,
  report: Report,
  input: { readonly title: string; readonly severity: Severity },
  now: Date,
): Incident => ({
  id,
  number,
  title: input.title,
  description: `From the report ${report.number}`,
  severity: input.severity,
  isSeverityDecided: true,
  status: 'open',
  disposition: null,
  duplicateOf: null,
  tenants: [],
  isRestricted: false,
  playbook: null,
  commander: null,
  openedAt: now,
  firstEventAt: report.receivedAt,
  lastActivityAt: now,
  acknowledgedAt: null,
  containedAt: null,
  resolvedAt: null,
  closedAt: null,
  reopenedAt: null,
  version: 1,
});
