import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';

export interface MinuteRates {
  readonly at: Date;
  readonly events: number;
  readonly alerts: number;
}

export interface SiloNeedingLook {
  readonly tenant: string;
  readonly why: string;
}

export interface BrokenPromise {
  readonly promise: string;
  readonly alerts: number;
  readonly since: Date;
}

/** Figures of the last hour and day, from what ingest and correlate count, under the reader's scope. */
@Injectable()
export class NowRepository {
  /** One row a minute for the 60 minutes that end with the minute of `now`, oldest first. */
  async minutes(tx: Tx, now: Date): Promise<readonly MinuteRates[]> {
    const rows = await tx.query<{ at: Date; events: string; alerts: string }[]>(
      `select m.at, coalesce(e.n, 0) as events, coalesce(a.n, 0) as alerts
       from generate_series(date_trunc('minute', $1::timestamptz) - interval '59 minutes', date_trunc('minute', $1::timestamptz), interval '1 minute') as m (at)
       left join (select minute, sum(events) as n from event_minutes where minute > $1::timestamptz - interval '61 minutes' group by minute) e
         on e.minute = m.at
       left join (select date_trunc('minute', created_at) as minute, count(*) as n from alerts
         where created_at > $1::timestamptz - interval '61 minutes' group by 1) a on a.minute = m.at
       order by m.at`,
      [now],
    );
    return rows.map((row) => ({ at: row.at, events: Number(row.events), alerts: Number(row.alerts) }));
  }

  async eventsPerSecond(tx: Tx, now: Date): Promise<number> {
    const rows = await tx.query<{ rate: number | null }[]>(
      `select sum(events_per_second) as rate from stream_statistics where updated_at > $1::timestamptz - interval '30 seconds'`,
      [now],
    );
    return rows[0]?.rate ?? 0;
  }

  /** Silos with a stream that never spoke, is silent beyond its habit (an alert says so too), or is read late. */
  async silosNeedingLook(tx: Tx, now: Date): Promise<readonly SiloNeedingLook[]> {
    return tx.query(
      `select tenant_id as tenant, why from (
         select s.tenant_id, case
           when o.since is not null
             then format('No %s records since %s UTC', s.stream, to_char(o.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI'))
           when s.last_event_at is null then format('No %s records yet', s.stream)
           when s.lag_seconds > 60 and s.updated_at > $1::timestamptz - interval '1 minute'
             then format('%s records are read %s s late', s.stream, round(s.lag_seconds))
         end as why
         from stream_statistics s
         left join stream_silences o on o.tenant_id = s.tenant_id and o.stream = s.stream and o.ended_at is null) s
       where why is not null order by tenant_id limit 100`,
      [now],
    );
  }

  /** Promises with alerts in the last day that nobody judged false or harmless. */
  async brokenPromises(tx: Tx, now: Date): Promise<readonly BrokenPromise[]> {
    const rows = await tx.query<{ promise: string; alerts: string; since: Date }[]>(
      `select p as promise, count(*) as alerts, min(first_event_at) as since
       from alerts a cross join unnest(a.promises) as p
       where a.created_at > $1::timestamptz - interval '24 hours' and (a.verdict is null or a.verdict = 'true_positive')
       group by p order by count(*) desc, p`,
      [now],
    );
    return rows.map((row) => ({ promise: row.promise, alerts: Number(row.alerts), since: row.since }));
  }
}
