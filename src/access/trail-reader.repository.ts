import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { TrailPage, TrailQuery } from './access.schema.js';

interface EntryRow {
  readonly id: string;
  readonly at: Date;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly actor_name: string | null;
  readonly actor_ip: string | null;
  readonly action: string;
  readonly object_type: string;
  readonly object_id: string;
  readonly tenant_id: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly seq: string | null;
  readonly chain_hash: string | null;
}

/** Reads the trail for people, newest first. */
@Injectable()
export class TrailReader {
  async page(tx: Tx, query: TrailQuery): Promise<TrailPage> {
    const rows = await tx.query<EntryRow[]>(
      `select e.id, e.at, e.actor_kind, e.actor_id, s.name as actor_name, e.actor_ip, e.action, e.object_type, e.object_id, e.tenant_id,
         e.before, e.after, x.seq, x.chain_hash
       from trail_entries e
         left join trail_seals x on x.entry_id = e.id
         left join staff s on e.actor_kind = 'staff' and s.id::text = e.actor_id
       where ($1::uuid is null or e.id < $1) and ($2::text is null or e.action = $2)
         and ($3::text is null or e.actor_id = $3 or lower(s.name) = lower($3) or s.email = lower($3))
       order by e.id desc limit $4`,
      [query.cursor ?? null, query.action ?? null, query.actor ?? null, query.limit + 1],
    );
    const shown = rows.slice(0, query.limit);
    return {
      items: shown.map((row) => ({
        id: row.id,
        at: row.at.toISOString(),
        actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name, ip: row.actor_ip },
        action: row.action,
        object: { type: row.object_type, id: row.object_id },
        tenant: row.tenant_id,
        before: row.before,
        after: row.after,
        seal: row.seq === null || row.chain_hash === null ? null : { seq: Number(row.seq), chainHash: row.chain_hash },
      })),
      nextCursor: rows.length > query.limit ? (shown.at(-1)?.id ?? null) : null,
    };
  }
}
