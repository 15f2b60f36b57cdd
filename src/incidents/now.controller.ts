import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { scopeOf, type Staff } from '../access/staff.js';
import { Database } from '../platform/database/database.js';
import { AlertTriageService } from './alert-triage.service.js';
import { incidentIdSchema, incidentSummarySchema, openFromAlertSchema, staffListSchema } from './incident.schema.js';
import { NowService } from './now.service.js';
import { StaffDirectoryRepository, type StaffMember } from './staff-directory.repository.js';

const nowSchema = z
  .object({
    incidents: z.array(incidentSummarySchema),
    onCall: z.array(z.object({ schedule: z.string(), staffName: z.string(), until: z.string().nullable() })),
    silosNeedingLook: z.array(z.object({ tenant: z.string(), why: z.string() })),
    rates: z.object({
      eventsPerSecond: z.number(),
      alertsPerHour: z.number(),
      series: z.array(z.object({ at: z.iso.datetime(), events: z.number(), alerts: z.number() })),
    }),
    brokenPromises: z.array(z.object({ promise: z.string(), alerts: z.number(), since: z.iso.datetime() })),
  })
  .meta({ id: 'Now' });
const openedSchema = z.object({ incidentId: z.uuid() }).meta({ id: 'IncidentOfAlert' });

/** The first page, the picker of people, and the way from an alert to an incident. */
@Controller('api')
export class NowController {
  constructor(
    private readonly nowService: NowService,
    private readonly alerts: AlertTriageService,
    private readonly staffDirectory: StaffDirectoryRepository,
    private readonly database: Database,
  ) {}

  @Get('now')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: nowSchema })
  now(@CurrentStaff() staff: Staff): Promise<unknown> {
    return this.nowService.now(staff);
  }

  @Get('staff')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: staffListSchema })
  async staff(
    @CurrentStaff() staff: Staff,
  ): Promise<{ readonly items: readonly Pick<StaffMember, 'id' | 'name' | 'roles'>[] }> {
    const found = await this.database.transaction(scopeOf(staff), (tx) => this.staffDirectory.list(tx));
    return { items: found.map(({ id, name, roles }) => ({ id, name, roles })) };
  }

  @Post('alerts/:id/incident')
  @May('incidents.work')
  @ApiResponse({ status: 201, standardSchema: openedSchema })
  async toIncident(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: openFromAlertSchema }) body: z.infer<typeof openFromAlertSchema>,
  ): Promise<z.infer<typeof openedSchema>> {
    return { incidentId: await this.alerts.toIncident(staff, id, body.incidentId) };
  }
}
