import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { CredentialKind } from './silo-principals.js';

/** That a principal has a password, and since when. */
export interface SiloCredential {
  readonly tenant: string;
  readonly kind: CredentialKind;
  readonly principal: string;
  readonly issuedAt: Date;
  readonly rotatedAt: Date | null;
}

interface Row {
  tenant_id: string;
  kind: CredentialKind;
  principal: string;
  issued_at: Date;
  rotated_at: Date | null;
}

/** Rows of `silo_credentials`. */
@Injectable()
export class SiloCredentialRepository {
  /** Of one silo, or of all. */
  async list(tx: Tx, tenant?: string): Promise<readonly SiloCredential[]> {
    const rows = await tx.query<Row[]>(
      'select * from silo_credentials where $1::text is null or tenant_id = $1 order by tenant_id, kind desc',
      [tenant ?? null],
    );
    return rows.map((row) => ({
      tenant: row.tenant_id,
      kind: row.kind,
      principal: row.principal,
      issuedAt: row.issued_at,
      rotatedAt: row.rotated_at,
    }));
  }

  /** Notes a first password, or a new one. */
  async set(tx: Tx, tenant: string, kind: CredentialKind, principal: string, at: Date): Promise<void> {
    await tx.query(
      `insert into silo_credentials (tenant_id, kind, principal, issued_at) values ($1, $2, $3, $4)
       on conflict (tenant_id, kind) do update set rotated_at = excluded.issued_at`,
      [tenant, kind, principal, at],
    );
  }

  /** All that the silo could sign in with, its intake tokens too. */
  async remove(tx: Tx, tenant: string): Promise<void> {
    await tx.query('delete from silo_intake_tokens where tenant_id = $1', [tenant]);
    await tx.query('delete from silo_credentials where tenant_id = $1', [tenant]);
  }
}
