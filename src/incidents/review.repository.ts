import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { Review } from './gates/review-gate.js';

interface Row {
  held_on: string;
  participants: string[];
  went_well: string;
  went_badly: string;
  no_actions_reason: string | null;
  author_id: string;
  author_name: string;
  updated_at: Date;
}

@Injectable()
export class ReviewRepository {
  async find(tx: Tx, incidentId: string): Promise<Review | null> {
    const rows = await tx.query<Row[]>(
      `select held_on::text, participants, went_well, went_badly, no_actions_reason, author_id, author_name, updated_at
       from incident_reviews where incident_id = $1`,
      [incidentId],
    );
    const row = rows[0];
    if (row === undefined) return null;
    return {
      heldOn: row.held_on,
      participants: row.participants,
      wentWell: row.went_well,
      wentBadly: row.went_badly,
      noActionsReason: row.no_actions_reason,
      author: { id: row.author_id, name: row.author_name },
      updatedAt: row.updated_at,
    };
  }

  async countCorrectiveActions(tx: Tx, incidentId: string): Promise<number> {
    const rows = await tx.query<{ n: number }[]>(
      `select count(*)::int as n from corrective_actions where incident_id = $1`,
      [incidentId],
    );
    return rows[0]?.n ?? 0;
  }

  async write(tx: Tx, incidentId: string, review: Review): Promise<void> {
    await tx.query(
      `insert into incident_reviews (incident_id, held_on, participants, went_well, went_badly, no_actions_reason, author_id, author_name, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (incident_id) do update set held_on = excluded.held_on, participants = excluded.participants,
         went_well = excluded.went_well, went_badly = excluded.went_badly, no_actions_reason = excluded.no_actions_reason,
         author_id = excluded.author_id, author_name = excluded.author_name, updated_at = excluded.updated_at`,
      [
        incidentId,
        review.heldOn,
        JSON.stringify(review.participants),
        review.wentWell,
        review.wentBadly,
        review.noActionsReason,
        review.author.id,
        review.author.name,
        review.updatedAt,
      ],
    );
  }
}
