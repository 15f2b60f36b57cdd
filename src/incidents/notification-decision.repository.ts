import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { conflict } from '../platform/errors/domain-error.js';
import type { NotificationDecision } from './gates/notification-gate.js';

interface Row {
  tenant_id: string;
  decision: NotificationDecision['decision'];
  reason: string;
  author_id: string;
  author_name: string;
  decided_at: Date;
  approver_id: string | null;
  approver_name: string | null;
  approved_at: Date | null;
}

@Injectable()
export class NotificationDecisionRepository {
  async list(tx: Tx, incidentId: string): Promise<readonly NotificationDecision[]> {
    const rows = await tx.query<Row[]>(
      `select tenant_id, decision, reason, author_id, author_name, decided_at, approver_id, approver_name, approved_at
       from notification_decisions where incident_id = $1 order by tenant_id`,
      [incidentId],
    );
    return rows.map((row) => ({
      tenant: row.tenant_id,
      decision: row.decision,
      reason: row.reason,
      author: { id: row.author_id, name: row.author_name },
      decidedAt: row.decided_at,
      approver: row.approver_id === null ? null : { id: row.approver_id, name: row.approver_name ?? row.approver_id },
      approvedAt: row.approved_at,
    }));
  }

  /** A new decision replaces the old one and voids its approval. */
  async decide(
    tx: Tx,
    incidentId: string,
    decision: Omit<NotificationDecision, 'approver' | 'approvedAt'>,
  ): Promise<void> {
    await tx.query(
      `insert into notification_decisions (incident_id, tenant_id, decision, reason, author_id, author_name, decided_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (incident_id, tenant_id) do update set decision = excluded.decision, reason = excluded.reason,
         author_id = excluded.author_id, author_name = excluded.author_name, decided_at = excluded.decided_at,
         approver_id = null, approver_name = null, approved_at = null`,
      [
        incidentId,
        decision.tenant,
        decision.decision,
        decision.reason,
        decision.author.id,
        decision.author.name,
        decision.decidedAt,
      ],
    );
  }

  /** Binds the approval to the decision that was read. Throws CONFLICT when another was taken meanwhile. */
  async approve(
    tx: Tx,
    incidentId: string,
    decision: NotificationDecision,
    approver: { readonly id: string; readonly name: string },
    now: Date,
  ): Promise<void> {
    const [, count] = await tx.query<[unknown, number]>(
      `update notification_decisions set approver_id = $3, approver_name = $4, approved_at = $5
       where incident_id = $1 and tenant_id = $2 and decided_at = $6 and author_id = $7 and approver_id is null`,
      [incidentId, decision.tenant, approver.id, approver.name, now, decision.decidedAt, decision.author.id],
    );
    if (count !== 1) throw conflict('The decision was changed meanwhile: look again');
  }
}
