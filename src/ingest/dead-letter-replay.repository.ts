import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { DeadLetterOrigin } from './dead-letter.js';

/** Which dead letters were replayed. */
@Injectable()
export class DeadLetterReplayRepository {
  /** Notes the replay of this origin; false when it was replayed before. */
  async note(tx: Tx, { topic, partition, offset, arrival }: DeadLetterOrigin, now: Date): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `insert into dead_letter_replays (topic, partition, record_offset, arrival_ms, replayed_at) values ($1, $2, $3, $4, $5)
       on conflict do nothing returning 1`,
      [topic, partition, offset, arrival, now],
    );
    return rows.length > 0;
  }
}
