import { Global, Module } from '@nestjs/common';
import { ContainmentModule } from '../containment/containment.module.js';
import { ContainmentStateService } from '../containment/containment-state.service.js';
import { IncidentOpener } from '../correlate/alerts/incident-opener.js';
import { IncidentOpenerService } from '../incidents/incident-opener.service.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { OnCallBoard } from '../incidents/on-call-board.js';
import { ContainmentState, NotificationState } from '../incidents/workstream-state.js';
import { NoticeNotificationState } from '../notices/notice-notification-state.service.js';
import { NoticesModule } from '../notices/notices.module.js';
import { PagingOnCallBoard } from '../paging/on-call-board.service.js';
import { PagingModule } from '../paging/paging.module.js';

/** The ports that a room owns and a room to its right fills: here the two meet, so that no room imports to its right. */
@Global()
@Module({
  imports: [ContainmentModule, IncidentsModule, NoticesModule, PagingModule],
  providers: [
    { provide: IncidentOpener, useExisting: IncidentOpenerService },
    { provide: OnCallBoard, useExisting: PagingOnCallBoard },
    { provide: ContainmentState, useExisting: ContainmentStateService },
    { provide: NotificationState, useExisting: NoticeNotificationState },
  ],
  exports: [IncidentOpener, OnCallBoard, ContainmentState, NotificationState],
})
export class PortsModule {}
