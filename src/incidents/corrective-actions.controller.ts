import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { type Staff } from '../access/staff.js';
import {
  correctiveActionBodySchema,
  correctiveActionChangeSchema,
  correctiveActionListSchema,
  correctiveActionQuerySchema,
  incidentIdSchema,
} from './incident.schema.js';
import { ReviewService } from './review.service.js';

const createdSchema = z.object({ id: z.uuid() });

@Controller('api')
export class CorrectiveActionsController {
  constructor(private readonly reviews: ReviewService) {}

  @Get('corrective-actions')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: correctiveActionListSchema })
  list(
    @CurrentStaff() staff: Staff,
    @Query({ schema: correctiveActionQuerySchema }) query: z.infer<typeof correctiveActionQuerySchema>,
  ): Promise<unknown> {
    return this.reviews.list(staff, query.state, query.cursor, query.limit);
  }

  @Post('incidents/:id/corrective-actions')
  @May('incidents.work')
  @ApiResponse({ status: 201, standardSchema: createdSchema })
  async add(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: correctiveActionBodySchema }) body: z.infer<typeof correctiveActionBodySchema>,
  ): Promise<z.infer<typeof createdSchema>> {
    return { id: await this.reviews.addAction(staff, id, body) };
  }

  @Patch('corrective-actions/:id')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  change(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: correctiveActionChangeSchema }) body: z.infer<typeof correctiveActionChangeSchema>,
  ): Promise<void> {
    return this.reviews.changeAction(staff, id, body);
  }
}
