import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import type { IntakeCount } from './intake-count.js';

export interface SiloIntakeCount extends IntakeCount {
  readonly tenant: string;
  readonly lastAt: Date;
}

/** Rows of `intake_counts`. */
@Injectable()
export class IntakeCountRepository {
  async add(tx: Tx, counts: readonly SiloIntakeCount[]): Promise<void> {
    if (counts.length === 0) return;
    // In one order: two instances that add at the same time wait for each other in turn.
    await tx.query(
      `insert into intake_counts as i (tenant_id, outcome, reason, count, last_at)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[]) as c (t, o, r, n, a) order by t, o, r
       on conflict (tenant_id, outcome, reason) do update set count = i.count + excluded.count,
         last_at = greatest(i.last_at, excluded.last_at)`,
      [
        counts.map(({ tenant }) => tenant),
        counts.map(({ outcome }) => outcome),
        counts.map(({ reason }) => reason),
        counts.map(({ count }) => count),
        counts.map(({ lastAt }) => lastAt),
      ],
    );
  }
}
