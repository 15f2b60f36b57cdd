import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { IncidentProgressService } from './incident-progress.service.js';
import { IncidentRepository } from './incident.repository.js';
import { IncidentsMetrics } from './incidents.metrics.js';

/** Looks at incidents whose time has come: quiet is over, a clock is due, another room wrote an entry. */
@Injectable()
export class IncidentSweepService {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly incidents: IncidentRepository,
    private readonly progress: IncidentProgressService,
    private readonly metrics: IncidentsMetrics,
  ) {}

  /**
   * Looks at the one that has waited longest; false when none is due. Any number of instances may run it. One a transaction: alerts, pages and
   * people write to incidents too, and would wait for the looks at others.
   */
  async sweep(): Promise<boolean> {
    return this.database.transaction(system('incident-sweep'), async (tx) => {
      const id = await this.incidents.takeDue(tx, this.clock.now());
      if (id !== undefined) await this.progress.look(tx, id);
      return id !== undefined;
    });
  }

  async measure(): Promise<void> {
    const open = await this.database.transaction(system('incident-sweep'), (tx) => this.incidents.countOpen(tx));
    this.metrics.setOpen(open);
  }
}
