import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { Proof, SeenRecord } from './proof.js';

export interface Watch {
  readonly actionId: string;
  readonly tenant: string;
  readonly startedAt: Date;
  /** Partition of the silo's audit topic → next offset to read. */
  readonly positions: Readonly<Record<string, number>>;
  readonly proof: Proof;
  readonly until: Date;
}

interface Row {
  action_id: string;
  tenant_id: string;
  started_at: Date;
  positions: Record<string, number>;
  proof: SeenRecord | null;
  contradiction: SeenRecord | null;
  until: Date;
}

/** Where reading a silo's audit records for proof goes on. */
@Injectable()
export class WatchRepository {
  /** A new sending of the action starts its watch anew. */
  async start(tx: Tx, watch: Omit<Watch, 'proof'>): Promise<void> {
    await tx.query(
      `insert into containment_watches (action_id, tenant_id, started_at, positions, look_at, until) values ($1, $2, $3, $4, $3, $5)
       on conflict (action_id) do update set started_at = excluded.started_at, positions = excluded.positions, proof = null,
         contradiction = null, look_at = excluded.look_at, until = excluded.until`,
      [watch.actionId, watch.tenant, watch.startedAt, JSON.stringify(watch.positions), watch.until],
    );
  }

  /** Due watches, leased until `leaseUntil` so that no other instance reads the same records meanwhile. */
  async takeDue(tx: Tx, now: Date, leaseUntil: Date, limit: number): Promise<readonly Watch[]> {
    const [rows] = await tx.query<[Row[], number]>(
      `update containment_watches set look_at = $2 where action_id in (
         select action_id from containment_watches where look_at <= $1 order by look_at limit $3 for update skip locked)
       returning *`,
      [now, leaseUntil, limit],
    );
    return rows.map((row) => ({
      actionId: row.action_id,
      tenant: row.tenant_id,
      startedAt: row.started_at,
      positions: row.positions,
      proof: { shown: row.proof, lastSuccess: row.contradiction },
      until: row.until,
    }));
  }

  /** `lookAt` null ends the watch. False when the watch was started anew meanwhile: what was read is then of no use. */
  async save(tx: Tx, watch: Watch, lookAt: Date | null): Promise<boolean> {
    const [, count] = await tx.query<[unknown, number]>(
      `update containment_watches set positions = $3, proof = $4, contradiction = $5, look_at = $6
       where action_id = $1 and started_at = $2`,
      [
        watch.actionId,
        watch.startedAt,
        JSON.stringify(watch.positions),
        watch.proof.shown === null ? null : JSON.stringify(watch.proof.shown),
        watch.proof.lastSuccess === null ? null : JSON.stringify(watch.proof.lastSuccess),
        lookAt,
      ],
    );
    return count > 0;
  }
}
