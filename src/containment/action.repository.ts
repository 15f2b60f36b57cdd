import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { conflict, notFound } from '../platform/errors/domain-error.js';
import type { ActionState, ContainmentAction } from './action.js';
import type { Approval } from './approval.js';

interface Row {
  id: string;
  incident_id: string;
  tenant_id: string;
  identity: string;
  kind: string;
  target: ContainmentAction['target'];
  command: string;
  command_hash: string;
  needs: ContainmentAction['needs'];
  state: ActionState;
  is_automatic: boolean;
  proposer_kind: 'staff' | 'job';
  proposer_id: string;
  proposer_name: string;
  proposed_at: Date;
  approved_at: Date | null;
  sent_at: Date | null;
  expires_at: Date | null;
  attempts: number;
  silence_noted_at: Date | null;
  acknowledged_at: Date | null;
  result: ContainmentAction['result'];
  verified_at: Date | null;
  verification: string | null;
  evidence: ContainmentAction['evidence'];
  reason: string | null;
  by_hand: ContainmentAction['byHand'];
  undoes: string | null;
  version: number;
}

/** Sent before $1 and not answered, and that not noted since. */
const UNANSWERED = `state = 'sent' and sent_at <= $1
         and (silence_noted_at is null or silence_noted_at < sent_at or expires_at <= $1)`;

/** What may change of an action once it is proposed: never its target and bytes. */
export type ActionChange = Partial<
  Pick<
    ContainmentAction,
    | 'state'
    | 'isAutomatic'
    | 'approvedAt'
    | 'sentAt'
    | 'expiresAt'
    | 'attempts'
    | 'silenceNotedAt'
    | 'acknowledgedAt'
    | 'result'
    | 'verifiedAt'
    | 'verification'
    | 'evidence'
    | 'reason'
    | 'byHand'
  >
>;

const COLUMN_OF: Readonly<Record<keyof ActionChange, string>> = {
  state: 'state',
  isAutomatic: 'is_automatic',
  approvedAt: 'approved_at',
  sentAt: 'sent_at',
  expiresAt: 'expires_at',
  attempts: 'attempts',
  silenceNotedAt: 'silence_noted_at',
  acknowledgedAt: 'acknowledged_at',
  result: 'result',
  verifiedAt: 'verified_at',
  verification: 'verification',
  evidence: 'evidence',
  reason: 'reason',
  byHand: 'by_hand',
};
const JSON_FIELDS = new Set<string>(['result', 'evidence', 'byHand']);

