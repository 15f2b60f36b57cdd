import { Injectable } from '@nestjs/common';
import { INTAKE_OUTCOMES, type IntakeOutcomeKind } from '../../ingest/intake/intake-count.js';
import type { Tx } from '../../platform/database/database.js';
import type { Stream } from '../../platform/event-log/topics.js';
import type { SiloOrder, SiloOverviewList, SiloQuery } from './silo-overview.schema.js';

/** A silo as one row of the list. */
export interface SiloRow {
  readonly tenant: string;
  readonly name: string;
  readonly state: 'active' | 'removed';
  readonly noticeHours: number;
  readonly openIncidents: number;
  readonly hasAgent: boolean;
  readonly agentSeenAt: Date | null;
  /** What the list is ordered by, for its cursor. */
  readonly place: string;
}

/** Where a list goes on: behind the silo with this place in the order. */
export interface SiloCursor {
  readonly place: string;
  readonly tenant: string;
}

/** An agent that was not heard of for so long is silent. */
export const AGENT_SILENT_MS = 2 * 60_000;
/** Behind by less is an ordinary moment. */
const BEHIND_SECONDS = 30;

/** Texts and numbers sort each in their own way: a place is one of both. None depends on the time of asking, or what lies between two pages would move. */
const PLACES: Readonly<Record<SiloOrder, string>> = {
  name: 'lower(i.name)',
  lag: 'coalesce(s.lag_seconds, 0) * 1e9 + coalesce(s.lag_records, 0)',
  rate: 'coalesce(s.rate, 0)',
  // Behind all others where nothing came yet.
  quiet: `coalesce(-extract(epoch from s.last_event_at), -1e12)`,
  'dead-letters': 'coalesce(s.dead_letters, 0)',
  incidents: 'coalesce(o.n, 0)',
};

const FROM = `from silos i
  left join (
    select s.tenant_id, sum(events_per_second) as rate, sum(lag_records) as lag_records, max(lag_seconds) as lag_seconds,
      sum(dead_letters) as dead_letters, max(last_event_at) as last_event_at, bool_or(q.since is not null) as is_silent
    from stream_statistics s
    left join stream_silences q on q.tenant_id = s.tenant_id and q.stream = s.stream and q.ended_at is null
    group by s.tenant_id) s on s.tenant_id = i.tenant_id
  left join (
    select t as tenant_id, count(*) as n from incidents c, unnest(c.tenants) as t where c.status in ('open', 'contained') group by t
  ) o on o.tenant_id = i.tenant_id
  left join (
    select tenant_id, max(last_seen_at) as seen from silo_agents where retired_at is null group by tenant_id
  ) a on a.tenant_id = i.tenant_id`;

const IS_BEHIND = `coalesce(s.lag_seconds, 0) > ${BEHIND_SECONDS}`;
const IS_TROUBLE = `(i.state = 'active' and (coalesce(s.is_silent, false) or ${IS_BEHIND} or coalesce(o.n, 0) > 0
  or a.seen < $1::timestamptz - make_interval(secs => ${AGENT_SILENT_MS / 1000})))`;

/** A stream of an active silo; one without a stream for a silo that has none yet. */
export interface SiloFigure {
  readonly tenant: string;
  readonly stream: Stream | null;
  readonly lastEventAt: Date | null;
  readonly rate: number;
  readonly isSilent: boolean;
  readonly openIncidents: number;
  readonly hasAgent: boolean;
  readonly agentSeenAt: Date | null;
  /** What correlate keeps of it, as last measured; null before. */
  readonly keptGroups: number | null;
  readonly keptBytes: number | null;
}

interface Row {
  tenant_id: string;
  name: string;
  state: SiloRow['state'];
  notice_hours: number;
  open_incidents: string;
  has_agent: boolean;
  seen: Date | null;
  place: string;
}

