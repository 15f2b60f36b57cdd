import { Injectable } from '@nestjs/common';
import type { StreamCounts } from '../detect/signal-message.js';
import type { Tx } from '../platform/database/database.js';
import type { Stream } from '../platform/event-log/topics.js';

export interface StreamStatistics {
  readonly tenant: string;
  readonly stream: Stream;
  readonly lastEventAt: Date | null;
  readonly eventsPerSecond: number;
  readonly lagRecords: number;
  readonly lagSeconds: number;
  readonly deadLetters: number;
  readonly parseFailures: number;
}

interface StatisticsRow {
  tenant_id: string;
  stream: Stream;
  last_event_at: Date | null;
  events_per_second: number;
  lag_records: string;
  lag_seconds: number;
  dead_letters: string;
  parse_failures: string;
}

const KEEP_MINUTES_MS = 48 * 60 * 60 * 1000;

/** What is known of each silo's streams. */
@Injectable()
export class StreamStatisticsRepository {
  async all(tx: Tx, tenant: string | null = null): Promise<readonly StreamStatistics[]> {
    const rows = await tx.query<StatisticsRow[]>(
      `select tenant_id, stream, last_event_at, events_per_second, lag_records, lag_seconds, dead_letters, parse_failures
       from stream_statistics where $1::text is null or tenant_id = $1 order by tenant_id, stream`,
      [tenant],
    );
    return rows.map((row) => ({
      tenant: row.tenant_id,
      stream: row.stream,
      lastEventAt: row.last_event_at,
      eventsPerSecond: row.events_per_second,
      lagRecords: Number(row.lag_records),
      lagSeconds: row.lag_seconds,
      deadLetters: Number(row.dead_letters),
      parseFailures: Number(row.parse_failures),
    }));
  }

  /** Takes in what was counted in `seconds`. */
  async add(tx: Tx, counts: readonly StreamCounts[], seconds: number, now: Date): Promise<void> {
    if (counts.length === 0) return;
    const sums = sumUp(counts);
    const column = <T>(read: (count: StreamCounts) => T): T[] => sums.map(read);
    const columns = [
      column(({ tenant }) => tenant),
      column(({ stream }) => stream),
      column(({ events }) => events),
      column(({ parseFailures }) => parseFailures),
      column(({ deadLetters }) => deadLetters),
      column(({ lastEventMs }) => (lastEventMs === null ? null : new Date(lastEventMs))),
      column(({ lagRecords }) => lagRecords),
      column(({ lagSeconds }) => lagSeconds),
    ];
    await tx.query(
      `insert into stream_statistics as s
         (tenant_id, stream, events, parse_failures, dead_letters, last_event_at, lag_records, lag_seconds, events_per_second, updated_at)
       select t, m, e, p, d, a, r, l, e / $9::double precision, $10::timestamptz
       from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::bigint[], $8::double precision[])
         as c (t, m, e, p, d, a, r, l)
       on conflict (tenant_id, stream) do update set
         events = s.events + excluded.events, parse_failures = s.parse_failures + excluded.parse_failures,
         dead_letters = s.dead_letters + excluded.dead_letters,
         last_event_at = greatest(s.last_event_at, excluded.last_event_at),
         lag_records = excluded.lag_records, lag_seconds = excluded.lag_seconds,
         events_per_second = excluded.events_per_second, updated_at = excluded.updated_at`,
      [...columns, Math.max(seconds, 0.5), now],
    );
    await tx.query(
      `insert into event_minutes as m (tenant_id, minute, events)
       select t, date_trunc('minute', $3::timestamptz), sum(e) from unnest($1::text[], $2::bigint[]) as c (t, e)
       group by t having sum(e) > 0
       on conflict (tenant_id, minute) do update set events = m.events + excluded.events`,
      [columns[0], columns[2], now],
    );
  }

  async removeOld(tx: Tx, now: Date): Promise<void> {
    await tx.query('delete from event_minutes where minute < $1', [new Date(now.getTime() - KEEP_MINUTES_MS)]);
  }
}

function sumUp(counts: readonly StreamCounts[]): readonly StreamCounts[] {
  const sums = new Map<string, StreamCounts>();
  for (const count of counts) {
    const key = `${count.tenant} ${count.stream}`;
    const sum = sums.get(key);
    sums.set(key, {
      ...count,
      events: count.events + (sum?.events ?? 0),
      parseFailures: count.parseFailures + (sum?.parseFailures ?? 0),
      deadLetters: count.deadLetters + (sum?.deadLetters ?? 0),
      lastEventMs: Math.max(count.lastEventMs ?? 0, sum?.lastEventMs ?? 0) || null,
    });
  }
  return [...sums.values()];
}
