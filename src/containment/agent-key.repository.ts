import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';

export interface AgentState {
  readonly tenant: string;
  readonly lastSeenAt: Date | null;
}

/** The agents' pinned public keys, when each was last heard of, and which answers were taken already. */
@Injectable()
export class AgentKeyRepository {
  async enrol(
    tx: Tx,
    agent: { readonly tenant: string; readonly kid: string; readonly publicKey: JsonWebKey },
    by: string,
    now: Date,
  ): Promise<void> {
    await tx.query(
      `insert into silo_agents (tenant_id, kid, public_key, enrolled_at, enrolled_by) values ($1, $2, $3, $4, $5)
       on conflict (tenant_id, kid) do update set retired_at = null`,
      [agent.tenant, agent.kid, JSON.stringify(agent.publicKey), now, by],
    );
  }

  /** All others of the silo stop counting: one agent, one key. */
  async retireOthers(tx: Tx, tenant: string, kid: string, now: Date): Promise<void> {
    await tx.query(`update silo_agents set retired_at = $3 where tenant_id = $1 and kid <> $2 and retired_at is null`, [
      tenant,
      kid,
      now,
    ]);
  }

  async keys(tx: Tx, tenant: string): Promise<ReadonlyMap<string, KeyObject>> {
    const rows = await tx.query<{ kid: string; public_key: JsonWebKey }[]>(
      `select kid, public_key from silo_agents where tenant_id = $1 and retired_at is null`,
      [tenant],
    );
    return new Map(rows.map((row) => [row.kid, createPublicKey({ key: row.public_key, format: 'jwk' })]));
  }

  async seen(tx: Tx, tenant: string, at: Date): Promise<void> {
    await tx.query(`update silo_agents set last_seen_at = $2 where tenant_id = $1 and retired_at is null`, [
      tenant,
      at,
    ]);
  }

  /** False when this answer was taken before. */
  async takeResult(tx: Tx, tenant: string, jti: string, now: Date): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `insert into agent_results (tenant_id, jti, received_at) values ($1, $2, $3) on conflict do nothing returning 1`,
      [tenant, jti, now],
    );
    return rows.length > 0;
  }

  async states(tx: Tx): Promise<readonly AgentState[]> {
    const rows = await tx.query<{ tenant_id: string; last_seen_at: Date | null }[]>(
      `select tenant_id, max(last_seen_at) as last_seen_at from silo_agents where retired_at is null group by tenant_id`,
    );
    return rows.map((row) => ({ tenant: row.tenant_id, lastSeenAt: row.last_seen_at }));
  }
}
