import { Module } from '@nestjs/common';
import { AccessModule } from '../../access/access.module.js';
import { CorrelateModule } from '../correlate.module.js';
import { AlertDesk } from './alert-desk.service.js';
import { AlertViewRepository } from './alert-view.repository.js';
import { AlertsController } from './alerts.controller.js';

/** What people see and say of alerts. */
@Module({
  imports: [AccessModule, CorrelateModule],
  controllers: [AlertsController],
  providers: [AlertDesk, AlertViewRepository],
})
export class AlertDeskModule {}
