import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import type { Cursor } from '../../platform/http/list-page.js';
import type { AlertQuery, AlertView } from './alert.schema.js';

interface AlertViewRow extends Record<'tenant_id' | 'rule_id' | 'rule_title' | 'status' | 'id', string> {
  level: AlertView['level'];
  tags: string[];
  promises: string[];
  entities: AlertView['entities'];
  grouping: string[];
  first_event_at: Date;
  last_event_at: Date;
  count: string;
  created_at: Date;
  incident_id: string | null;
  incident_number: string | null;
  verdict: AlertView['verdict'];
  respond: string | null;
  containment: string[];
  playbook: string | null;
  is_late: boolean;
  resolved_at: Date | null;
}

/** The number is shown only where the viewer may see the incident: row-level security hides the others. */
const SELECT = `select a.id, a.tenant_id, a.rule_id, a.rule_title, a.level, a.status, a.tags, a.promises, a.entities, a.grouping,
  a.first_event_at, a.last_event_at, a.count, a.created_at, a.incident_id, i.number as incident_number, a.verdict, a.respond,
  a.containment, a.playbook, a.is_late, a.resolved_at
  from alerts a left join incidents i on i.id = a.incident_id`;

/** Alerts as people read them. */
@Injectable()
export class AlertViewRepository {
  async list(tx: Tx, query: AlertQuery, before: Cursor | undefined): Promise<readonly AlertView[]> {
    const search =
      query.q === undefined || query.q === '' ? null : `%${query.q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const rows = await tx.query<AlertViewRow[]>(
      `${SELECT} where ($1::timestamptz is null or (a.created_at, a.id) < ($1, $2::uuid))
         and ($3::text is null or a.level = $3) and ($4::text is null or a.tenant_id = $4)
         and ($5::text is null or coalesce(a.verdict, 'none') = $5)
         and ($6::text is null or coalesce(a.incident_id::text, 'none') = $6)
         and ($7::text is null or a.rule_title ilike $7
           or exists (select 1 from alert_entities e where e.alert_id = a.id and e.value ilike $7))
       order by a.created_at desc, a.id desc limit $8`,
      [
        before?.at ?? null,
        before?.id ?? null,
        query.level ?? null,
        query.tenant ?? null,
        query.verdict ?? null,
        query.incident ?? null,
        search,
        query.limit + 1,
      ],
    );
    return rows.map(viewOf);
  }

  async find(tx: Tx, id: string): Promise<AlertView | undefined> {
    const [row] = await tx.query<AlertViewRow[]>(`${SELECT} where a.id = $1`, [id]);
    return row === undefined ? undefined : viewOf(row);
  }

  async setVerdict(tx: Tx, id: string, verdict: string, reason: string, by: string, at: Date): Promise<void> {
    await tx.query(
      'update alerts set verdict = $2, verdict_reason = $3, verdict_by = $4, verdict_at = $5, updated_at = $5 where id = $1',
      [id, verdict, reason, by, at],
    );
  }
}

const viewOf = (row: AlertViewRow): AlertView => ({
  id: row.id,
  tenant: row.tenant_id,
  ruleId: row.rule_id,
  ruleTitle: row.rule_title,
  level: row.level,
  status: row.status,
  tags: row.tags,
  promises: row.promises,
  entities: row.entities,
  group: row.grouping,
  firstEventAt: row.first_event_at.toISOString(),
  lastEventAt: row.last_event_at.toISOString(),
  count: Number(row.count),
  createdAt: row.created_at.toISOString(),
  incidentId: row.incident_id,
  incidentNumber: row.incident_number,
  verdict: row.verdict,
  respond: row.respond,
  containment: row.containment,
  playbook: row.playbook,
  isLate: row.is_late,
  resolvedAt: row.resolved_at?.toISOString() ?? null,
});
