import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { notFound } from '../platform/errors/domain-error.js';
import { STREAMS } from '../platform/event-log/topics.js';
import type { Silo } from '../silos/silo.js';
import { SiloDirectory } from '../silos/silo-directory.service.js';
import type { SiloDetail, SiloOverview, SiloOverviewList } from './silo-overview.schema.js';
import { type StreamStatistics, StreamStatisticsRepository } from './stream-statistics.repository.js';

/** An agent that was not heard of for so long is silent. */
const AGENT_SILENT_MS = 2 * 60_000;

interface SiloState {
  readonly openIncidents: ReadonlyMap<string, number>;
  readonly agentsSeen: ReadonlyMap<string, Date | null>;
}

/** The silos and how their streams are doing, as far as the asking person may see them. */
@Injectable()
export class SiloOverviewService {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly silos: SiloDirectory,
    private readonly statistics: StreamStatisticsRepository,
  ) {}

  list(staff: Staff): Promise<SiloOverviewList> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const silos = await this.silos.list(tx);
      const statistics = await this.statistics.all(tx);
      const state = await this.stateOf(tx);
      return { items: silos.map((silo) => this.overview(silo, statistics, state)), nextCursor: null };
    });
  }

  find(staff: Staff, tenant: string): Promise<SiloDetail> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const silo = await this.silos.find(tx, tenant);
      if (silo === undefined) throw notFound('The silo');
      const contacts = await this.silos.contacts(tx, tenant);
      const overview = this.overview(silo, await this.statistics.all(tx, tenant), await this.stateOf(tx));
      const { timeZone, language, jurisdictions } = silo;
      return {
        ...overview,
        timeZone,
        language,
        jurisdictions: [...jurisdictions],
        contacts: contacts.map(({ id, name, email, role, isVerified }) => ({ id, name, email, role, isVerified })),
      };
    });
  }

  /** Read models over rows of rooms further on: counted in one query each, changed by nobody here. */
  private async stateOf(tx: Tx): Promise<SiloState> {
    const open = await tx.query<{ tenant: string; count: string }[]>(
      `select t as tenant, count(*) from incidents i, unnest(i.tenants) as t where i.status in ('open', 'contained') group by t`,
    );
    const agents = await tx.query<{ tenant_id: string; seen: Date | null }[]>(
      'select tenant_id, max(last_seen_at) as seen from silo_agents where retired_at is null group by tenant_id',
    );
    return {
      openIncidents: new Map(open.map(({ tenant, count }) => [tenant, Number(count)])),
      agentsSeen: new Map(agents.map(({ tenant_id: tenant, seen }) => [tenant, seen])),
    };
  }

  private overview(silo: Silo, statistics: readonly StreamStatistics[], state: SiloState): SiloOverview {
    const { tenant, name, noticeHours } = silo;
    const seen = state.agentsSeen.get(tenant);
    const nowMs = this.clock.nowMs();
    const isOnline = seen !== undefined && seen !== null && nowMs - seen.getTime() < AGENT_SILENT_MS;
    return {
      tenant,
      name,
      state: silo.state,
      noticeHours,
      openIncidents: state.openIncidents.get(tenant) ?? 0,
      streams: STREAMS.map((stream) => {
        const known = statistics.find((one) => one.tenant === tenant && one.stream === stream);
        return {
          stream,
          lastEventAt: known?.lastEventAt?.toISOString() ?? null,
          eventsPerSecond: known?.eventsPerSecond ?? 0,
          lagRecords: known?.lagRecords ?? 0,
          lagSeconds: known?.lagSeconds ?? 0,
          deadLetters: known?.deadLetters ?? 0,
          parseFailures: known?.parseFailures ?? 0,
        };
      }),
      agent: {
        state: isOnline ? 'online' : seen === undefined ? 'none' : 'silent',
        lastSeenAt: seen?.toISOString() ?? null,
      },
    };
  }
}
