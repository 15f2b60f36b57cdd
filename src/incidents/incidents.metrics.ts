import { Injectable } from '@nestjs/common';
import { Metrics } from '../platform/metrics/metrics.js';
import { SEVERITIES, type Severity } from './incident.js';

@Injectable()
export class IncidentsMetrics {
  readonly #open;

  constructor(metrics: Metrics) {
    this.#open = metrics.gauge('silowatch_incidents_open', 'Incidents that are not closed', ['severity']);
    // The series are there from the first scrape on; the sweep fills them within seconds.
    this.setOpen(new Map());
  }

  /** Severities that are missing in `open` count zero. */
  setOpen(open: ReadonlyMap<Severity, number>): void {
    for (const severity of SEVERITIES) this.#open.set({ severity }, open.get(severity) ?? 0);
  }
}
