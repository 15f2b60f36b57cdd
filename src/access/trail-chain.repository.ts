import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { GENESIS, type Seal, type TrailRow } from './trail-chain.js';

/** One sealer at a time, over all instances. */
const SEALER_LOCK = 7_345_003;

const ROW = `e.id::text as id, to_char(e.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, e.actor_kind as "actorKind",
  e.actor_id as "actorId", e.actor_ip as "actorIp", e.action, e.object_type as "objectType", e.object_id as "objectId",
  e.tenant_id as tenant, e.before::text as before, e.after::text as after`;

export interface SealedRow {
  readonly seal: Seal;
  /** Absent: the entry was deleted. */
  readonly row: TrailRow | undefined;
}

interface SealRow extends Record<Exclude<keyof TrailRow, 'id'>, string | null> {
  readonly seq: string;
  readonly entry_id: string;
  readonly entry_hash: string;
  readonly chain_hash: string;
  readonly id: string | null;
}

/** Reads and extends the chain of seals. */
@Injectable()
export class TrailChainRepository {
  constructor(private readonly clock: Clock) {}

  /** Whether this transaction is the sealer now. */
  async lock(tx: Tx): Promise<boolean> {
    const rows = await tx.query<{ mine: boolean }[]>('select pg_try_advisory_xact_lock($1) as mine', [SEALER_LOCK]);
    return rows[0]?.mine === true;
  }

  /** Takes up to `limit` entries that no seal covers, in the order in which they are to be chained. */
  async takeUnsealed(tx: Tx, limit: number): Promise<readonly TrailRow[]> {
    const [taken] = await tx.query<[{ entry_id: string }[], number]>(
      `delete from trail_unsealed where entry_id in (select entry_id from trail_unsealed order by entry_id limit $1) returning entry_id`,
      [limit],
    );
    if (taken.length === 0) return [];
    return tx.query<TrailRow[]>(`select ${ROW} from trail_entries e where e.id = any($1) order by e.at, e.id`, [
      taken.map(({ entry_id }) => entry_id),
    ]);
  }

  async last(tx: Tx): Promise<Pick<Seal, 'seq' | 'chainHash'>> {
    const rows = await tx.query<{ seq: string; chain_hash: string }[]>(
      `select seq, chain_hash from trail_seals order by seq desc limit 1`,
    );
    const row = rows[0];
    return row === undefined ? { seq: 0, chainHash: GENESIS } : { seq: Number(row.seq), chainHash: row.chain_hash };
  }

  async append(tx: Tx, seals: readonly Seal[]): Promise<void> {
    await tx.query(
      `insert into trail_seals (seq, entry_id, entry_hash, chain_hash, sealed_at)
       select seq, entry_id, entry_hash, chain_hash, $5 from unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[])
         as s (seq, entry_id, entry_hash, chain_hash)`,
      [
        seals.map((seal) => seal.seq),
        seals.map((seal) => seal.entryId),
        seals.map((seal) => seal.entryHash),
        seals.map((seal) => seal.chainHash),
        this.clock.now(),
      ],
    );
  }

  /** Seals from `after` on with their entries, in order. */
  async page(tx: Tx, after: number, limit: number): Promise<readonly SealedRow[]> {
    const rows = await tx.query<SealRow[]>(
      `select s.seq, s.entry_id, s.entry_hash, s.chain_hash, ${ROW}
       from trail_seals s left join trail_entries e on e.id = s.entry_id where s.seq > $1 order by s.seq limit $2`,
      [after, limit],
    );
    return rows.map((row) => ({
      seal: { seq: Number(row.seq), entryId: row.entry_id, entryHash: row.entry_hash, chainHash: row.chain_hash },
      row: row.id === null ? undefined : (row as unknown as TrailRow),
    }));
  }

  /** An entry that neither a seal covers nor the sealer is going to: it was put in beside the service. */
  async firstStray(tx: Tx): Promise<string | undefined> {
    const rows = await tx.query<{ id: string }[]>(
      `select e.id from trail_entries e
       where not exists (select from trail_seals s where s.entry_id = e.id)
         and not exists (select from trail_unsealed u where u.entry_id = e.id)
       order by e.id limit 1`,
    );
    return rows[0]?.id;
  }
}
