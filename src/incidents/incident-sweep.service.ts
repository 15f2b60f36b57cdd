import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Log } from '../platform/logging/logging.js';
import { IncidentProgressService } from './incident-progress.service.js';
import { IncidentRepository } from './incident.repository.js';
import { IncidentsMetrics } from './incidents.metrics.js';

/** One that cannot be looked at is left alone for so long, or it would keep its place before all others. */
const LOOK_AGAIN_MS = 10_000;

/** Looks at incidents whose time has come: quiet is over, a clock is due, another room wrote an entry. */
@Injectable()
export class IncidentSweepService {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly incidents: IncidentRepository,
    private readonly log: Log,
    private readonly progress: IncidentProgressService,
    private readonly metrics: IncidentsMetrics,
  ) {}

  /**
   * Looks at the one that has waited longest; false when none is due. Any number of instances may run it. One a transaction: alerts, pages and
   * people write to incidents too, and would wait for the looks at others.
   */
  async sweep(): Promise<boolean> {
    const taken: { id?: string | undefined } = {};
    try {
      await this.database.transaction(system('incident-sweep'), async (tx) => {
        taken.id = await this.incidents.takeDue(tx, this.clock.now());
        if (taken.id !== undefined) await this.progress.look(tx, taken.id);
      });
    } catch (error) {
      if (taken.id === undefined) throw error;
      await this.putOff(taken.id, error);
    }
    return taken.id !== undefined;
  }

  private async putOff(id: string, error: unknown): Promise<void> {
    await this.database.transaction(system('incident-sweep'), (tx) =>
      this.incidents.recheckAt(tx, id, new Date(this.clock.nowMs() + LOOK_AGAIN_MS)),
    );
    this.log.warn({ event: 'incidents.look_failed', incidentId: id, error }, 'an incident could not be looked at');
  }

  async measure(): Promise<void> {
    const open = await this.database.transaction(system('incident-sweep'), (tx) => this.incidents.countOpen(tx));
    this.metrics.setOpen(open);
  }
}
