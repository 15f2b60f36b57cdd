import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import type { Limit } from './attempt-limit.js';

/** Counts what may be tried only so often, such as signing in, over all instances of the service. */
@Injectable()
export class AttemptCounterRepository {
  constructor(private readonly clock: Clock) {}

  /** Counts one attempt under each limit; the seconds to wait when one of them is used up, else 0. */
  async count(tx: Tx, limits: readonly Limit[]): Promise<number> {
    const now = this.clock.now();
    let waitMs = 0;
    // In one order everywhere, so that two attempts never wait for each other's rows crosswise.
    for (const { key, limit, windowMs } of [...limits].sort((a, b) => (a.key < b.key ? -1 : 1))) {
      const rows = await tx.query<{ count: number; window_ends_at: Date }[]>(
        `insert into sign_in_counters as c (key, window_ends_at, count) values ($1, $2, 1)
         on conflict (key) do update set
           count = case when c.window_ends_at <= $3 then 1 else c.count + 1 end,
           window_ends_at = case when c.window_ends_at <= $3 then excluded.window_ends_at else c.window_ends_at end
         returning count, window_ends_at`,
        [key, new Date(now.getTime() + windowMs), now],
      );
      const row = rows[0];
      if (row !== undefined && row.count > limit) {
        waitMs = Math.max(waitMs, row.window_ends_at.getTime() - now.getTime());
      }
    }
    return Math.ceil(waitMs / 1000);
  }

  /** The attempt was right: it counts no more, and the count of its account from its address begins anew. */
  async forgive(tx: Tx, limits: readonly Limit[]): Promise<void> {
    const keys = limits.map((limit) => limit.key);
    const own = keys.filter((key) => key.includes(':pair:') || key.includes(':device:') || key.startsWith('code:'));
    await tx.query(`delete from sign_in_counters where key = any($1)`, [own]);
    await tx.query(`update sign_in_counters set count = greatest(count - 1, 0) where key = any($1)`, [keys]);
  }

  async deleteEnded(tx: Tx): Promise<void> {
    await tx.query(`delete from sign_in_counters where window_ends_at <= $1`, [this.clock.now()]);
  }
}
