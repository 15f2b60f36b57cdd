import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import { STREAMS } from '../../platform/event-log/topics.js';
import { AGENT_SILENT_MS, SiloOverviewRepository, type SiloRow } from './silo-overview.repository.js';
import type { SiloOverview, SiloOverviewList } from './silo-overview.schema.js';
import { SilenceRepository } from '../silence/silence.repository.js';
import { type SiloSignalWork, StageWorkRepository } from '../books/stage-work.repository.js';
import { type StateSize, StateSizeRepository } from '../books/state-size.repository.js';
import { type StreamStatistics, StreamStatisticsRepository } from '../books/stream-statistics.repository.js';

const SPARK_MINUTES = 30;
const MINUTE_MS = 60_000;

/** What is shown of silos: gathered from what their streams, silences, state and agents leave behind. */
@Injectable()
export class SiloViews {
  constructor(
    private readonly overviews: SiloOverviewRepository,
    private readonly silences: SilenceRepository,
    private readonly sizes: StateSizeRepository,
    private readonly statistics: StreamStatisticsRepository,
    private readonly work: StageWorkRepository,
  ) {}

  /** Of all silos together. */
  async together(tx: Tx): Promise<SiloOverviewList['pipeline']> {
    const steps = await this.work.all(tx);
    return {
      steps: steps.map(({ latestAt, ...step }) => ({ ...step, latestAt: latestAt.toISOString() })),
      state: stateView(await this.sizes.total(tx)),
    };
  }

  /** One a row, in order. */
  async of(tx: Tx, rows: readonly SiloRow[], now: Date): Promise<SiloOverview[]> {
    const tenants = rows.map(({ tenant }) => tenant);
    const statistics = Map.groupBy(await this.statistics.of(tx, tenants), ({ tenant }) => tenant);
    const silences = Map.groupBy(await this.silences.open(tx, tenants), ({ tenant }) => tenant);
    const sizes = await this.sizes.of(tx, tenants);
    const shares = await this.work.signalWork(tx, tenants);
    const minutes = Map.groupBy(await this.overviews.minutes(tx, tenants, SPARK_MINUTES, now), ({ tenant }) => tenant);
    return rows.map((row) => {
      const { tenant, name, state, noticeHours, openIncidents } = row;
      const silent = new Map((silences.get(tenant) ?? []).map(({ stream, since }) => [stream, since]));
      return {
        tenant,
        name,
        state,
        noticeHours,
        openIncidents,
        streams: STREAMS.map((stream) => {
          const known = (statistics.get(tenant) ?? []).find((one) => one.stream === stream);
          return { stream, ...streamView(known), silentSince: silent.get(stream)?.toISOString() ?? null };
        }),
        kept: stateView(sizes.get(tenant)),
        counted: countedView(shares.get(tenant)),
        agent: agentView(row, now),
        minutes: filled(minutes.get(tenant) ?? [], SPARK_MINUTES, now),
      };
    });
  }
}

const streamView = (
  known: StreamStatistics | undefined,
): Omit<SiloOverview['streams'][number], 'stream' | 'silentSince'> => ({
  lastEventAt: known?.lastEventAt?.toISOString() ?? null,
  eventsPerSecond: known?.eventsPerSecond ?? 0,
  lagRecords: known?.lagRecords ?? 0,
  lagSeconds: known?.lagSeconds ?? 0,
  deadLetters: known?.deadLetters ?? 0,
  parseFailures: known?.parseFailures ?? 0,
  batches: {
    count: known?.batches ?? 0,
    matchSeconds: known?.matchSeconds ?? 0,
    sendSeconds: known?.sendSeconds ?? 0,
    latest: known?.latest ?? null,
  },
  rebalances: known?.rebalances ?? 0,
  rebalancedAt: known?.rebalancedAt?.toISOString() ?? null,
});

const stateView = (size: StateSize | undefined): SiloOverview['kept'] =>
  size === undefined ? null : { ...size, measuredAt: size.measuredAt.toISOString() };

const countedView = (work: SiloSignalWork | undefined): SiloOverview['counted'] =>
  work === undefined ? null : { ...work, latestAt: work.latestAt.toISOString() };

function agentView({ hasAgent, agentSeenAt }: SiloRow, now: Date): SiloOverview['agent'] {
  const isOnline = agentSeenAt !== null && now.getTime() - agentSeenAt.getTime() < AGENT_SILENT_MS;
  return {
    state: isOnline ? 'online' : hasAgent ? 'silent' : 'none',
    lastSeenAt: agentSeenAt?.toISOString() ?? null,
  };
}

function filled(known: readonly { readonly at: Date; readonly events: number }[], count: number, now: Date): number[] {
  const startMs = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS - count * MINUTE_MS;
  const events = Array.from({ length: count }, () => 0);
  for (const { at, events: n } of known) events[(at.getTime() - startMs) / MINUTE_MS] = n;
  return events;
}
