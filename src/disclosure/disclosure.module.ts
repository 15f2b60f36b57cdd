import { Module, type OnModuleInit } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { Config } from '../platform/config/config.js';
import { JobRunner } from '../platform/jobs/job-runner.js';
import { MailInbox } from '../platform/mail/mail-inbox.js';
import { MailModule } from '../platform/mail/mail.module.js';
import { SilosModule } from '../silos/silos.module.js';
import { disclosureConfig } from './disclosure.config.js';
import { acknowledgeReport, sendReportMessage } from './disclosure-jobs.js';
import { DisclosureMetrics } from './disclosure.metrics.js';
import { DisclosureTexts } from './disclosure-texts.js';
import { IntakeService } from './intake.service.js';
import { MailAuthenticator, systemDns } from './mail-authenticator.js';
import { PublicReportController } from './public-report.controller.js';
import { ReportDesk } from './report-desk.service.js';
import { ReportForm } from './report-form.service.js';
import { ReportIncident } from './report-incident.service.js';
import { ReportMailer } from './report-mailer.service.js';
import { ReportMessageRepository } from './report-message.repository.js';
import { ReportRead } from './report-read.service.js';
import { ReportRepository } from './report.repository.js';
import { ReportsController } from './reports.controller.js';

@Module({
  imports: [AccessModule, IncidentsModule, MailModule, SilosModule],
  controllers: [ReportsController, PublicReportController],
  providers: [
    DisclosureMetrics,
    IntakeService,
    ReportDesk,
    ReportForm,
    ReportIncident,
    ReportMailer,
    ReportMessageRepository,
    ReportRead,
    ReportRepository,
    { provide: DisclosureTexts, useFactory: () => DisclosureTexts.load() },
    {
      provide: MailAuthenticator,
      useFactory: (config: Config) => new MailAuthenticator(systemDns, config.get(disclosureConfig).MAIL_AUTHSERV_ID),
      inject: [Config],
    },
  ],
})
export class DisclosureModule implements OnModuleInit {
  constructor(
    private readonly jobs: JobRunner,
    private readonly inbox: MailInbox,
    private readonly intake: IntakeService,
    private readonly reportMailer: ReportMailer,
  ) {}

  onModuleInit(): void {
    this.inbox.onMail(this.intake);
    this.jobs.handle(acknowledgeReport, (job, run) => this.reportMailer.acknowledge(job, run.isLastAttempt));
    this.jobs.handle(sendReportMessage, ({ messageId }, run) => this.reportMailer.send(messageId, run.isLastAttempt));
  }
}
