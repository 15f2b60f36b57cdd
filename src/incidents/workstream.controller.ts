import { Body, Controller, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { type z } from 'zod';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { type Staff } from '../access/staff.js';
import { type WorkstreamKind } from './incident.js';
import { NotificationDecisionService } from './notification-decision.service.js';
import { ReviewService } from './review.service.js';
import { RootCauseService } from './root-cause.service.js';
import { type RootCauseText } from './root-cause.repository.js';
import { WorkstreamService } from './workstream.service.js';
import {
  decisionBodySchema,
  declareSchema,
  incidentIdSchema,
  reasonSchema,
  reviewBodySchema,
  rootCauseBodySchema,
  rootCauseReviewSchema,
  tenantSchema,
  workstreamKindSchema,
} from './incident.schema.js';

const moment = (text: string | null): Date | null => (text === null ? null : new Date(text));

const rootCauseOf = (body: z.infer<typeof rootCauseBodySchema>): RootCauseText => ({
  category: body.category,
  whatHappened: body.whatHappened,
  whys: body.whys,
  introducedAt: moment(body.introducedAt),
  firstExploitedAt: moment(body.firstExploitedAt),
  detectedAt: moment(body.detectedAt),
});

/** The four workstreams' own steps. */
@Controller('api/incidents')
export class WorkstreamController {
  constructor(
    private readonly workstreams: WorkstreamService,
    private readonly rootCauses: RootCauseService,
    private readonly decisions: NotificationDecisionService,
    private readonly reviews: ReviewService,
  ) {}

  @Post(':id/containment/declare')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  declare(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: declareSchema }) body: z.infer<typeof declareSchema>,
  ): Promise<void> {
    return this.workstreams.declare(staff, id, body.statement);
  }

  @Put(':id/root-cause')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  writeRootCause(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: rootCauseBodySchema }) body: z.infer<typeof rootCauseBodySchema>,
  ): Promise<void> {
    return this.rootCauses.write(staff, id, rootCauseOf(body), body.version);
  }

  @Post(':id/root-cause/review')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  reviewRootCause(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: rootCauseReviewSchema }) body: z.infer<typeof rootCauseReviewSchema>,
  ): Promise<void> {
    return this.rootCauses.review(staff, id, body.verdict, body.comment, body.version);
  }

  @Post(':id/notification-decisions')
  @May('notices.write')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  decide(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: decisionBodySchema }) body: z.infer<typeof decisionBodySchema>,
  ): Promise<void> {
    return this.decisions.decide(staff, id, body.tenant, body.decision, body.reason);
  }

  @Post(':id/notification-decisions/:tenant/approve')
  @May('notices.write', { stepUp: true })
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  approveDecision(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Param('tenant', { schema: tenantSchema }) tenant: string,
  ): Promise<void> {
    return this.decisions.approve(staff, id, tenant);
  }

  @Put(':id/review')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  writeReview(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: reviewBodySchema }) body: z.infer<typeof reviewBodySchema>,
  ): Promise<void> {
    return this.reviews.write(staff, id, { ...body, noActionsReason: body.noActionsReason ?? null });
  }

  @Post(':id/workstreams/:kind/waive')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  waive(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Param('kind', { schema: workstreamKindSchema }) kind: WorkstreamKind,
    @Body({ schema: reasonSchema }) body: z.infer<typeof reasonSchema>,
  ): Promise<void> {
    return this.workstreams.waive(staff, id, kind, body.reason);
  }

  @Post(':id/workstreams/:kind/waive/approve')
  @May('containment.approve', { stepUp: true })
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  approveWaiver(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Param('kind', { schema: workstreamKindSchema }) kind: WorkstreamKind,
  ): Promise<void> {
    return this.workstreams.approveWaiver(staff, id, kind);
  }
}
