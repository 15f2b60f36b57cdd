import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { type z } from 'zod';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { type Staff } from '../access/staff.js';
import { ActionReadService } from './action-read.service.js';
import { viewAction } from './action-view.js';
import { ApprovalService } from './approval.service.js';
import { CATALOGUE } from './catalogue.js';
import {
  actionIdSchema,
  actionListSchema,
  actionSchema,
  approveSchema,
  byHandSchema,
  catalogueSchema,
  proposeSchema,
  rejectSchema,
} from './containment.schema.js';
import { ProposalService } from './proposal.service.js';

/** Containment actions of an incident, and what people decide about each. Who may approve what depends on the action too. */
@Controller('api')
export class ContainmentController {
  constructor(
    private readonly read: ActionReadService,
    private readonly proposals: ProposalService,
    private readonly approvals: ApprovalService,
  ) {}

  @Get('containment/catalogue')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: catalogueSchema })
  catalogue(): z.infer<typeof catalogueSchema> {
    const items = CATALOGUE.map(({ kind, label, needs, blastRadius, undo, target, entity }) => {
      return { kind, label, needs, blastRadius, undo, target: Object.keys(target.shape), entity };
    });
    return { items };
  }

  @Get('incidents/:id/actions')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: actionListSchema })
  list(@CurrentStaff() staff: Staff, @Param('id', { schema: actionIdSchema }) id: string): Promise<unknown> {
    return this.read.ofIncident(staff, id);
  }

  @Post('incidents/:id/actions')
  @May('incidents.work')
  @ApiResponse({ status: 201, standardSchema: actionSchema })
  async propose(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: actionIdSchema }) id: string,
    @Body({ schema: proposeSchema }) body: z.infer<typeof proposeSchema>,
  ): Promise<unknown> {
    return viewAction(await this.proposals.propose(staff, id, body, body.dryRun), []);
  }

  @Post('actions/:id/approve')
  @May('incidents.work', { stepUp: true })
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  approve(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: actionIdSchema }) id: string,
    @Body({ schema: approveSchema }) body: z.infer<typeof approveSchema>,
  ): Promise<void> {
    return this.approvals.approve(staff, id, body.hash);
  }

  @Post('actions/:id/reject')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  reject(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: actionIdSchema }) id: string,
    @Body({ schema: rejectSchema }) body: z.infer<typeof rejectSchema>,
  ): Promise<void> {
    return this.approvals.reject(staff, id, body.reason);
  }

  @Post('actions/:id/by-hand')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  byHand(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: actionIdSchema }) id: string,
    @Body({ schema: byHandSchema }) body: z.infer<typeof byHandSchema>,
  ): Promise<void> {
    return this.approvals.byHand(staff, id, body.evidence, body.secondPersonId);
  }

  @Post('actions/:id/confirm-by-hand')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  confirmByHand(@CurrentStaff() staff: Staff, @Param('id', { schema: actionIdSchema }) id: string): Promise<void> {
    return this.approvals.confirmByHand(staff, id);
  }

  @Post('actions/:id/undo')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  undo(@CurrentStaff() staff: Staff, @Param('id', { schema: actionIdSchema }) id: string): Promise<void> {
    return this.approvals.undo(staff, id);
  }
}
