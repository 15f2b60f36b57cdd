import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { type z } from 'zod';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { type Staff } from '../access/staff.js';
import { IncidentReadService } from './incident-read.service.js';
import {
  incidentDetailSchema,
  incidentIdSchema,
  incidentListSchema,
  incidentQuerySchema,
  timelineQuerySchema,
  timelineSchema,
} from './incident.schema.js';

/** Reading incidents. */
@Controller('api/incidents')
export class IncidentsController {
  constructor(private readonly read: IncidentReadService) {}

  @Get()
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: incidentListSchema })
  list(
    @CurrentStaff() staff: Staff,
    @Query({ schema: incidentQuerySchema }) query: z.infer<typeof incidentQuerySchema>,
  ): Promise<unknown> {
    return this.read.list(staff, query.status, query.cursor, query.limit);
  }

  @Get(':id')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: incidentDetailSchema })
  detail(@CurrentStaff() staff: Staff, @Param('id', { schema: incidentIdSchema }) id: string): Promise<unknown> {
    return this.read.detail(staff, id);
  }

  @Get(':id/timeline')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: timelineSchema })
  timeline(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Query({ schema: timelineQuerySchema }) query: z.infer<typeof timelineQuerySchema>,
  ): Promise<unknown> {
    return this.read.timelineOf(staff, id, query);
  }
}
