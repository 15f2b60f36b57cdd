import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { conflict } from '../platform/errors/domain-error.js';
import type { RootCause } from './gates/root-cause-gate.js';

interface Row {
  category: string;
  what_happened: string;
  whys: RootCause['whys'];
  introduced_at: Date | null;
  first_exploited_at: Date | null;
  detected_at: Date | null;
  editors: RootCause['editors'];
  updated_at: Date;
  verdict: 'accepted' | 'returned' | null;
  comment: string | null;
  reviewer_id: string | null;
  reviewer_name: string | null;
  reviewed_at: Date | null;
  version: number;
}

/** What a person writes; editors, review and version follow. */
export type RootCauseText = Pick<
  RootCause,
  'category' | 'whatHappened' | 'whys' | 'introducedAt' | 'firstExploitedAt' | 'detectedAt'
>;

@Injectable()
export class RootCauseRepository {
  async find(tx: Tx, incidentId: string): Promise<RootCause | null> {
    const rows = await tx.query<Row[]>(`select * from root_causes where incident_id = $1`, [incidentId]);
    return rows.map(toRootCause)[0] ?? null;
  }

  /** Replaces the text; an edit voids the review that was given to the text before. */
  async write(
    tx: Tx,
    incidentId: string,
    text: RootCauseText,
    editors: RootCause['editors'],
    now: Date,
  ): Promise<void> {
    await tx.query(
      `insert into root_causes (incident_id, category, what_happened, whys, introduced_at, first_exploited_at, detected_at, editors, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (incident_id) do update set category = excluded.category, what_happened = excluded.what_happened, whys = excluded.whys,
         introduced_at = excluded.introduced_at, first_exploited_at = excluded.first_exploited_at, detected_at = excluded.detected_at,
         editors = excluded.editors, updated_at = excluded.updated_at, verdict = null, comment = null, reviewer_id = null,
         reviewer_name = null, reviewed_at = null, version = root_causes.version + 1`,
      [
        incidentId,
        text.category,
        text.whatHappened,
        JSON.stringify(text.whys),
        text.introducedAt,
        text.firstExploitedAt,
        text.detectedAt,
        JSON.stringify(editors),
        now,
      ],
    );
  }

  /** Binds the verdict to the version that was read. Throws CONFLICT when the text changed meanwhile. */
  async review(tx: Tx, incidentId: string, version: number, review: NonNullable<RootCause['review']>): Promise<void> {
    const [, count] = await tx.query<[unknown, number]>(
      `update root_causes set verdict = $3, comment = $4, reviewer_id = $5, reviewer_name = $6, reviewed_at = $7
       where incident_id = $1 and version = $2`,
      [incidentId, version, review.verdict, review.comment, review.reviewer.id, review.reviewer.name, review.at],
    );
    if (count !== 1) throw conflict('The root cause was changed meanwhile: read it again before you review it');
  }
}

function toRootCause(row: Row): RootCause {
  const { verdict, reviewer_id: id, reviewed_at: at } = row;
  return {
    category: row.category,
    whatHappened: row.what_happened,
    whys: row.whys,
    introducedAt: row.introduced_at,
    firstExploitedAt: row.first_exploited_at,
    detectedAt: row.detected_at,
    editors: row.editors,
    updatedAt: row.updated_at,
    review:
      verdict === null || id === null || at === null
        ? null
        : { verdict, comment: row.comment ?? '', reviewer: { id, name: row.reviewer_name ?? id }, at },
    version: row.version,
  };
}
