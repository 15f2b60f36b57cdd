import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { type z } from 'zod';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { type Staff } from '../access/staff.js';
import { AwarenessService } from './awareness.service.js';
import { IncidentDispositionService } from './incident-disposition.service.js';
import { IncidentTriageService } from './incident-triage.service.js';
import {
  commanderSchema,
  duplicateSchema,
  factSchema,
  incidentIdSchema,
  noteSchema,
  reasonSchema,
  restrictSchema,
  severitySchema,
  silosSchema,
} from './incident.schema.js';

/** What people say about an incident while it runs. */
@Controller('api/incidents')
export class IncidentTriageController {
  constructor(
    private readonly triage: IncidentTriageService,
    private readonly dispositions: IncidentDispositionService,
    private readonly awareness: AwarenessService,
  ) {}

  @Post(':id/notes')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  note(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: noteSchema }) body: z.infer<typeof noteSchema>,
  ): Promise<void> {
    return this.triage.note(staff, id, body.text);
  }

  @Post(':id/acknowledge')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  acknowledge(@CurrentStaff() staff: Staff, @Param('id', { schema: incidentIdSchema }) id: string): Promise<void> {
    return this.triage.acknowledge(staff, id);
  }

  @Post(':id/commander')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  command(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: commanderSchema }) body: z.infer<typeof commanderSchema>,
  ): Promise<void> {
    return this.triage.assignCommander(staff, id, body.staffId);
  }

  @Post(':id/severity')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  setSeverity(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: severitySchema }) body: z.infer<typeof severitySchema>,
  ): Promise<void> {
    return this.triage.setSeverity(staff, id, body.severity, body.reason);
  }

  @Post(':id/silos')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  addSilo(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: silosSchema }) body: z.infer<typeof silosSchema>,
  ): Promise<void> {
    return this.triage.addSilo(staff, id, body.tenant, body.reason);
  }

  @Post(':id/restricted')
  @May('containment.approve')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  restrict(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: restrictSchema }) body: z.infer<typeof restrictSchema>,
  ): Promise<void> {
    return this.triage.restrict(staff, id, body);
  }

  @Post(':id/false-positive')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  falsePositive(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: reasonSchema }) body: z.infer<typeof reasonSchema>,
  ): Promise<void> {
    return this.dispositions.falsePositive(staff, id, body.reason);
  }

  @Post(':id/duplicate-of')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  duplicateOf(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: duplicateSchema }) body: z.infer<typeof duplicateSchema>,
  ): Promise<void> {
    return this.dispositions.duplicateOf(staff, id, body.incidentId, body.reason);
  }

  @Post(':id/reopen')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  reopen(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: reasonSchema }) body: z.infer<typeof reasonSchema>,
  ): Promise<void> {
    return this.dispositions.reopen(staff, id, body.reason);
  }

  @Post(':id/facts')
  @May('incidents.work')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  recordFact(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Body({ schema: factSchema }) body: z.infer<typeof factSchema>,
  ): Promise<void> {
    return this.awareness.record(staff, id, {
      tenant: body.tenant,
      fact: body.fact,
      value: body.value,
      ...(body.at === undefined ? {} : { at: new Date(body.at) }),
    });
  }

  @Post(':id/clocks/:clockId/waive')
  @May('containment.approve')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  waiveClock(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: incidentIdSchema }) id: string,
    @Param('clockId', { schema: incidentIdSchema }) clockId: string,
    @Body({ schema: reasonSchema }) body: z.infer<typeof reasonSchema>,
  ): Promise<void> {
    return this.awareness.waiveClock(staff, id, clockId, body.reason);
  }
}
