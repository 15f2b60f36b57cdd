import { Injectable, Optional } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { IncidentReadService } from './incident-read.service.js';
import { IncidentRepository } from './incident.repository.js';
import { NowRepository } from './now.repository.js';
import { OnCallBoard } from './on-call-board.js';

/** Is something burning, who is on it, are the silos heard. */
@Injectable()
export class NowService {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly incidents: IncidentRepository,
    private readonly read: IncidentReadService,
    private readonly figures: NowRepository,
    @Optional() private readonly onCall?: OnCallBoard,
  ) {}

  async now(staff: Staff): Promise<unknown> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const now = this.clock.now();
      const running = await this.incidents.list(tx, { statuses: ['open', 'contained', 'resolved'], limit: 200 });
      const series = await this.figures.minutes(tx, now);
      const broken = await this.figures.brokenPromises(tx, now);
      return {
        incidents: await this.read.summaries(tx, staff, running),
        onCall: (await this.onCall?.now(tx)) ?? [],
        silosNeedingLook: await this.figures.silosNeedingLook(tx, now),
        rates: {
          eventsPerSecond: await this.figures.eventsPerSecond(tx, now),
          alertsPerHour: series.reduce((sum, { alerts }) => sum + alerts, 0),
          series: series.map(({ at, events, alerts }) => ({ at: at.toISOString(), events, alerts })),
        },
        brokenPromises: broken.map((promise) => ({ ...promise, since: promise.since.toISOString() })),
      };
    });
  }
}
