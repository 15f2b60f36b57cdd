import { Module, type OnModuleInit } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { JobRunner } from '../platform/jobs/job-runner.js';
import { MailInbox } from '../platform/mail/mail-inbox.js';
import { MailModule } from '../platform/mail/mail.module.js';
import { SilosModule } from '../silos/silos.module.js';
import { BounceHandler } from './bounce-handler.service.js';
import { DeliveryFollowUp } from './delivery-follow-up.service.js';
import { DeliveryRepository } from './delivery.repository.js';
import { NoticeApproval } from './notice-approval.service.js';
import { NoticeComposer } from './notice-composer.service.js';
import { NoticeDesk } from './notice-desk.service.js';
import { sendNotice } from './notice-jobs.js';
import { NoticeLinkController } from './notice-link.controller.js';
import { NoticeNotificationState } from './notice-notification-state.service.js';
import { NoticePage } from './notice-page.service.js';
import { NoticeRead } from './notice-read.service.js';
import { NoticeSender } from './notice-sender.service.js';
import { NoticeTexts } from './notice-texts.js';
import { NoticeRepository } from './notice.repository.js';
import { NoticesController } from './notices.controller.js';

@Module({
  imports: [AccessModule, IncidentsModule, MailModule, SilosModule],
  controllers: [NoticesController, NoticeLinkController],
  providers: [
    BounceHandler,
    DeliveryFollowUp,
    DeliveryRepository,
    NoticeApproval,
    NoticeComposer,
    NoticeDesk,
    NoticeNotificationState,
    NoticePage,
    NoticeRead,
    NoticeRepository,
    NoticeSender,
    { provide: NoticeTexts, useFactory: () => NoticeTexts.load() },
  ],
  exports: [NoticeNotificationState],
})
export class NoticesModule implements OnModuleInit {
  constructor(
    private readonly jobs: JobRunner,
    private readonly inbox: MailInbox,
    private readonly sender: NoticeSender,
    private readonly bounces: BounceHandler,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(sendNotice, ({ deliveryId }, run) => this.sender.send(deliveryId, run.isLastAttempt));
    this.inbox.onMail(this.bounces);
  }
}
