import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config/config.js';
import type { Tx } from '../platform/database/database.js';
import type { IncidentFacts } from './assess.js';
import type { StoredClock } from './clocks/clock.repository.js';
import type { ContainmentFacts } from './gates/containment-gate.js';
import type { NotificationDecision } from './gates/notification-gate.js';
import type { Incident } from './incident.js';
import { incidentsConfig } from './incidents.config.js';
import { NotificationDecisionRepository } from './notification-decision.repository.js';
import { ReviewRepository } from './review.repository.js';
import { RootCauseRepository } from './root-cause.repository.js';
import { ContainmentState, NotificationState } from './workstream-state.js';
import { WorkstreamRepository } from './workstream.repository.js';

/** Gathers what the gates decide on. Called with the eyes of `incident-sweep`. */
@Injectable()
export class IncidentFactsService {
  constructor(
    private readonly config: Config,
    private readonly rootCauses: RootCauseRepository,
    private readonly decisions: NotificationDecisionRepository,
    private readonly reviews: ReviewRepository,
    private readonly workstreams: WorkstreamRepository,
    private readonly containmentState: ContainmentState,
    private readonly notificationState: NotificationState,
  ) {}

  async gather(
    tx: Tx,
    incident: Incident,
    decisions: readonly NotificationDecision[],
    clocks: readonly StoredClock[],
  ): Promise<IncidentFacts> {
    const waivers = await this.workstreams.waivers(tx, incident.id);
    return {
      severity: incident.severity,
      disposition: incident.disposition,
      reopenedAt: incident.reopenedAt,
      containment: await this.containment(tx, incident),
      rootCause: await this.rootCauses.find(tx, incident.id),
      notification: {
        tenants: incident.tenants,
        decisions,
        noticesMissing: await this.notificationState.missing(tx, incident.id),
        clocks: clocks.filter(({ isOurs }) => isOurs),
      },
      review: await this.reviews.find(tx, incident.id),
      correctiveActions: await this.reviews.countCorrectiveActions(tx, incident.id),
      waived: new Set(waivers.filter(({ approvedAt }) => approvedAt !== null).map(({ kind }) => kind)),
    };
  }

  async containment(tx: Tx, incident: Incident): Promise<ContainmentFacts> {
    const summary = await this.containmentState.summary(tx, incident.id);
    return {
      actionsMissing: await this.containmentState.missing(tx, incident.id),
      actionCount: summary.count,
      lastActionAt: summary.lastActionAt,
      lastActivityAt: incident.lastActivityAt,
      quietMs: this.config.get(incidentsConfig).INCIDENT_QUIET_MINUTES * 60_000,
      declaration: await this.workstreams.declaration(tx, incident.id),
    };
  }

  decisionsOf(tx: Tx, incidentId: string): Promise<readonly NotificationDecision[]> {
    return this.decisions.list(tx, incidentId);
  }

  noticedAt(tx: Tx, incidentId: string): Promise<ReadonlyMap<string, Date>> {
    return this.notificationState.noticedAt(tx, incidentId);
  }
}
