import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { addJob } from '../platform/jobs/jobs.js';
import { announce } from '../platform/live/live.js';
import { assess, type Assessment } from './assess.js';
import { ClocksService } from './clocks/clocks.service.js';
import { IncidentFactsService } from './incident-facts.service.js';
import { incidentReopened, incidentSettled, inTurn } from './incident-jobs.js';
import { IncidentRepository, type IncidentChange } from './incident.repository.js';
import { isSettled, type Incident, type IncidentStatus, type Workstream } from './incident.js';
import { TimelineRepository } from './timeline.repository.js';
import { withinSystemScope } from './within-system-scope.js';
import { WorkstreamRepository } from './workstream.repository.js';

/** Every incident that is not settled is looked at this often, whatever else happens. */
const RECHECK_MS = 60_000;

const SENTENCES: Readonly<Record<IncidentStatus, string>> = {
  open: 'The incident is open',
  contained: 'The incident is contained',
  resolved: 'The incident is resolved: contained, and its root cause known',
  closed: 'The incident is closed: all four workstreams are done',
  false_positive: 'The incident is a false positive',
  duplicate: 'The incident is a duplicate',
};

/** Derives an incident's workstreams and status from its facts and tells everybody what changed. */
@Injectable()
export class IncidentProgressService {
  constructor(
    private readonly clock: Clock,
    private readonly incidents: IncidentRepository,
    private readonly facts: IncidentFactsService,
    private readonly clocks: ClocksService,
    private readonly workstreams: WorkstreamRepository,
    private readonly timeline: TimelineRepository,
  ) {}

  /** Ends every change that a person or another room makes, in its transaction: derives what follows and tells the live streams. */
  async changed(tx: Tx, incidentId: string): Promise<void> {
    await this.reassess(tx, incidentId, true);
  }

  /** The sweep's look: tells the live streams only if something came out differently. */
  async look(tx: Tx, incidentId: string): Promise<void> {
    await this.reassess(tx, incidentId, false);
  }

  /** A closed incident stays closed until a person reopens it. */
  private async reassess(tx: Tx, incidentId: string, isChanged: boolean): Promise<void> {
    await withinSystemScope(tx, 'incident-sweep', async () => {
      const incident = await this.incidents.lock(tx, incidentId);
      const tell = (): Promise<void> => announce(tx, { topic: 'incident', id: incidentId, tenants: incident.tenants });
      if (incident.status === 'closed') {
        await this.incidents.recheckAt(tx, incidentId, null);
        if (isChanged) await tell();
        return;
      }
      const before = await this.workstreams.ofIncidents(tx, [incidentId]);
      const decisions = await this.facts.decisionsOf(tx, incidentId);
      const noticedAt = await this.facts.noticedAt(tx, incidentId);
      const clocks = await this.clocks.refresh(tx, incident, decisions, noticedAt);
      const assessment = assess(await this.facts.gather(tx, incident, decisions, clocks), this.clock.now());
      await this.workstreams.write(tx, incidentId, assessment.workstreams);
      if (assessment.status !== incident.status) await this.moveTo(tx, incident, assessment.status);
      await this.incidents.recheckAt(tx, incidentId, this.nextLook(assessment, this.clocks.nextMoment(clocks)));
      if (isChanged || isDifferent(before.get(incidentId), assessment.workstreams)) await tell();
    });
  }

  private nextLook(assessment: Assessment, clockMoment: Date | null): Date | null {
    if (isSettled(assessment)) return null;
    const moments = [assessment.recheckAt, clockMoment].filter((moment) => moment !== null);
    return new Date(Math.min(this.clock.nowMs() + RECHECK_MS, ...moments.map((moment) => moment.getTime())));
  }

  private async moveTo(tx: Tx, incident: Incident, status: IncidentStatus): Promise<void> {
    const now = this.clock.now();
    const fellBack = status === 'open' && (incident.status === 'contained' || incident.status === 'resolved');
    await this.incidents.change(tx, incident, { status, ...timesOf(incident, status, now) });
    await this.timeline.append(tx, {
      incidentId: incident.id,
      tenant: null,
      at: now,
      kind: 'status',
      actor: { kind: 'job', id: 'incident-sweep', name: 'Silowatch' },
      text: fellBack ? 'The incident is NOT contained any more: it is open again' : SENTENCES[status],
    });
    if (fellBack)
      await addJob(tx, incidentReopened, { incidentId: incident.id, reason: 'lapsed' }, inTurn(incident.id));
    if (isSettled({ status })) await addJob(tx, incidentSettled, { incidentId: incident.id });
  }
}

const isDifferent = (before: readonly Workstream[] | undefined, after: readonly Workstream[]): boolean =>
  after.some(({ kind, state, missing }) => {
    const was = before?.find((one) => one.kind === kind);
    return was?.state !== state || was.missing.join('\n') !== missing.join('\n');
  });

/** The first time each mark was reached counts; what is not held any more is taken back. */
function timesOf(incident: Incident, status: IncidentStatus, now: Date): IncidentChange {
  const reached = ['open', 'contained', 'resolved', 'closed'].indexOf(status);
  if (reached < 0) return {};
  return {
    containedAt: reached >= 1 ? (incident.containedAt ?? now) : null,
    resolvedAt: reached >= 2 ? (incident.resolvedAt ?? now) : null,
    closedAt: reached >= 3 ? now : null,
  };
}
