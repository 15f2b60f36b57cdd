import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AlertDesk } from './alert-desk.service.js';
import { AlertViewRepository } from './alert-view.repository.js';
import { AlertsController } from './alerts.controller.js';
import { CorrelateModule } from './correlate.module.js';
import { SiloDetailService } from './silo-detail.service.js';
import { SiloFigures } from './silo-figures.service.js';
import { SiloOverviewController } from './silo-overview.controller.js';
import { SiloOverviewRepository } from './silo-overview.repository.js';
import { SiloOverviewService } from './silo-overview.service.js';
import { SiloViews } from './silo-views.service.js';

/** What people see and say of alerts and silos. */
@Module({
  imports: [AccessModule, CorrelateModule],
  controllers: [AlertsController, SiloOverviewController],
  providers: [
    AlertDesk,
    AlertViewRepository,
    SiloDetailService,
    SiloFigures,
    SiloOverviewRepository,
    SiloOverviewService,
    SiloViews,
  ],
})
export class AlertDeskModule {}
