import { Controller, Get, Param } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { CurrentStaff, May } from '../access/may.decorator.js';
import { type Staff } from '../access/staff.js';
import {
  type SiloDetail,
  siloDetailSchema,
  type SiloOverviewList,
  siloOverviewListSchema,
  tenantSchema,
} from './silo-overview.schema.js';
import { SiloOverviewService } from './silo-overview.service.js';

@Controller('api/silos')
export class SiloOverviewController {
  constructor(private readonly overview: SiloOverviewService) {}

  @Get()
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: siloOverviewListSchema })
  list(@CurrentStaff() staff: Staff): Promise<SiloOverviewList> {
    return this.overview.list(staff);
  }

  @Get(':tenant')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: siloDetailSchema })
  find(@CurrentStaff() staff: Staff, @Param('tenant', { schema: tenantSchema }) tenant: string): Promise<SiloDetail> {
    return this.overview.find(staff, tenant);
  }
}
