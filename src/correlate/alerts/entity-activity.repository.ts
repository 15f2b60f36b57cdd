import { Injectable } from '@nestjs/common';
import type { Entity } from '../../detect/entity.js';
import type { SeenEntity } from '../../detect/signal-message.js';
import type { Tx } from '../../platform/database/database.js';

export interface EntityActivity {
  /** Time of the latest event that named the entity, as far as the streams have been read; null for none since it is watched. */
  readonly lastEventAt: Date | null;
  readonly count: number;
}

/** Somebody to hear of. `lastEventAt`: the event that names them already, if any. */
export interface Watch {
  readonly tenant: string;
  readonly entity: Entity;
  readonly lastEventAt: Date | null;
}

/**
 * When watched entities last did something, from every event of their silo and not only from matches. Detection looks at the list every other
 * second and tells once a second; how far a silo's streams have been read is in `stream_statistics`.
 */
@Injectable()
export class EntityActivityRepository {
  /** Watches these entities until then; a watch that stands is only ever prolonged. */
  async watch(tx: Tx, watches: readonly Watch[], until: Date): Promise<void> {
    if (watches.length === 0) return;
    await tx.query(
      `insert into entity_activity as a (tenant_id, entity_kind, entity_value, last_event_at, watched_until)
       select t, k, v, max(l), $5::timestamptz
       from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) as e (t, k, v, l)
       group by t, k, v order by t, k, v
       on conflict (tenant_id, entity_kind, entity_value) do update set
         last_event_at = greatest(a.last_event_at, excluded.last_event_at),
         watched_until = greatest(a.watched_until, excluded.watched_until)`,
      [
        watches.map(({ tenant }) => tenant),
        watches.map(({ entity }) => entity.kind),
        watches.map(({ entity }) => entity.value),
        watches.map(({ lastEventAt }) => lastEventAt),
        until,
      ],
    );
  }

  async find(tx: Tx, tenant: string, { kind, value }: Entity): Promise<EntityActivity | undefined> {
    const [row] = await tx.query<{ last_event_at: Date | null; count: string }[]>(
      'select last_event_at, count from entity_activity where tenant_id = $1 and entity_kind = $2 and entity_value = $3',
      [tenant, kind, value],
    );
    return row === undefined ? undefined : { lastEventAt: row.last_event_at, count: Number(row.count) };
  }

  /** Takes in what detection saw of watched entities. */
  async saw(tx: Tx, seen: readonly SeenEntity[]): Promise<void> {
    if (seen.length === 0) return;
    await tx.query(
      `update entity_activity a set last_event_at = greatest(a.last_event_at, s.last), count = a.count + s.count
       from (select t, k, v, max(l) as last, sum(n) as count
             from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[]) as e (t, k, v, l, n)
             group by t, k, v) s
       where a.tenant_id = s.t and a.entity_kind = s.k and a.entity_value = s.v`,
      [
        seen.map(({ tenant }) => tenant),
        seen.map(({ entity }) => entity.kind),
        seen.map(({ entity }) => entity.value),
        seen.map(({ lastMs }) => new Date(lastMs)),
        seen.map(({ count }) => count),
      ],
    );
  }

  async removeOver(tx: Tx, now: Date): Promise<void> {
    // Whoever holds one of them is prolonging it, or it is removed the next time.
    await tx.query(
      `delete from entity_activity where (tenant_id, entity_kind, entity_value) in (
         select tenant_id, entity_kind, entity_value from entity_activity where watched_until < $1 for update skip locked)`,
      [now],
    );
  }
}
