import { Injectable } from '@nestjs/common';
import type { Gauge } from 'prom-client';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { system } from '../../platform/database/scope.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { AGENT_SILENT_MS, type SiloFigure, SiloOverviewRepository } from './silo-overview.repository.js';

/** Scrapes that come together are answered from one look. */
const FRESH_MS = 5_000;

/** What the database knows of each silo, as series of /metrics/silos: read when that is asked for, and at no other time. */
@Injectable()
export class SiloFigures {
  private read: Promise<readonly SiloFigure[]> | undefined;
  private readMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly overviews: SiloOverviewRepository,
    metrics: Metrics,
  ) {
    type Read = (figure: SiloFigure) => number | null;
    const declare = (name: string, help: string, labels: readonly ('silo' | 'stream')[], read: Read): void => {
      metrics.siloGauge(name, help, labels, (gauge: Gauge<'silo' | 'stream'>) => this.fill(gauge, labels, read));
    };
    const both = ['silo', 'stream'] as const;
    const seconds = (at: Date | null): number | null => (at === null ? null : at.getTime() / 1000);
    declare('silowatch_silo_last_event_timestamp_seconds', 'Time of the latest event', both, (figure) =>
      seconds(figure.lastEventAt),
    );
    declare('silowatch_silo_events_per_second', 'Records read a second, as last told', both, (figure) => figure.rate);
    declare('silowatch_silo_silent', 'Whether it is silent for longer than its habit', both, (figure) =>
      figure.isSilent ? 1 : 0,
    );
    declare(
      'silowatch_silo_open_incidents',
      'Incidents that are open or contained',
      ['silo'],
      (figure) => figure.openIncidents,
    );
    const kept = ', measured once a minute; groups across silos belong to none';
    declare(
      'silowatch_silo_state_groups',
      `Groups that correlate counts${kept}`,
      ['silo'],
      (figure) => figure.keptGroups,
    );
    declare(
      'silowatch_silo_state_bytes',
      `What they take in the database${kept}`,
      ['silo'],
      (figure) => figure.keptBytes,
    );
    const online = 'Whether the agent of the silo is heard of; left out for a silo without one';
    declare('silowatch_silo_agent_online', online, ['silo'], ({ hasAgent, agentSeenAt }) => {
      if (!hasAgent) return null;
      return agentSeenAt !== null && this.clock.nowMs() - agentSeenAt.getTime() < AGENT_SILENT_MS ? 1 : 0;
    });
  }

  private async fill(
    gauge: Gauge<'silo' | 'stream'>,
    labels: readonly ('silo' | 'stream')[],
    read: (figure: SiloFigure) => number | null,
  ): Promise<void> {
    for (const figure of await this.figures()) {
      const value = read(figure);
      if (value === null) continue;
      if (!labels.includes('stream')) gauge.set({ silo: figure.tenant }, value);
      else if (figure.stream !== null) gauge.set({ silo: figure.tenant, stream: figure.stream }, value);
    }
  }

  private figures(): Promise<readonly SiloFigure[]> {
    const nowMs = this.clock.nowMs();
    if (this.read !== undefined && nowMs - this.readMs < FRESH_MS) return this.read;
    this.readMs = nowMs;
    this.read = this.database.transaction(system('operator'), (tx) => this.overviews.figures(tx));
    // A failed look is not remembered.
    this.read.catch(() => (this.read = undefined));
    return this.read;
  }
}
