import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { scopeOf, type Staff } from '../access/staff.js';
import { pageQuery } from '../platform/http/list-page.js';
import { AcknowledgementService } from './acknowledgement.service.js';
import { OnCallSettingsService, type SettingsAuthor } from './on-call-settings.service.js';
import { OnCallService } from './on-call.service.js';
import {
  onCallSchema,
  overrideBody,
  pageList,
  pageSchema,
  policyBody,
  scheduleBody,
  type OnCallView,
  type PageView,
} from './paging.schema.js';

const uuid = z.uuid();
const pagesQuery = z.object({ ...pageQuery, incident: z.uuid().optional() });
const made = z.object({ id: z.uuid() });
type Made = z.infer<typeof made>;

const author = (staff: Staff): SettingsAuthor => ({
  scope: scopeOf(staff),
  actor: { kind: 'staff', id: staff.id, ip: staff.ip },
});

@ApiTags('on-call')
@Controller('api')
export class OnCallController {
  constructor(
    private readonly onCall: OnCallService,
    private readonly acknowledgement: AcknowledgementService,
    private readonly settings: OnCallSettingsService,
  ) {}

  /** Who is on call, the schedules with their final shifts from 14 days ago to 14 days ahead, the policies, the latest pages. */
  @Get('on-call')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: onCallSchema })
  async overview(@CurrentStaff() staff: Staff): Promise<OnCallView> {
    return this.onCall.overview(staff);
  }

  @Get('pages')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: pageList })
  async pages(
    @CurrentStaff() staff: Staff,
    @Query({ schema: pagesQuery }) query: z.output<typeof pagesQuery>,
  ): Promise<z.infer<typeof pageList>> {
    return this.onCall.list(staff, query);
  }

  @Post('pages/:id/acknowledge')
  @HttpCode(200)
  @May('incidents.work')
  @ApiResponse({ status: 200, standardSchema: pageSchema })
  async acknowledge(@CurrentStaff() staff: Staff, @Param('id', { schema: uuid }) id: string): Promise<PageView> {
    await this.acknowledgement.byStaff(staff, id);
    return this.onCall.find(staff, id);
  }

  @Post('schedules')
  @May('settings.change')
  @ApiResponse({ status: 201, standardSchema: made })
  async makeSchedule(
    @CurrentStaff() staff: Staff,
    @Body({ schema: scheduleBody }) body: z.output<typeof scheduleBody>,
  ): Promise<Made> {
    return { id: await this.settings.saveSchedule(author(staff), body) };
  }

  @Put('schedules/:id')
  @May('settings.change')
  @ApiResponse({ status: 200, standardSchema: made })
  async changeSchedule(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: scheduleBody }) body: z.output<typeof scheduleBody>,
  ): Promise<Made> {
    return { id: await this.settings.saveSchedule(author(staff), body, id) };
  }

  @Delete('schedules/:id')
  @HttpCode(204)
  @May('settings.change')
  async deleteSchedule(@CurrentStaff() staff: Staff, @Param('id', { schema: uuid }) id: string): Promise<void> {
    await this.settings.deleteSchedule(author(staff), id);
  }

  @Post('schedules/:id/overrides')
  @May('settings.change')
  @ApiResponse({ status: 201, standardSchema: made })
  async addOverride(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: overrideBody }) body: z.output<typeof overrideBody>,
  ): Promise<Made> {
    return { id: await this.settings.addOverride(author(staff), id, body) };
  }

  @Delete('schedules/:id/overrides/:overrideId')
  @HttpCode(204)
  @May('settings.change')
  async removeOverride(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Param('overrideId', { schema: uuid }) overrideId: string,
  ): Promise<void> {
    await this.settings.removeOverride(author(staff), id, overrideId);
  }

  @Post('policies')
  @May('settings.change')
  @ApiResponse({ status: 201, standardSchema: made })
  async makePolicy(
    @CurrentStaff() staff: Staff,
    @Body({ schema: policyBody }) body: z.output<typeof policyBody>,
  ): Promise<Made> {
    return { id: await this.settings.savePolicy(author(staff), body) };
  }

  @Put('policies/:id')
  @May('settings.change')
  @ApiResponse({ status: 200, standardSchema: made })
  async changePolicy(
    @CurrentStaff() staff: Staff,
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: policyBody }) body: z.output<typeof policyBody>,
  ): Promise<Made> {
    return { id: await this.settings.savePolicy(author(staff), body, id) };
  }

  @Delete('policies/:id')
  @HttpCode(204)
  @May('settings.change')
  async deletePolicy(@CurrentStaff() staff: Staff, @Param('id', { schema: uuid }) id: string): Promise<void> {
    await this.settings.deletePolicy(author(staff), id);
  }
}
