import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { CurrentStaff, May } from '../../access/may.decorator.js';
import { type Staff } from '../../access/staff.js';
import {
  type SiloDetail,
  siloDetailSchema,
  type SiloNames,
  siloNamesSchema,
  type SiloOverviewList,
  siloOverviewListSchema,
  type SiloQuery,
  siloQuerySchema,
  tenantSchema,
} from './silo-overview.schema.js';
import { SiloOverviewService } from './silo-overview.service.js';

@Controller('api')
export class SiloOverviewController {
  constructor(private readonly overview: SiloOverviewService) {}

  @Get('silos')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: siloOverviewListSchema })
  list(@CurrentStaff() staff: Staff, @Query({ schema: siloQuerySchema }) query: SiloQuery): Promise<SiloOverviewList> {
    return this.overview.list(staff, query);
  }

  /** All of them, for lists to choose from. */
  @Get('silo-names')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: siloNamesSchema })
  names(@CurrentStaff() staff: Staff): Promise<SiloNames> {
    return this.overview.names(staff);
  }

  @Get('silos/:tenant')
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: siloDetailSchema })
  find(@CurrentStaff() staff: Staff, @Param('tenant', { schema: tenantSchema }) tenant: string): Promise<SiloDetail> {
    return this.overview.find(staff, tenant);
  }
}