/** Silos as people read them: over rows of rooms further on too, counted in one query each and changed by nobody here. */
@Injectable()
export class SiloOverviewRepository {
  async list(tx: Tx, query: SiloQuery, after: SiloCursor | undefined, now: Date): Promise<readonly SiloRow[]> {
    const place = PLACES[query.order];
    const isName = query.order === 'name';
    const type = isName ? 'text' : 'double precision';
    const behind = isName
      ? `(${place}, i.tenant_id) > ($2::${type}, $3::text)`
      : `(${place} < $2::${type} or (${place} = $2::${type} and i.tenant_id > $3::text))`;
    const search =
      query.q === undefined || query.q === '' ? null : `%${query.q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const rows = await tx.query<Row[]>(
      `select i.tenant_id, i.name, i.state, i.notice_hours, coalesce(o.n, 0) as open_incidents, a.tenant_id is not null as has_agent,
         a.seen, (${place})::text as place
       ${FROM}
       where ($1::timestamptz is not null) and ($2::${type} is null or ${behind})
         and ($4::text is null or i.name ilike $4 or i.tenant_id ilike $4) and ($5::boolean is not true or ${IS_TROUBLE})
       order by ${place} ${isName ? 'asc' : 'desc'}, i.tenant_id limit $6`,
      [now, after?.place ?? null, after?.tenant ?? null, search, query.show === 'trouble', query.limit + 1],
    );
    return rows.map(rowOf);
  }

  async find(tx: Tx, tenant: string): Promise<SiloRow | undefined> {
    const [row] = await tx.query<Row[]>(
      `select i.tenant_id, i.name, i.state, i.notice_hours, coalesce(o.n, 0) as open_incidents, a.tenant_id is not null as has_agent,
         a.seen, '' as place ${FROM} where i.tenant_id = $1`,
      [tenant],
    );
    return row === undefined ? undefined : rowOf(row);
  }

  async totals(tx: Tx, now: Date): Promise<SiloOverviewList['totals']> {
    const [row] = await tx.query<Record<'silos' | 'trouble' | 'silent' | 'behind', string>[]>(
      `select count(*) as silos, count(*) filter (where ${IS_TROUBLE}) as trouble,
         count(*) filter (where s.is_silent) as silent, count(*) filter (where ${IS_BEHIND}) as behind
       ${FROM} where i.state = 'active'`,
      [now],
    );
    const { silos = '0', trouble = '0', silent = '0', behind = '0' } = row ?? {};
    return { silos: Number(silos), trouble: Number(trouble), silent: Number(silent), behind: Number(behind) };
  }

  /** Of all active silos. */
  async figures(tx: Tx): Promise<readonly SiloFigure[]> {
    const rows = await tx.query<(Omit<SiloFigure, 'openIncidents'> & { openIncidents: string })[]>(
      `select i.tenant_id as tenant, t.stream, z.groups::double precision as "keptGroups", z.bytes::double precision as "keptBytes", t.last_event_at as "lastEventAt", coalesce(t.events_per_second, 0) as rate,
         q.since is not null as "isSilent", coalesce(o.n, 0) as "openIncidents", a.tenant_id is not null as "hasAgent",
         a.seen as "agentSeenAt"
       ${FROM}
       left join silo_state_sizes z on z.tenant_id = i.tenant_id
       left join stream_statistics t on t.tenant_id = i.tenant_id
       left join stream_silences q on q.tenant_id = t.tenant_id and q.stream = t.stream and q.ended_at is null
       where i.state = 'active'`,
    );
    return rows.map((row) => ({ ...row, openIncidents: Number(row.openIncidents) }));
  }

  async names(tx: Tx): Promise<{ tenant: string; name: string }[]> {
    return tx.query(`select tenant_id as tenant, name from silos order by lower(name), tenant_id`);
  }

  /** Events a minute of these silos, for `count` full minutes up to that of `now`. Minutes without an event are left out. */
  async minutes(
    tx: Tx,
    tenants: readonly string[],
    count: number,
    now: Date,
  ): Promise<readonly { readonly tenant: string; readonly at: Date; readonly events: number }[]> {
    const rows = await tx.query<{ tenant_id: string; minute: Date; events: string }[]>(
      `select tenant_id, minute, events from event_minutes
       where tenant_id = any($1) and minute >= date_trunc('minute', $2::timestamptz) - make_interval(mins => $3)
         and minute < date_trunc('minute', $2::timestamptz) order by tenant_id, minute`,
      [tenants, now, count],
    );
    return rows.map((row) => ({ tenant: row.tenant_id, at: row.minute, events: Number(row.events) }));
  }

  /** What came over HTTP, by what became of it. */
  async intake(
    tx: Tx,
    tenant: string,
  ): Promise<
    readonly {
      readonly outcome: IntakeOutcomeKind;
      readonly reason: string;
      readonly count: number;
      readonly lastAt: Date;
    }[]
  > {
    const rows = await tx.query<{ outcome: IntakeOutcomeKind; reason: string; count: string; last_at: Date }[]>(
      `select outcome, reason, count, last_at from intake_counts where tenant_id = $1
       order by array_position($2, outcome), count desc, reason`,
      [tenant, INTAKE_OUTCOMES],
    );
    return rows.map(({ outcome, reason, count, last_at: lastAt }) => {
      return { outcome, reason, count: Number(count), lastAt };
    });
  }

  async deadLetters(
    tx: Tx,
    tenant: string,
  ): Promise<
    readonly {
      readonly stream: Stream;
      readonly reason: string;
      readonly format: string;
      readonly records: number;
      readonly lastAt: Date;
      readonly partition: number;
      readonly offset: string;
    }[]
  > {
    const rows = await tx.query<
      {
        stream: Stream;
        reason: string;
        format: string;
        records: string;
        last_at: Date;
        last_partition: number;
        last_offset: string;
      }[]
    >('select * from dead_letter_counts where tenant_id = $1 order by last_at desc limit 50', [tenant]);
    return rows.map(
      ({ stream, reason, format, records, last_at: lastAt, last_partition: partition, last_offset: offset }) => {
        return { stream, reason, format, records: Number(records), lastAt, partition, offset };
      },
    );
  }
}

const rowOf = (row: Row): SiloRow => ({
  tenant: row.tenant_id,
  name: row.name,
  state: row.state,
  noticeHours: row.notice_hours,
  openIncidents: Number(row.open_incidents),
  hasAgent: row.has_agent,
  agentSeenAt: row.seen,
  place: row.place,
});