@Injectable()
export class ActionRepository {
  /** False when the same is running already for this incident. */
  async insert(tx: Tx, action: ContainmentAction): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `insert into containment_actions (id, incident_id, tenant_id, identity, kind, target, command, command_hash, needs, state, is_automatic,
         proposer_kind, proposer_id, proposer_name, proposed_at, approved_at, undoes, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $15)
       on conflict (incident_id, identity) where state in ('proposed', 'approved', 'sent', 'acknowledged', 'verified', 'done_by_hand')
       do nothing returning 1`,
      [
        action.id,
        action.incidentId,
        action.tenant,
        action.identity,
        action.kind,
        JSON.stringify(action.target),
        action.command,
        action.commandHash,
        action.needs,
        action.state,
        action.isAutomatic,
        action.proposer.kind,
        action.proposer.id,
        action.proposer.name,
        action.proposedAt,
        action.approvedAt,
        action.undoes,
      ],
    );
    return rows.length > 0;
  }

  async find(tx: Tx, id: string): Promise<ContainmentAction | undefined> {
    const rows = await tx.query<Row[]>(`select * from containment_actions where id = $1`, [id]);
    return rows.map(toAction)[0];
  }

  /** Throws NOT_FOUND also for what the scope does not see. */
  async lock(tx: Tx, id: string): Promise<ContainmentAction> {
    const rows = await tx.query<Row[]>(`select * from containment_actions where id = $1 for no key update`, [id]);
    const found = rows.map(toAction)[0];
    if (found === undefined) throw notFound('The action');
    return found;
  }

  async ofIncident(tx: Tx, incidentId: string): Promise<readonly ContainmentAction[]> {
    const rows = await tx.query<Row[]>(
      `select * from containment_actions where incident_id = $1 order by proposed_at, id`,
      [incidentId],
    );
    return rows.map(toAction);
  }

  /** Conditional on the version that was read. Throws CONFLICT when somebody else changed it meanwhile. */
  async change(tx: Tx, action: ContainmentAction, change: ActionChange, now: Date): Promise<void> {
    const values: unknown[] = [action.id, action.version, now];
    const sets = Object.entries(change).map(([field, value]) => {
      const column = COLUMN_OF[field as keyof ActionChange];
      return `${column} = $${values.push(JSON_FIELDS.has(field) && value !== null ? JSON.stringify(value) : value)}`;
    });
    const [, count] = await tx.query<[unknown, number]>(
      `update containment_actions set ${[...sets, 'updated_at = $3', 'version = version + 1'].join(', ')} where id = $1 and version = $2`,
      values,
    );
    if (count !== 1) throw conflict('The action was changed meanwhile: look again');
  }

  async areAnyUnanswered(tx: Tx, before: Date): Promise<boolean> {
    const rows = await tx.query<unknown[]>(`select 1 from containment_actions where ${UNANSWERED} limit 1`, [before]);
    return rows.length > 0;
  }

  /** Sent before `before` and not answered, locked; those that another instance holds are passed over. */
  async takeUnanswered(tx: Tx, before: Date, limit: number): Promise<readonly ContainmentAction[]> {
    const rows = await tx.query<Row[]>(
      `select * from containment_actions where ${UNANSWERED}
       order by sent_at limit $2 for no key update skip locked`,
      [before, limit],
    );
    return rows.map(toAction);
  }

  /** Automatic actions of the silo since `since`, for the limit that keeps us from being used as a weapon. */
  async countAutomatic(tx: Tx, tenant: string, since: Date): Promise<number> {
    const rows = await tx.query<{ n: number }[]>(
      `select count(*)::int as n from containment_actions where tenant_id = $1 and is_automatic and proposed_at > $2`,
      [tenant, since],
    );
    return rows[0]?.n ?? 0;
  }

  async approvals(tx: Tx, actionId: string): Promise<readonly Approval[]> {
    const rows = await tx.query<
      { staff_id: string; staff_name: string; is_commander: boolean; command_hash: string; approved_at: Date }[]
    >(`select * from containment_approvals where action_id = $1 order by approved_at`, [actionId]);
    return rows.map((row) => ({
      staffId: row.staff_id,
      name: row.staff_name,
      isCommander: row.is_commander,
      hash: row.command_hash,
      at: row.approved_at,
    }));
  }

  async approve(tx: Tx, action: ContainmentAction, approval: Approval): Promise<void> {
    await tx.query(
      `insert into containment_approvals (action_id, tenant_id, staff_id, staff_name, is_commander, command_hash, approved_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (action_id, staff_id) do update set is_commander = excluded.is_commander, command_hash = excluded.command_hash,
         approved_at = excluded.approved_at`,
      [action.id, action.tenant, approval.staffId, approval.name, approval.isCommander, approval.hash, approval.at],
    );
  }
}

function toAction(row: Row): ContainmentAction {
  return {
    id: row.id,
    incidentId: row.incident_id,
    tenant: row.tenant_id,
    identity: row.identity,
    kind: row.kind,
    target: row.target,
    command: row.command,
    commandHash: row.command_hash,
    needs: row.needs,
    state: row.state,
    isAutomatic: row.is_automatic,
    proposer: { kind: row.proposer_kind, id: row.proposer_id, name: row.proposer_name },
    proposedAt: row.proposed_at,
    approvedAt: row.approved_at,
    sentAt: row.sent_at,
    expiresAt: row.expires_at,
    attempts: row.attempts,
    silenceNotedAt: row.silence_noted_at,
    acknowledgedAt: row.acknowledged_at,
    result: row.result,
    verifiedAt: row.verified_at,
    verification: row.verification,
    evidence: row.evidence,
    reason: row.reason,
    byHand: row.by_hand,
    undoes: row.undoes,
    version: row.version,
  };
}
