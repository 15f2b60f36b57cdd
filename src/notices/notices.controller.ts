import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { type Staff } from '../access/staff.js';
import { pageQuery } from '../platform/http/list-page.js';
import { DeliveryFollowUp } from './delivery-follow-up.service.js';
import { NoticeApproval } from './notice-approval.service.js';
import { NoticeDesk } from './notice-desk.service.js';
import { NoticeRead } from './notice-read.service.js';
import {
  approveBody,
  draftBody,
  editBody,
  noticeList,
  noticeSchema,
  overrideBody,
  settleBody,
  type NoticeView,
} from './notices.schema.js';

const uuid = z.uuid();
const listQuery = z.object({ ...pageQuery, incident: z.uuid().optional() });

@ApiTags('notices')
@Controller('api')
export class NoticesController {
  constructor(
    private readonly read: NoticeRead,
    private readonly desk: NoticeDesk,
    private readonly approval: NoticeApproval,
    private readonly followUp: DeliveryFollowUp,
  ) {}

  @Get('notices')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: noticeList })
  async list(
    @CurrentStaff() staff: Staff,
    @Query({ schema: listQuery }) query: z.output<typeof listQuery>,
  ): Promise<z.infer<typeof noticeList>> {
    return this.read.list(staff, query);
  }

  @Get('notices/:id')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: noticeSchema })
  async find(@CurrentStaff() staff: Staff, @Param('id', { schema: uuid }) id: string): Promise<NoticeView> {
    return this.read.find(staff, id);
  }

  @Post('incidents/:id/notices')
  @HttpCode(200)
  @May('notices.write')
  @ApiResponse({ status: 200, standardSchema: noticeSchema })
  async draft(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) incidentId: string,
    @Body({ schema: draftBody }) body: z.output<typeof draftBody>,
  ): Promise<NoticeView> {
    return this.read.find(staff, await this.desk.draft(staff, incidentId, body));
  }

  @Put('notices/:id')
  @May('notices.write')
  @ApiResponse({ status: 200, standardSchema: noticeSchema })
  async edit(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: editBody }) body: z.output<typeof editBody>,
  ): Promise<NoticeView> {
    await this.desk.edit(staff, id, body.facts, body.version);
    return this.read.find(staff, id);
  }

  @Post('notices/:id/approve')
  @HttpCode(200)
  @May('notices.write', { stepUp: true })
  @ApiResponse({ status: 200, standardSchema: noticeSchema })
  async approve(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: approveBody }) body: z.output<typeof approveBody>,
  ): Promise<NoticeView> {
    await this.approval.approve(staff, id, body.contentHash);
    return this.read.find(staff, id);
  }

  @Post('notices/:id/override')
  @HttpCode(200)
  @May('notices.write', { stepUp: true })
  @ApiResponse({ status: 200, standardSchema: noticeSchema })
  async override(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: overrideBody }) body: z.output<typeof overrideBody>,
  ): Promise<NoticeView> {
    await this.desk.override(staff, id, body.contentHash, body.reason);
    return this.read.find(staff, id);
  }

  @Post('notices/:id/cancel')
  @HttpCode(200)
  @May('notices.write')
  @ApiResponse({ status: 200, standardSchema: noticeSchema })
  async cancel(@CurrentStaff() staff: Staff, @Param('id', { schema: uuid }) id: string): Promise<NoticeView> {
    await this.desk.cancel(staff, id);
    return this.read.find(staff, id);
  }

  @Post('deliveries/:id/settle')
  @HttpCode(200)
  @May('notices.write')
  @ApiResponse({ status: 200, standardSchema: noticeSchema })
  async settle(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: settleBody }) body: z.output<typeof settleBody>,
  ): Promise<NoticeView> {
    return this.read.find(staff, await this.followUp.dealWith(staff, id, body.reason));
  }
}
