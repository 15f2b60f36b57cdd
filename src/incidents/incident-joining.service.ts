import { Injectable } from '@nestjs/common';
import type { Alert } from '../correlate/alerts/alert.js';
import { AlertRepository } from '../correlate/alerts/alert.repository.js';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { Ids } from '../platform/ids/ids.js';
import { addJob } from '../platform/jobs/jobs.js';
import { announce } from '../platform/live/live.js';
import { SiloDirectory } from '../silos/silo-directory.service.js';
import { GroupingRepository } from './grouping.repository.js';
import { tyingEntities } from './grouping.js';
import { incidentOpened, incidentReopened, proposeContainment, inTurn } from './incident-jobs.js';
import { IncidentRepository } from './incident.repository.js';
import type { Incident, Severity } from './incident.js';
import { isWorse, proposeSeverity } from './severity.js';
import { TimelineRepository, type TimelineActor } from './timeline.repository.js';
import { WorkstreamRepository } from './workstream.repository.js';

const CORRELATOR: TimelineActor = { kind: 'job', id: 'correlate', name: 'Detection' };
const DEFAULT_NOTICE_HOURS = 72;
/** More alerts than these in triage about one story are noise; a person can still join the rest. */
const MOST_TAKEN_ALONG = 200;

/** Opens incidents from alerts and adds alerts to them. The caller holds the opening lock. */
@Injectable()
export class IncidentJoiningService {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly incidents: IncidentRepository,
    private readonly grouping: GroupingRepository,
    private readonly timeline: TimelineRepository,
    private readonly workstreams: WorkstreamRepository,
    private readonly directory: SiloDirectory,
    private readonly alerts: AlertRepository,
  ) {}

  /** Opens an incident for the alert, linked to finished ones that it follows. */
  async open(
    tx: Tx,
    alert: Alert,
    follows: readonly { readonly id: string; readonly number: string }[],
    actor: TimelineActor = CORRELATOR,
  ): Promise<string> {
    const now = this.clock.now();
    const incident: Incident = {
      id: this.ids.uuid(),
      number: await this.incidents.nextNumber(tx, now),
      title: alert.ruleTitle,
      description: '',
      severity: severityOf(alert, 1),
      isSeverityDecided: false,
      status: 'open',
      disposition: null,
      duplicateOf: null,
      tenants: [],
      isRestricted: false,
      playbook: alert.playbook,
      commander: null,
      openedAt: now,
      firstEventAt: alert.firstEventAt,
      lastActivityAt: now,
      acknowledgedAt: null,
      containedAt: null,
      resolvedAt: null,
      closedAt: null,
      reopenedAt: null,
      version: 1,
    };
    await this.insert(tx, incident, alert.tenant, actor, alert.isLate);
    for (const other of follows) await this.followUp(tx, incident, other);
    await this.attach(tx, incident, alert);
    await this.takeAlong(tx, incident.id, alert, actor);
    return incident.id;
  }

  /** Writes an incident with its first entry and the job that pages. */
  async insert(tx: Tx, incident: Incident, tenant: string | null, actor: TimelineActor, isLate = false): Promise<void> {
    const now = this.clock.now();
    // The row's own visibility follows its silos: a person limited to some may open one for those only.
    await this.incidents.insert(tx, { ...incident, tenants: tenant === null ? [] : [tenant] });
    if (tenant !== null) await this.addSilo(tx, incident.id, tenant);
    await this.timeline.append(tx, {
      incidentId: incident.id,
      tenant: null,
      at: now,
      kind: 'status',
      actor,
      text: `${incident.number} opened as ${incident.severity}: ${incident.title}`,
    });
    await addJob(tx, incidentOpened, { incidentId: incident.id, isLate }, inTurn(incident.id));
  }

  /** True when the silo was not affected before. */
  async addSilo(tx: Tx, incidentId: string, tenant: string): Promise<boolean> {
    const silo = await this.directory.find(tx, tenant);
    return this.incidents.addSilo(tx, incidentId, {
      tenant,
      awareAt: this.clock.now(),
      noticeHours: silo?.noticeHours ?? DEFAULT_NOTICE_HOURS,
    });
  }

  /** Adds the alert to a running incident. One that was contained falls back: the sweep says so within a second. */
  async join(tx: Tx, incidentId: string, alert: Alert, actor: TimelineActor = CORRELATOR): Promise<void> {
    await this.add(tx, incidentId, alert, actor);
    await this.takeAlong(tx, incidentId, alert, actor);
  }

  /**
   * What waited in triage about the same entities is part of the story, and so is what waited about theirs: an alert that joins late may be
   * the one that ties them.
   */
  private async takeAlong(tx: Tx, incidentId: string, alert: Alert, actor: TimelineActor): Promise<void> {
    const story = [alert];
    for (const told of story) {
      if (story.length > MOST_TAKEN_ALONG) return;
      for (const id of await this.grouping.waitingAlerts(tx, told, tyingEntities(told.entities))) {
        const waiting = await this.alerts.find(tx, id);
        if (waiting === undefined) continue;
        await this.add(tx, incidentId, waiting, actor);
        story.push(waiting);
      }
    }
  }

  private async add(tx: Tx, incidentId: string, alert: Alert, actor: TimelineActor): Promise<void> {
    const incident = await this.incidents.lock(tx, incidentId);
    const isNewSilo = await this.addSilo(tx, incidentId, alert.tenant);
    if (isNewSilo)
      await this.timeline.append(tx, {
        incidentId,
        tenant: alert.tenant,
        at: this.clock.now(),
        kind: 'status',
        actor,
        text: `${alert.tenant} is affected too`,
      });
    const silos = incident.tenants.length + (isNewSilo ? 1 : 0);
    await this.raiseSeverity(tx, incident, severityOf(alert, silos), alert.isLate);
    if (!alert.isLate && incident.acknowledgedAt === null && (await this.alerts.areLate(tx, incidentId))) {
      // Until now the page of another one may have stood for it.
      await addJob(tx, incidentOpened, { incidentId, isLate: false }, inTurn(incidentId));
    }
    await this.attach(tx, incident, alert);
    await this.workstreams.lapse(tx, incidentId, this.clock.now());
  }

  /** The alert that belongs to the incident counts on: it is not quiet. */
  async continues(tx: Tx, incident: Incident, alert: Alert): Promise<void> {
    const now = this.clock.now();
    await this.grouping.addEntities(tx, incident.id, alert.tenant, tyingEntities(alert.entities), alert);
    await this.incidents.touch(tx, incident.id, laterOf(alert.lastEventAt, now), now);
    await this.workstreams.lapse(tx, incident.id, now);
  }

  private async attach(tx: Tx, incident: Incident, alert: Alert): Promise<void> {
    const now = this.clock.now();
    await this.grouping.addAlert(tx, incident.id, alert, now);
    await this.grouping.addEntities(tx, incident.id, alert.tenant, tyingEntities(alert.entities), alert);
    await this.timeline.append(tx, {
      incidentId: incident.id,
      tenant: alert.tenant,
      at: alert.firstEventAt,
      kind: 'alert',
      actor: CORRELATOR,
      text: describe(alert),
      links: [{ label: 'Alert', href: `/alerts/${alert.id}` }],
      evidence: alert.sampleEvents.map(({ topic, partition, offset, sha256 }) => ({
        topic,
        partition,
        offset: String(offset),
        sha256,
      })),
    });
    await this.incidents.touch(tx, incident.id, laterOf(alert.lastEventAt, now), now);
    await addJob(tx, proposeContainment, { incidentId: incident.id, alertId: alert.id });
    await announce(tx, {
      topic: 'incident',
      id: incident.id,
      tenants: [...new Set([...incident.tenants, alert.tenant])],
    });
  }

  private async raiseSeverity(tx: Tx, incident: Incident, proposed: Severity, isLate: boolean): Promise<void> {
    if (!isWorse(proposed, incident.severity)) return;
    const text = incident.isSeverityDecided
      ? `The new alert would make this ${proposed}; a person set ${incident.severity}, so it stays`
      : `Severity raised from ${incident.severity} to ${proposed} by the new alert`;
    await this.timeline.append(tx, {
      incidentId: incident.id,
      tenant: null,
      at: this.clock.now(),
      kind: 'status',
      actor: CORRELATOR,
      text,
    });
    if (incident.isSeverityDecided) return;
    await this.incidents.change(tx, incident, { severity: proposed });
    const worse = { incidentId: incident.id, reason: 'severity', isLate } as const;
    await addJob(tx, incidentReopened, worse, inTurn(incident.id));
  }

  private async followUp(tx: Tx, incident: Incident, other: { id: string; number: string }): Promise<void> {
    await this.grouping.link(tx, incident.id, other.id, 'follows');
    const entry = { tenant: null, at: this.clock.now(), kind: 'status', actor: CORRELATOR } as const;
    await this.timeline.append(tx, {
      ...entry,
      incidentId: incident.id,
      text: `The same attacker or target as in ${other.number}, which is dealt with`,
      links: [{ label: other.number, href: `/incidents/${other.id}` }],
    });
    await this.timeline.append(tx, {
      ...entry,
      incidentId: other.id,
      text: `Came back: ${incident.number} was opened on the same entities`,
      links: [{ label: incident.number, href: `/incidents/${incident.id}` }],
    });
  }
}

const laterOf = (a: Date, b: Date): Date => (a > b ? a : b);

const severityOf = (alert: Alert, silos: number): Severity =>
  proposeSeverity({ level: alert.level, silos, tags: alert.tags, promises: alert.promises });

function describe(alert: Alert): string {
  const who = alert.entities.map(({ kind, value }) => `${kind} ${value}`).join(', ');
  return `${alert.ruleTitle} (${alert.level}) at ${alert.tenant}${who === '' ? '' : `: ${who}`}`;
}
