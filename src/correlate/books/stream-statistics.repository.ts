import { Injectable } from '@nestjs/common';
import type { StreamCounts } from '../../detect/signal-message.js';
import { addCounts } from '../../detect/stream-tally.js';
import { GAP_MS } from '../../ingest/arrivals.js';
import type { Tx } from '../../platform/database/database.js';
import type { Stream } from '../../platform/event-log/topics.js';

export interface StreamStatistics {
  readonly tenant: string;
  readonly stream: Stream;
  readonly lastEventAt: Date | null;
  readonly eventsPerSecond: number;
  readonly lagRecords: number;
  readonly lagSeconds: number;
  readonly deadLetters: number;
  readonly parseFailures: number;
  readonly batches: number;
  /** Of all its batches. */
  readonly matchSeconds: number;
  readonly sendSeconds: number;
  /** Of one batch, on average of those told last; undefined before the first. */
  readonly latest: { readonly matchSeconds: number; readonly sendSeconds: number } | undefined;
  readonly rebalances: number;
  readonly rebalancedAt: Date | null;
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
  batches: string;
  match_seconds: number;
  send_seconds: number;
  latest_match_seconds: number | null;
  latest_send_seconds: number | null;
  rebalances: string;
  rebalanced_at: Date | null;
}

/** Without word of a stream for so long, it is not known what came meanwhile. Quiet streams are told every 10 s. */
const UNWATCHED_MS = 2 * 60_000;
const KEEP_MINUTES_MS = 48 * 60 * 60 * 1000;

/** What is known of each silo's streams. */
@Injectable()
export class StreamStatisticsRepository {
  async of(tx: Tx, tenants: readonly string[]): Promise<readonly StreamStatistics[]> {
    const rows = await tx.query<StatisticsRow[]>(
      `select tenant_id, stream, last_event_at, events_per_second, lag_records, lag_seconds, dead_letters, parse_failures, batches,
         match_seconds, send_seconds, latest_match_seconds, latest_send_seconds, rebalances, rebalanced_at
       from stream_statistics where tenant_id = any($1) order by tenant_id, stream`,
      [tenants],
    );
    return rows.map(statisticsOf);
  }

  /** Takes in what was counted in `seconds`. */
  async add(tx: Tx, counts: readonly StreamCounts[], seconds: number, now: Date): Promise<void> {
    if (counts.length === 0) return;
    const sums = sumUp(counts);
    await this.addGaps(tx, sums);
    await this.addCounts(tx, sums, seconds, now);
    await this.addRefused(tx, sums);
    const events = sums.filter((sum) => sum.events > 0);
    if (events.length === 0) return;
    await tx.query(
      `insert into event_minutes as m (tenant_id, minute, events)
       select t, date_trunc('minute', $3::timestamptz), sum(e) from unnest($1::text[], $2::bigint[]) as c (t, e) group by t
       on conflict (tenant_id, minute) do update set events = m.events + excluded.events`,
      [events.map(({ tenant }) => tenant), events.map((sum) => sum.events), now],
    );
  }

  /**
   * `quiet_from` is the moment since which nothing came although it would have been noticed. Where it was not known for a while what came,
   * because nobody read or the log did not answer, it begins anew: whether a silo was silent meanwhile, nobody can say.
   */
  private async addCounts(tx: Tx, sums: readonly StreamCounts[], seconds: number, now: Date): Promise<void> {
    const column = <T>(read: (count: StreamCounts) => T): T[] => sums.map(read);
    await tx.query(
      `insert into stream_statistics as s
         (tenant_id, stream, events, parse_failures, dead_letters, last_event_at, lag_records, lag_seconds, events_per_second, updated_at,
          first_arrival_at, last_arrival_at, read_up_to, quiet_from,
          batches, match_seconds, send_seconds, latest_match_seconds, latest_send_seconds, rebalances, rebalanced_at)
       select t, m, e, p, d, a, r, l, e / $9::double precision, $10::timestamptz, fa, la, u, coalesce(la, u),
         b, ms, ss, ms / nullif(b, 0), ss / nullif(b, 0), rb, case when rb > 0 then $10::timestamptz end
       from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::bigint[], $8::double precision[],
         $11::timestamptz[], $12::timestamptz[], $13::timestamptz[],
         $15::bigint[], $16::double precision[], $17::double precision[], $18::bigint[])
         as c (t, m, e, p, d, a, r, l, fa, la, u, b, ms, ss, rb)
       on conflict (tenant_id, stream) do update set
         events = s.events + excluded.events, parse_failures = s.parse_failures + excluded.parse_failures,
         dead_letters = s.dead_letters + excluded.dead_letters,
         last_event_at = greatest(s.last_event_at, excluded.last_event_at),
         lag_records = excluded.lag_records, lag_seconds = excluded.lag_seconds,
         events_per_second = excluded.events_per_second, updated_at = excluded.updated_at,
         first_arrival_at = least(s.first_arrival_at, excluded.first_arrival_at),
         last_arrival_at = greatest(s.last_arrival_at, excluded.last_arrival_at),
         read_up_to = greatest(s.read_up_to, excluded.read_up_to),
         batches = s.batches + excluded.batches, match_seconds = s.match_seconds + excluded.match_seconds,
         send_seconds = s.send_seconds + excluded.send_seconds,
         latest_match_seconds = coalesce(excluded.latest_match_seconds, s.latest_match_seconds),
         latest_send_seconds = coalesce(excluded.latest_send_seconds, s.latest_send_seconds),
         rebalances = s.rebalances + excluded.rebalances, rebalanced_at = coalesce(excluded.rebalanced_at, s.rebalanced_at),
         quiet_from = case
           when s.read_up_to is null or excluded.read_up_to - s.read_up_to > make_interval(secs => $14) then excluded.read_up_to
           else greatest(s.quiet_from, excluded.last_arrival_at) end`,
      [
        column(({ tenant }) => tenant),
        column(({ stream }) => stream),
        column(({ events }) => events),
        column(({ parseFailures }) => parseFailures),
        column(({ deadLetters }) => deadLetters),
        column(({ lastEventMs }) => dateOf(lastEventMs)),
        column(({ lagRecords }) => lagRecords),
        column(({ lagSeconds }) => lagSeconds),
        Math.max(seconds, 0.5),
        now,
        column(({ arrivals }) => dateOf(arrivals?.firstMs)),
        column(({ arrivals }) => dateOf(arrivals?.lastMs)),
        column(({ readUpToMs }) => dateOf(readUpToMs)),
        UNWATCHED_MS / 1000,
        column(({ work }) => work?.[0] ?? 0),
        column(({ work }) => (work?.[1] ?? 0) / 1e6),
        column(({ work }) => (work?.[2] ?? 0) / 1e6),
        column(({ rebalances }) => rebalances ?? 0),
      ],
    );
  }

