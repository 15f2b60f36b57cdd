import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import type { Tx } from '../../platform/database/database.js';
import { addJob } from '../../platform/jobs/jobs.js';
import { SiloDirectory } from '../../silos/silo-directory.service.js';
import type { NotificationDecision } from '../gates/notification-gate.js';
import type { Incident } from '../incident.js';
import { clockDue } from '../incident-jobs.js';
import { IncidentRepository } from '../incident.repository.js';
import { TimelineRepository } from '../timeline.repository.js';
import { ClockRepository, type StoredClock } from './clock.repository.js';
import { computeClocks, nextThreshold, percentToPage, type AffectedSilo } from './clocks.js';
import { RegulationLibrary } from './regulation-library.provider.js';

/** Keeps an incident's clocks in step with its facts, and has people paged before one runs out. */
@Injectable()
export class ClocksService {
  constructor(
    private readonly clock: Clock,
    private readonly library: RegulationLibrary,
    private readonly clocks: ClockRepository,
    private readonly incidents: IncidentRepository,
    private readonly directory: SiloDirectory,
    private readonly timeline: TimelineRepository,
  ) {}

  /** Computes all clocks anew, stores them and adds the pages that are due. Called with the eyes of `incident-sweep`. */
  async refresh(
    tx: Tx,
    incident: Incident,
    decisions: readonly NotificationDecision[],
    noticedAt: ReadonlyMap<string, Date>,
  ): Promise<readonly StoredClock[]> {
    const now = this.clock.now();
    const grounds = {
      openedAt: incident.openedAt,
      silos: await this.silos(tx, incident, decisions, noticedAt),
      facts: await this.clocks.facts(tx, incident.id),
      waivers: await this.clocks.waivers(tx, incident.id),
    };
    const { regulations, calendars } = this.library;
    const computed = computeClocks(regulations, calendars, grounds, now);
    const before = await this.clocks.ofIncidents(tx, [incident.id]);
    for (const clock of computed) await this.clocks.store(tx, incident.id, clock);
    await this.clocks.removeOthers(tx, incident.id, computed);
    const after = await this.clocks.ofIncidents(tx, [incident.id]);
    await this.recordChanges(tx, before, after);
    if (incident.disposition === null) await this.page(tx, after);
    return after;
  }

  /** When time alone changes a clock next; null if never. */
  nextMoment(clocks: readonly StoredClock[]): Date | null {
    const now = this.clock.now();
    const moments = clocks
      .filter(({ state }) => state === 'running')
      .map((clock) => nextThreshold(clock, now))
      .filter((moment) => moment !== null)
      .sort((a, b) => a.getTime() - b.getTime());
    return moments[0] ?? null;
  }

  private async silos(
    tx: Tx,
    incident: Incident,
    decisions: readonly NotificationDecision[],
    noticedAt: ReadonlyMap<string, Date>,
  ): Promise<readonly AffectedSilo[]> {
    const affected: AffectedSilo[] = [];
    for (const { tenant, awareAt, noticeHours } of await this.incidents.silos(tx, incident.id)) {
      const silo = await this.directory.find(tx, tenant);
      const decision = decisions.find((one) => one.tenant === tenant);
      const isSpared = decision?.decision === 'not_applicable' && decision.approvedAt !== null;
      affected.push({
        tenant,
        awareAt,
        noticeHours,
        zone: silo?.timeZone ?? 'UTC',
        jurisdictions: silo?.jurisdictions ?? [],
        notifiedAt: noticedAt.get(tenant) ?? null,
        notApplicable: isSpared ? decision.reason : null,
      });
    }
    return affected;
  }

  private async page(tx: Tx, clocks: readonly StoredClock[]): Promise<void> {
    const now = this.clock.now();
    for (const clock of clocks.filter(({ isOurs, settledAt }) => isOurs && settledAt === null)) {
      const percent = percentToPage(clock, clock.pagedPercent, now);
      if (percent === null) continue;
      await this.clocks.paged(tx, clock.id, percent);
      const { incidentId, id: clockId, name, tenant } = clock;
      await addJob(tx, clockDue, { incidentId, clockId, name, tenant, percent, dueAt: clock.dueAt.toISOString() });
    }
  }

  private async recordChanges(tx: Tx, before: readonly StoredClock[], after: readonly StoredClock[]): Promise<void> {
    const now = this.clock.now();
    for (const clock of after) {
      const was = before.find(({ id }) => id === clock.id);
      const isSame = was?.state === clock.state && was.settledAt?.getTime() === clock.settledAt?.getTime();
      if (isSame) continue;
      await this.timeline.append(tx, {
        incidentId: clock.incidentId,
        tenant: clock.tenant,
        at: now,
        kind: 'status',
        actor: { kind: 'job', id: 'clocks', name: 'Clocks' },
        text: describeChange(clock, was === undefined),
      });
    }
  }
}

function describeChange(clock: StoredClock, isNew: boolean): string {
  const due = `${clock.dueAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (clock.state === 'missed')
    return clock.settledAt === null ? `Clock missed: ${clock.name} was due at ${due}` : `Clock met late: ${clock.name}`;
  if (clock.state === 'running')
    return isNew ? `Clock started: ${clock.name}, due at ${due}. ${clock.why}` : `Clock runs again: ${clock.name}`;
  return `Clock ${clock.state}: ${clock.name}`;
}
