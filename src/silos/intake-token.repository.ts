import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { IntakeToken } from './intake-token.js';

interface Row {
  id: string;
  tenant_id: string;
  token_hash: string;
  issued_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
}

/** Rows of `silo_intake_tokens`. */
@Injectable()
export class IntakeTokenRepository {
  /** Of one silo, or of all; expired ones too. */
  async list(tx: Tx, tenant?: string): Promise<readonly IntakeToken[]> {
    const rows = await tx.query<Row[]>(
      'select * from silo_intake_tokens where $1::text is null or tenant_id = $1 order by tenant_id, issued_at',
      [tenant ?? null],
    );
    return rows.map((row) => ({
      id: row.id,
      tenant: row.tenant_id,
      hash: row.token_hash,
      issuedAt: row.issued_at,
      expiresAt: row.expires_at,
      lastUsedAt: row.last_used_at,
    }));
  }

  async add(tx: Tx, { id, tenant, hash, issuedAt }: IntakeToken): Promise<void> {
    await tx.query('insert into silo_intake_tokens (id, tenant_id, token_hash, issued_at) values ($1, $2, $3, $4)', [
      id,
      tenant,
      hash,
      issuedAt,
    ]);
  }

  /** The silo's tokens end at `at`, or when they would have ended anyhow; those that ended before `now` are forgotten. */
  async end(tx: Tx, tenant: string, at: Date, now: Date): Promise<void> {
    await tx.query('delete from silo_intake_tokens where tenant_id = $1 and expires_at <= $2', [tenant, now]);
    await tx.query(
      'update silo_intake_tokens set expires_at = least(coalesce(expires_at, $2), $2) where tenant_id = $1',
      [tenant, at],
    );
  }

  /** Notes when tokens were used last, by their id. */
  async used(tx: Tx, used: ReadonlyMap<string, Date>): Promise<void> {
    if (used.size === 0) return;
    await tx.query(
      `update silo_intake_tokens t set last_used_at = greatest(t.last_used_at, u.at)
       from unnest($1::text[], $2::timestamptz[]) as u (id, at) where t.id = u.id`,
      [[...used.keys()], [...used.values()]],
    );
  }

  async remove(tx: Tx, tenant: string): Promise<void> {
    await tx.query('delete from silo_intake_tokens where tenant_id = $1', [tenant]);
  }
}
