import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { CorrectiveActionRepository } from './corrective-action.repository.js';
import { GroupingRepository } from './grouping.repository.js';
import {
  viewCorrectiveAction,
  viewDecision,
  viewDeclaration,
  viewReview,
  viewRootCause,
  viewWaiver,
} from './incident-view.js';
import { NotificationDecisionRepository } from './notification-decision.repository.js';
import { ReviewRepository } from './review.repository.js';
import { RootCauseRepository } from './root-cause.repository.js';
import { ContainmentState, NotificationState } from './workstream-state.js';
import { WorkstreamRepository } from './workstream.repository.js';

/** The parts of an incident's page, under the reader's own scope. */
@Injectable()
export class IncidentPartsService {
  constructor(
    private readonly grouping: GroupingRepository,
    private readonly workstreams: WorkstreamRepository,
    private readonly rootCauses: RootCauseRepository,
    private readonly decisions: NotificationDecisionRepository,
    private readonly reviews: ReviewRepository,
    private readonly correctiveActions: CorrectiveActionRepository,
    private readonly containment: ContainmentState,
    private readonly notification: NotificationState,
  ) {}

  links(tx: Tx, id: string): ReturnType<GroupingRepository['links']> {
    return this.grouping.links(tx, id);
  }

  async of(tx: Tx, id: string): Promise<Record<string, unknown>> {
    const entities = await this.grouping.entities(tx, id);
    return {
      entities: entities.map((entity) => ({
        ...entity,
        firstEventAt: entity.firstEventAt.toISOString(),
        lastEventAt: entity.lastEventAt.toISOString(),
      })),
      declaration: viewDeclaration(await this.workstreams.declaration(tx, id)),
      rootCause: viewRootCause(await this.rootCauses.find(tx, id)),
      decisions: (await this.decisions.list(tx, id)).map(viewDecision),
      waivers: (await this.workstreams.waivers(tx, id)).map(viewWaiver),
      review: viewReview(await this.reviews.find(tx, id)),
      correctiveActions: (await this.correctiveActions.ofIncident(tx, id)).map(viewCorrectiveAction),
      notices: await this.notification.list(tx, id),
      actions: await this.containment.list(tx, id),
    };
  }
}
