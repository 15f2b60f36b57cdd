import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { type Staff } from '../access/staff.js';
import {
  classifyBody,
  incidentBody,
  incidentMade,
  replyBody,
  reportList,
  reportSchema,
  reportsQuery,
  stateBody,
  type ReportView,
} from './disclosure.schema.js';
import { ReportDesk } from './report-desk.service.js';
import { ReportIncident } from './report-incident.service.js';
import { ReportRead } from './report-read.service.js';

const uuid = z.uuid();

@ApiTags('disclosure')
@Controller('api/reports')
export class ReportsController {
  constructor(
    private readonly read: ReportRead,
    private readonly desk: ReportDesk,
    private readonly incident: ReportIncident,
  ) {}

  @Get()
  @May('disclosure.work')
  @ApiResponse({ status: 200, standardSchema: reportList })
  async list(
    @CurrentStaff() staff: Staff,
    @Query({ schema: reportsQuery }) query: z.output<typeof reportsQuery>,
  ): Promise<z.infer<typeof reportList>> {
    return this.read.list(staff, query);
  }

  @Get(':id')
  @May('disclosure.work')
  @ApiResponse({ status: 200, standardSchema: reportSchema })
  async find(@CurrentStaff() staff: Staff, @Param('id', { schema: uuid }) id: string): Promise<ReportView> {
    return this.read.find(staff, id);
  }

  @Get(':id/messages/:messageId/raw')
  @May('disclosure.work')
  async raw(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Param('messageId', { schema: uuid }) messageId: string,
    @Res() response: Response,
  ): Promise<void> {
    const { name, raw } = await this.read.raw(staff, id, messageId);
    // Never shown inline: it is a stranger's file.
    response.attachment(name).type('application/octet-stream').set('Cache-Control', 'no-store').send(raw);
  }

  @Post(':id/replies')
  @HttpCode(200)
  @May('disclosure.work')
  @ApiResponse({ status: 200, standardSchema: reportSchema })
  async reply(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: replyBody }) body: z.output<typeof replyBody>,
  ): Promise<ReportView> {
    await this.desk.reply(staff, id, body.text);
    return this.read.find(staff, id);
  }

  @Post(':id/state')
  @HttpCode(200)
  @May('disclosure.work')
  @ApiResponse({ status: 200, standardSchema: reportSchema })
  async setState(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: stateBody }) body: z.output<typeof stateBody>,
  ): Promise<ReportView> {
    await this.desk.setState(staff, id, body.state, body.reason, body.message);
    return this.read.find(staff, id);
  }

  @Patch(':id')
  @May('disclosure.work')
  @ApiResponse({ status: 200, standardSchema: reportSchema })
  async classify(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: classifyBody }) body: z.output<typeof classifyBody>,
  ): Promise<ReportView> {
    await this.desk.classify(staff, id, body);
    return this.read.find(staff, id);
  }

  @Post(':id/incident')
  @HttpCode(200)
  @May('incidents.work')
  @ApiResponse({ status: 200, standardSchema: incidentMade })
  async toIncident(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: incidentBody }) body: z.output<typeof incidentBody>,
  ): Promise<z.infer<typeof incidentMade>> {
    return { incidentId: await this.incident.open(staff, id, body) };
  }
}
