import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import type { Stream } from '../../platform/event-log/topics.js';
import { type Gap, HABIT_WEEKS, LEAST_SILENCE_MS } from './habit.js';

/** A stream of which nothing has come for some time, as far as was looked. */
export interface QuietStream {
  readonly tenant: string;
  readonly stream: Stream;
  readonly timeZone: string;
  readonly firstArrivalMs: number;
  readonly lastArrivalMs: number;
  /** Nothing came since then, and it would have been read. */
  readonly quietFromMs: number;
  readonly readUpToMs: number;
}

/** A silence that was noticed. */
export interface Silence {
  readonly tenant: string;
  readonly stream: Stream;
  readonly since: Date;
  readonly allowedMs: number;
  readonly alertId: string;
}

interface QuietRow {
  tenant_id: string;
  stream: Stream;
  time_zone: string;
  first_arrival_at: Date;
  last_arrival_at: Date;
  quiet_from: Date;
  read_up_to: Date;
}

/** Only one instance looks at a time. */
const LOOKING_LOCK = 7_202_611_271;
const HABIT_MS = HABIT_WEEKS * 7 * 24 * 60 * 60 * 1000;
const KEEP_GAPS_MS = HABIT_MS + 15 * 24 * 60 * 60 * 1000;

/** Rows of `stream_gaps` and `stream_silences`. */
@Injectable()
export class SilenceRepository {
  /** Until the transaction ends; false where another instance looks. */
  async tryLock(tx: Tx): Promise<boolean> {
    const [row] = await tx.query<{ held: boolean }[]>('select pg_try_advisory_xact_lock($1) as held', [LOOKING_LOCK]);
    return row?.held === true;
  }

  /** Streams of active silos that are quiet long enough to ask, and whose silence has not been noticed. */
  async quiet(tx: Tx): Promise<readonly QuietStream[]> {
    const rows = await tx.query<QuietRow[]>(
      `select s.tenant_id, s.stream, i.time_zone, s.first_arrival_at, s.last_arrival_at, s.quiet_from, s.read_up_to
       from stream_statistics s join silos i on i.tenant_id = s.tenant_id and i.state = 'active'
       where s.read_up_to - s.quiet_from >= make_interval(secs => $1) and s.first_arrival_at is not null
         and not exists (select from stream_silences o where o.tenant_id = s.tenant_id and o.stream = s.stream and o.ended_at is null)
       order by s.tenant_id, s.stream`,
      [LEAST_SILENCE_MS / 1000],
    );
    return rows.map((row) => ({
      tenant: row.tenant_id,
      stream: row.stream,
      timeZone: row.time_zone,
      firstArrivalMs: row.first_arrival_at.getTime(),
      lastArrivalMs: row.last_arrival_at.getTime(),
      quietFromMs: row.quiet_from.getTime(),
      readUpToMs: row.read_up_to.getTime(),
    }));
  }

  /** How many streams of active silos spoke within the last day before `now`. */
  async speaking(tx: Tx, now: Date): Promise<number> {
    const [row] = await tx.query<{ streams: string }[]>(
      `select count(*) as streams from stream_statistics s join silos i on i.tenant_id = s.tenant_id and i.state = 'active'
       where s.last_arrival_at > $1::timestamptz - interval '1 day'`,
      [now],
    );
    return Number(row?.streams ?? 0);
  }

  async gaps(tx: Tx, tenant: string, stream: Stream, now: Date): Promise<readonly Gap[]> {
    const rows = await tx.query<{ started_at: Date; ended_at: Date }[]>(
      'select started_at, ended_at from stream_gaps where tenant_id = $1 and stream = $2 and hour > $3 order by hour',
      [tenant, stream, new Date(now.getTime() - KEEP_GAPS_MS)],
    );
    return rows.map((row) => ({ startMs: row.started_at.getTime(), endMs: row.ended_at.getTime() }));
  }

  async open(tx: Tx, tenants: readonly string[]): Promise<readonly { tenant: string; stream: Stream; since: Date }[]> {
    return tx.query(
      'select tenant_id as tenant, stream, since from stream_silences where tenant_id = any($1) and ended_at is null',
      [tenants],
    );
  }

  /** The latest few of a silo, newest first. */
  async latest(
    tx: Tx,
    tenant: string,
  ): Promise<readonly { stream: Stream; since: Date; noticedAt: Date; endedAt: Date | null; alertId: string }[]> {
    return tx.query(
      `select stream, since, noticed_at as "noticedAt", ended_at as "endedAt", alert_id as "alertId"
       from stream_silences where tenant_id = $1 order by since desc, stream limit 10`,
      [tenant],
    );
  }

  /** When each stream of a silo first spoke. */
  async firsts(tx: Tx, tenant: string): Promise<readonly { stream: Stream; firstMs: number }[]> {
    const rows = await tx.query<{ stream: Stream; first_arrival_at: Date }[]>(
      'select stream, first_arrival_at from stream_statistics where tenant_id = $1 and first_arrival_at is not null order by stream',
      [tenant],
    );
    return rows.map((row) => ({ stream: row.stream, firstMs: row.first_arrival_at.getTime() }));
  }

  async begin(tx: Tx, silence: Silence, now: Date): Promise<void> {
    await tx.query(
      `insert into stream_silences (tenant_id, stream, since, allowed_ms, noticed_at, alert_id) values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant_id, stream, since) do update set ended_at = null`,
      [silence.tenant, silence.stream, silence.since, Math.round(silence.allowedMs), now, silence.alertId],
    );
  }

  /** Ends those of streams that speak again or whose silo was removed, and says of which alerts they were. */
  async endOver(tx: Tx, now: Date): Promise<readonly { readonly alertId: string; readonly tenant: string }[]> {
    const [rows] = await tx.query<[{ alert_id: string; tenant_id: string }[], number]>(
      `update stream_silences o set ended_at = $1
       where o.ended_at is null and (
         exists (select from stream_statistics s where s.tenant_id = o.tenant_id and s.stream = o.stream and s.last_arrival_at > o.since)
         or not exists (select from silos i where i.tenant_id = o.tenant_id and i.state = 'active'))
       returning o.alert_id, o.tenant_id`,
      [now],
    );
    return rows.map((row) => ({ alertId: row.alert_id, tenant: row.tenant_id }));
  }

  async removeOld(tx: Tx, now: Date): Promise<void> {
    await tx.query('delete from stream_gaps where hour < $1', [new Date(now.getTime() - KEEP_GAPS_MS)]);
  }
}
