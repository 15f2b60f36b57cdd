import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { type z } from 'zod';
import { CurrentStaff, May } from '../../access/may.decorator.js';
import { type Staff } from '../../access/staff.js';
import { AlertDesk } from './alert-desk.service.js';
import {
  type AlertDetail,
  alertDetailSchema,
  type AlertEvidence,
  alertIdSchema,
  type AlertList,
  alertListSchema,
  type AlertQuery,
  alertQuerySchema,
  evidenceSchema,
  verdictSchema,
} from './alert.schema.js';

@Controller('api/alerts')
export class AlertsController {
  constructor(private readonly desk: AlertDesk) {}

  @Get()
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: alertListSchema })
  list(@CurrentStaff() staff: Staff, @Query({ schema: alertQuerySchema }) query: AlertQuery): Promise<AlertList> {
    return this.desk.list(staff, query);
  }

  @Get(':id')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: alertDetailSchema })
  find(@CurrentStaff() staff: Staff, @Param('id', { schema: alertIdSchema }) id: string): Promise<AlertDetail> {
    return this.desk.find(staff, id);
  }

  @Get(':id/evidence')
  @May('evidence.see')
  @ApiResponse({ status: 200, standardSchema: evidenceSchema })
  evidence(@CurrentStaff() staff: Staff, @Param('id', { schema: alertIdSchema }) id: string): Promise<AlertEvidence> {
    return this.desk.evidence(staff, id);
  }

  @Post(':id/verdict')
  @May('incidents.work')
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: alertDetailSchema })
  decide(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: alertIdSchema }) id: string,
    @Body({ schema: verdictSchema }) body: z.infer<typeof verdictSchema>,
  ): Promise<AlertDetail> {
    return this.desk.decide(staff, id, body.verdict, body.reason);
  }
}
