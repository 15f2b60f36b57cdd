import { Global, Module } from '@nestjs/common';
import { IncidentOpener } from '../correlate/incident-opener.js';
import { IncidentOpenerService } from '../incidents/incident-opener.service.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { OnCallBoard } from '../incidents/on-call-board.js';
import { ContainmentState, NotificationState } from '../incidents/workstream-state.js';
import { PagingOnCallBoard } from '../paging/on-call-board.service.js';
import { PagingModule } from '../paging/paging.module.js';

class NoContainment extends ContainmentState {
  missing = async () => [];
  summary = async () => ({ count: 0, lastActionAt: null });
  list = async () => [];
}
class NoNotices extends NotificationState {
  missing = async () => [];
  noticedAt = async () => new Map<string, Date>();
}

/** The ports that a room owns and a room to its right fills: here the two meet, so that no room imports to its right. */
@Global()
@Module({
  imports: [IncidentsModule, PagingModule],
  providers: [
    { provide: IncidentOpener, useExisting: IncidentOpenerService },
    { provide: OnCallBoard, useExisting: PagingOnCallBoard },
    { provide: ContainmentState, useClass: NoContainment },
    { provide: NotificationState, useClass: NoNotices },
  ],
  exports: [IncidentOpener, OnCallBoard, ContainmentState, NotificationState],
})
export class PortsModule {}
