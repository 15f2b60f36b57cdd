import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { conflict } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import type { Role } from './permissions.js';

/** Rights that one admin asked for and another must approve. */
export interface RoleGrant {
  readonly id: string;
  readonly staffId: string;
  /** To be added to those the account has. */
  readonly roles: readonly Role[];
  /** To be put in place of those the account has; null: they stay. */
  readonly tenants: 'all' | readonly string[] | null;
  readonly requestedBy: string;
  readonly requestedAt: Date;
}

interface GrantRow {
  readonly id: string;
  readonly staff_id: string;
  readonly roles: Role[];
  readonly tenants: string[] | null;
  readonly widens_tenants: boolean;
  readonly requested_by: string;
  readonly requested_at: Date;
}

@Injectable()
export class RoleGrantRepository {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  async pending(tx: Tx): Promise<readonly RoleGrant[]> {
    const rows = await tx.query<GrantRow[]>(
      `select id, staff_id, roles, tenants, widens_tenants, requested_by, requested_at from role_grants where decision is null`,
    );
    return rows.map((row) => ({
      id: row.id,
      staffId: row.staff_id,
      roles: row.roles,
      tenants: row.widens_tenants ? (row.tenants ?? 'all') : null,
      requestedBy: row.requested_by,
      requestedAt: row.requested_at,
    }));
  }

  /** Throws CONFLICT while another request for the account waits. */
  async request(tx: Tx, grant: Omit<RoleGrant, 'id' | 'requestedAt'>): Promise<string> {
    const id = this.ids.uuid();
    const tenants = grant.tenants === null || grant.tenants === 'all' ? null : grant.tenants;
    const rows = await tx.query<{ id: string }[]>(
      `insert into role_grants (id, staff_id, roles, tenants, widens_tenants, requested_by, requested_at)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (staff_id) where decision is null do nothing returning id`,
      [id, grant.staffId, grant.roles, tenants, grant.tenants !== null, grant.requestedBy, this.clock.now()],
    );
    if (rows.length === 0) throw conflict('Another grant for this account waits for approval');
    return id;
  }

  async decide(tx: Tx, id: string, decision: 'approved' | 'rejected', decidedBy: string): Promise<void> {
    const [, changed] = await tx.query<[unknown, number]>(
      `update role_grants set decision = $2, decided_by = $3, decided_at = $4 where id = $1 and decision is null`,
      [id, decision, decidedBy, this.clock.now()],
    );
    if (changed === 0) throw conflict('This grant was decided meanwhile');
  }
}
