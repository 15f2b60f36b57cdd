import { Module, type OnModuleInit } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import {
  clockDue,
  customerUnreachable,
  incidentAcknowledged,
  incidentOpened,
  incidentReopened,
  incidentSettled,
} from '../incidents/incident-jobs.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { JobRunner } from '../platform/jobs/job-runner.js';
import { MailModule } from '../platform/mail/mail.module.js';
import { AcknowledgementService } from './acknowledgement.service.js';
import { EscalationService } from './escalation.service.js';
import { OnCallDirectory } from './on-call-directory.service.js';
import { OnCallSettingsService } from './on-call-settings.service.js';
import { OnCallStaffRepository } from './on-call-staff.repository.js';
import { PagingOnCallBoard } from './on-call-board.service.js';
import { OnCallController } from './on-call.controller.js';
import { OnCallService } from './on-call.service.js';
import { PageLinkController } from './page-link.controller.js';
import { PageLog } from './page-log.service.js';
import { PageSender } from './page-sender.service.js';
import { PageRepository } from './page.repository.js';
import { PagingTexts } from './paging-texts.js';
import { sendPage } from './paging-jobs.js';
import { PagingMetrics } from './paging.metrics.js';
import { PagingScheduler } from './paging.scheduler.js';
import { ScheduleRepository } from './schedule.repository.js';

@Module({
  imports: [AccessModule, IncidentsModule, MailModule],
  controllers: [OnCallController, PageLinkController],
  providers: [
    AcknowledgementService,
    EscalationService,
    OnCallDirectory,
    PagingOnCallBoard,
    OnCallService,
    OnCallSettingsService,
    OnCallStaffRepository,
    PageLog,
    PageRepository,
    PageSender,
    PagingMetrics,
    PagingScheduler,
    ScheduleRepository,
    { provide: PagingTexts, useFactory: () => PagingTexts.load() },
  ],
  exports: [OnCallService, OnCallSettingsService, PagingOnCallBoard],
})
export class PagingModule implements OnModuleInit {
  constructor(
    private readonly jobs: JobRunner,
    private readonly escalation: EscalationService,
    private readonly acknowledgement: AcknowledgementService,
    private readonly sender: PageSender,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(incidentOpened, ({ incidentId, isLate }) =>
      this.escalation.start(incidentId, 'opened', '', isLate),
    );
    this.jobs.handle(incidentReopened, ({ incidentId, reason, isLate }) =>
      reason === 'severity'
        ? this.escalation.worsen(incidentId, isLate)
        : this.escalation.start(incidentId, 'reopened'),
    );
    this.jobs.handle(incidentAcknowledged, ({ incidentId, staffId, staffName }) =>
      this.acknowledgement.byIncident(incidentId, { id: staffId, name: staffName }),
    );
    this.jobs.handle(incidentSettled, ({ incidentId }) => this.escalation.settle(incidentId));
    // The clock's name may tell which silo it belongs to, so that only its share of time is told.
    this.jobs.handle(clockDue, ({ incidentId, percent, dueAt }) =>
      this.escalation.start(incidentId, 'clock', `${percent} % of a deadline’s time is used; it ends at ${dueAt}`),
    );
    this.jobs.handle(customerUnreachable, ({ incidentId }) => this.escalation.start(incidentId, 'unreachable'));
    this.jobs.handle(sendPage, ({ attemptId }, run) => this.sender.send(attemptId, run.isLastAttempt));
  }
}
