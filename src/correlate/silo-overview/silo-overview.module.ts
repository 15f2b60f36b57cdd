import { Module } from '@nestjs/common';
import { AccessModule } from '../../access/access.module.js';
import { CorrelateModule } from '../correlate.module.js';
import { SiloDetailService } from './silo-detail.service.js';
import { SiloFigures } from './silo-figures.service.js';
import { SiloOverviewController } from './silo-overview.controller.js';
import { SiloOverviewRepository } from './silo-overview.repository.js';
import { SiloOverviewService } from './silo-overview.service.js';
import { SiloViews } from './silo-views.service.js';

/** What people and Prometheus see of silos: their streams, silences, state and agents. */
@Module({
  imports: [AccessModule, CorrelateModule],
  controllers: [SiloOverviewController],
  providers: [SiloDetailService, SiloFigures, SiloOverviewRepository, SiloOverviewService, SiloViews],
})
export class SiloOverviewModule {}
