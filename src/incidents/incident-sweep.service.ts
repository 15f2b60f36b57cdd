import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { IncidentProgressService } from './incident-progress.service.js';
import { IncidentRepository } from './incident.repository.js';
import { IncidentsMetrics } from './incidents.metrics.js';

/** Each in a transaction of its own would lock shorter; a few together keep up with hundreds of incidents. */
const BATCH = 10;

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

  /** Returns how many were looked at; any number of instances may run it. */
  async sweep(): Promise<number> {
    return this.database.transaction(system('incident-sweep'), async (tx) => {
      const due = await this.incidents.takeDue(tx, this.clock.now(), BATCH);
      for (const id of due) await this.progress.look(tx, id);
      return due.length;
    });
  }

  async measure(): Promise<void> {
    const open = await this.database.transaction(system('incident-sweep'), (tx) => this.incidents.countOpen(tx));
    this.metrics.setOpen(open);
  }
}
