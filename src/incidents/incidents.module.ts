import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { CorrelateModule } from '../correlate/correlate.module.js';
import { MailModule } from '../platform/mail/mail.module.js';
import { SilosModule } from '../silos/silos.module.js';
import { AlertTriageService } from './alert-triage.service.js';
import { AwarenessService } from './awareness.service.js';
import { ClockRepository } from './clocks/clock.repository.js';
import { ClocksService } from './clocks/clocks.service.js';
import { RegulationLibrary } from './clocks/regulation-library.provider.js';
import { CorrectiveActionReminderService } from './corrective-action-reminder.service.js';
import { CorrectiveActionRepository } from './corrective-action.repository.js';
import { CorrectiveActionsController } from './corrective-actions.controller.js';
import { GroupingRepository } from './grouping.repository.js';
import { IncidentDeskService } from './incident-desk.service.js';
import { IncidentDispositionService } from './incident-disposition.service.js';
import { IncidentFactsService } from './incident-facts.service.js';
import { IncidentJoiningService } from './incident-joining.service.js';
import { IncidentOpenerService } from './incident-opener.service.js';
import { IncidentPartsService } from './incident-parts.service.js';
import { IncidentProgressService } from './incident-progress.service.js';
import { IncidentReadService } from './incident-read.service.js';
import { IncidentSweepService } from './incident-sweep.service.js';
import { IncidentTriageController } from './incident-triage.controller.js';
import { IncidentTriageService } from './incident-triage.service.js';
import { IncidentRepository } from './incident.repository.js';
import { IncidentScheduler } from './incident.scheduler.js';
import { IncidentsController } from './incidents.controller.js';
import { IncidentsMetrics } from './incidents.metrics.js';
import { NotificationDecisionRepository } from './notification-decision.repository.js';
import { NotificationDecisionService } from './notification-decision.service.js';
import { NowController } from './now.controller.js';
import { NowRepository } from './now.repository.js';
import { NowService } from './now.service.js';
import { ReviewRepository } from './review.repository.js';
import { ReviewService } from './review.service.js';
import { RootCauseRepository } from './root-cause.repository.js';
import { RootCauseService } from './root-cause.service.js';
import { StaffDirectoryRepository } from './staff-directory.repository.js';
import { TimelineRepository } from './timeline.repository.js';
import { WorkstreamController } from './workstream.controller.js';
import { WorkstreamRepository } from './workstream.repository.js';
import { WorkstreamService } from './workstream.service.js';

/**
 * Incidents, their workstreams, timeline and clocks. ContainmentState, NotificationState and OnCallBoard are bound by rooms to the right, and
 * IncidentOpenerService is what correlate's IncidentOpener is bound to: both in app/.
 */
@Module({
  imports: [AccessModule, SilosModule, CorrelateModule, MailModule],
  controllers: [
    NowController,
    IncidentsController,
    IncidentTriageController,
    WorkstreamController,
    CorrectiveActionsController,
  ],
  providers: [
    AlertTriageService,
    AwarenessService,
    ClockRepository,
    ClocksService,
    CorrectiveActionReminderService,
    CorrectiveActionRepository,
    GroupingRepository,
    IncidentDeskService,
    IncidentDispositionService,
    IncidentFactsService,
    IncidentJoiningService,
    IncidentOpenerService,
    IncidentPartsService,
    IncidentProgressService,
    IncidentReadService,
    IncidentRepository,
    IncidentScheduler,
    IncidentSweepService,
    IncidentTriageService,
    IncidentsMetrics,
    NotificationDecisionRepository,
    NotificationDecisionService,
    NowRepository,
    NowService,
    RegulationLibrary,
    ReviewRepository,
    ReviewService,
    RootCauseRepository,
    RootCauseService,
    StaffDirectoryRepository,
    TimelineRepository,
    WorkstreamRepository,
    WorkstreamService,
  ],
  exports: [
    GroupingRepository,
    IncidentDeskService,
    IncidentJoiningService,
    IncidentOpenerService,
    IncidentProgressService,
    IncidentRepository,
    NotificationDecisionRepository,
    StaffDirectoryRepository,
    TimelineRepository,
  ],
})
export class IncidentsModule {}
