import { Controller, Get, Query } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../platform/database/database.js';
import { type TrailPage, trailPage, trailQuery, type TrailQuery } from './access.schema.js';
import { CurrentStaff, May } from './may.decorator.js';
import { scopeOf, type Staff } from './staff.js';
import { TrailReader } from './trail-reader.repository.js';

@ApiTags('Trail')
@Controller('api/trail')
export class TrailController {
  constructor(
    private readonly database: Database,
    private readonly reader: TrailReader,
  ) {}

  @May('trail.read')
  @ApiResponse({ status: 200, standardSchema: trailPage })
  @Get()
  async list(@Query({ schema: trailQuery }) query: TrailQuery, @CurrentStaff() staff: Staff): Promise<TrailPage> {
    return this.database.transaction(scopeOf(staff), (tx) => this.reader.page(tx, query));
  }
}