  /** The gap since the last record before, or the longest within: whichever is longer is what its hour is remembered for. */
  private async addGaps(tx: Tx, sums: readonly StreamCounts[]): Promise<void> {
    const arrived = sums.flatMap(({ tenant, stream, arrivals }) =>
      arrivals === undefined ? [] : [{ tenant, stream, ...arrivals }],
    );
    if (arrived.length === 0) return;
    await tx.query(
      `insert into stream_gaps as g (tenant_id, stream, hour, started_at, ended_at)
       select distinct on (t, m, date_trunc('hour', gap_end)) t, m, date_trunc('hour', gap_end), gap_start, gap_end
       from (
         select c.t, c.m, s.last_arrival_at as gap_start, c.f as gap_end
         from unnest($1::text[], $2::text[], $3::timestamptz[]) as c (t, m, f)
         join stream_statistics s on s.tenant_id = c.t and s.stream = c.m
         union all
         select t, m, b, e from unnest($1::text[], $2::text[], $4::timestamptz[], $5::timestamptz[]) as c (t, m, b, e)
       ) as gaps
       where gap_end - gap_start >= make_interval(secs => $6)
       order by t, m, date_trunc('hour', gap_end), gap_end - gap_start desc
       on conflict (tenant_id, stream, hour) do update set started_at = excluded.started_at, ended_at = excluded.ended_at
       where excluded.ended_at - excluded.started_at > g.ended_at - g.started_at`,
      [
        arrived.map(({ tenant }) => tenant),
        arrived.map(({ stream }) => stream),
        arrived.map(({ firstMs }) => new Date(firstMs)),
        arrived.map(({ gap }) => dateOf(gap?.[0])),
        arrived.map(({ gap }) => dateOf(gap?.[1])),
        GAP_MS / 1000,
      ],
    );
  }

  private async addRefused(tx: Tx, sums: readonly StreamCounts[]): Promise<void> {
    const refused = sums.flatMap(({ tenant, stream, refused: all = [] }) =>
      all.map((one) => ({ tenant, stream, ...one })),
    );
    if (refused.length === 0) return;
    await tx.query(
      `insert into dead_letter_counts as d (tenant_id, stream, reason, format, records, last_at, last_partition, last_offset)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::integer[], $8::bigint[])
       on conflict (tenant_id, stream, reason, format) do update set records = d.records + excluded.records,
         last_at = excluded.last_at, last_partition = excluded.last_partition, last_offset = excluded.last_offset`,
      [
        refused.map(({ tenant }) => tenant),
        refused.map(({ stream }) => stream),
        refused.map(({ reason }) => reason),
        refused.map(({ format }) => format),
        refused.map(({ count }) => count),
        refused.map(({ arrivalMs }) => new Date(arrivalMs)),
        refused.map(({ partition }) => partition),
        refused.map(({ offset }) => offset),
      ],
    );
  }

  async removeOld(tx: Tx, now: Date): Promise<void> {
    await tx.query('delete from event_minutes where minute < $1', [new Date(now.getTime() - KEEP_MINUTES_MS)]);
  }
}

const statisticsOf = (row: StatisticsRow): StreamStatistics => ({
  tenant: row.tenant_id,
  stream: row.stream,
  lastEventAt: row.last_event_at,
  eventsPerSecond: row.events_per_second,
  lagRecords: Number(row.lag_records),
  lagSeconds: row.lag_seconds,
  deadLetters: Number(row.dead_letters),
  parseFailures: Number(row.parse_failures),
  batches: Number(row.batches),
  matchSeconds: row.match_seconds,
  sendSeconds: row.send_seconds,
  latest:
    row.latest_match_seconds === null || row.latest_send_seconds === null
      ? undefined
      : { matchSeconds: row.latest_match_seconds, sendSeconds: row.latest_send_seconds },
  rebalances: Number(row.rebalances),
  rebalancedAt: row.rebalanced_at,
});

const dateOf = (ms: number | null | undefined): Date | null => (ms === null || ms === undefined ? null : new Date(ms));

function sumUp(counts: readonly StreamCounts[]): readonly StreamCounts[] {
  const sums = new Map<string, StreamCounts>();
  for (const count of counts) {
    const key = `${count.tenant} ${count.stream}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? count : addCounts(sum, count));
  }
  return [...sums.values()];
}
