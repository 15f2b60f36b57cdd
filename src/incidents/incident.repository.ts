import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { conflict, notFound } from '../platform/errors/domain-error.js';
import type { Incident, IncidentStatus, Severity } from './incident.js';

interface Row {
  id: string;
  number: string;
  title: string;
  description: string;
  severity: Severity;
  is_severity_decided: boolean;
  status: IncidentStatus;
  disposition: Incident['disposition'];
  duplicate_of: string | null;
  tenants: string[];
  is_restricted: boolean;
  playbook: string | null;
  commander_id: string | null;
  commander_name: string | null;
  opened_at: Date;
  first_event_at: Date;
  last_activity_at: Date;
  acknowledged_at: Date | null;
  contained_at: Date | null;
  resolved_at: Date | null;
  closed_at: Date | null;
  reopened_at: Date | null;
  version: number;
}

const COLUMNS = `id, number, title, description, severity, is_severity_decided, status, disposition, duplicate_of, tenants, is_restricted,
  playbook, commander_id, commander_name, opened_at, first_event_at, last_activity_at, acknowledged_at, contained_at, resolved_at,
  closed_at, reopened_at, version`;

/** What may change of an incident after it is opened. `tenants` only grow, through `addSilo`. */
export type IncidentChange = Partial<
  Omit<Incident, 'id' | 'number' | 'openedAt' | 'firstEventAt' | 'tenants' | 'version' | 'lastActivityAt'>
>;

const COLUMN_OF: Readonly<Record<string, string>> = {
  title: 'title',
  description: 'description',
  severity: 'severity',
  isSeverityDecided: 'is_severity_decided',
  status: 'status',
  disposition: 'disposition',
  duplicateOf: 'duplicate_of',
  isRestricted: 'is_restricted',
  playbook: 'playbook',
  acknowledgedAt: 'acknowledged_at',
  containedAt: 'contained_at',
  resolvedAt: 'resolved_at',
  closedAt: 'closed_at',
  reopenedAt: 'reopened_at',
};

export interface IncidentFilter {
  readonly statuses: readonly IncidentStatus[];
  readonly before?: { readonly openedAt: Date; readonly id: string };
  readonly limit: number;
}

/** Rows of `incidents` and its per-silo children. */
@Injectable()
export class IncidentRepository {
  /** The next number of the year; the year's row stays locked until commit, so no number is skipped or given twice. */
  async nextNumber(tx: Tx, openedAt: Date): Promise<string> {
    const year = openedAt.getUTCFullYear();
    const rows = await tx.query<{ last: number }[]>(
      `insert into incident_numbers (year, last) values ($1, 1)
       on conflict (year) do update set last = incident_numbers.last + 1 returning last`,
      [year],
    );
    return `INC-${year}-${String(rows[0]?.last ?? 0).padStart(4, '0')}`;
  }

  async insert(tx: Tx, incident: Incident): Promise<void> {
    await tx.query(
      `insert into incidents (id, number, title, description, severity, is_severity_decided, tenants, is_restricted, playbook, opened_at,
         first_event_at, last_activity_at, recheck_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $10)`,
      [
        incident.id,
        incident.number,
        incident.title,
        incident.description,
        incident.severity,
        incident.isSeverityDecided,
        incident.tenants,
        incident.isRestricted,
        incident.playbook,
        incident.openedAt,
        incident.firstEventAt,
        incident.lastActivityAt,
      ],
    );
  }

  async find(tx: Tx, id: string): Promise<Incident | undefined> {
    const rows = await tx.query<Row[]>(`select ${COLUMNS} from incidents where id = $1`, [id]);
    return rows.map(toIncident)[0];
  }

  /** Locks the row until commit; rows that refer to it may be written meanwhile, unless they touch it too, as entries do. Throws NOT_FOUND also for what the scope may not see. */
  async lock(tx: Tx, id: string): Promise<Incident> {
    const rows = await tx.query<Row[]>(`select ${COLUMNS} from incidents where id = $1 for no key update`, [id]);
    const found = rows.map(toIncident)[0];
    if (found === undefined) throw notFound('The incident');
    return found;
  }

  /** Newest first. */
  async list(tx: Tx, filter: IncidentFilter): Promise<readonly Incident[]> {
    const rows = await tx.query<Row[]>(
      `select ${COLUMNS} from incidents
       where status = any($1) and ($2::timestamptz is null or (opened_at, id) < ($2::timestamptz, $3::uuid))
       order by opened_at desc, id desc limit $4`,
      [filter.statuses, filter.before?.openedAt ?? null, filter.before?.id ?? null, filter.limit],
    );
    return rows.map(toIncident);
  }

  /** Conditional on the version that was read. Throws CONFLICT when somebody else changed it meanwhile. */
  async change(tx: Tx, incident: Incident, change: IncidentChange): Promise<void> {
    const values: unknown[] = [incident.id, incident.version];
    const sets = Object.entries(change)
      .filter(([field]) => field in COLUMN_OF)
      .map(([field, value]) => `${COLUMN_OF[field] ?? ''} = $${values.push(value)}`);
    if (change.commander !== undefined) {
      sets.push(`commander_id = $${values.push(change.commander?.id ?? null)}`);
      sets.push(`commander_name = $${values.push(change.commander?.name ?? null)}`);
    }
    const rows = await tx.query<[unknown, number]>(
      `update incidents set ${[...sets, 'version = version + 1'].join(', ')} where id = $1 and version = $2`,
      values,
    );
    if (rows[1] !== 1) throw conflict('The incident was changed meanwhile: look again');
  }

  /** Alert activity on the incident: quiet is counted anew, and the sweep looks at it at once. */
  async touch(tx: Tx, id: string, activityAt: Date, now: Date): Promise<void> {
    await tx.query(
      `update incidents set last_activity_at = greatest(last_activity_at, $2), recheck_at = $3 where id = $1`,
      [id, activityAt, now],
    );
  }

  /** Notes the first acknowledgement, by the dashboard or a page; true when it was the first. Paging calls it for pages. */
  async acknowledge(tx: Tx, id: string, at: Date): Promise<boolean> {
    const [, count] = await tx.query<[unknown, number]>(
      `update incidents set acknowledged_at = $2, version = version + 1 where id = $1 and acknowledged_at is null`,
      [id, at],
    );
    return count > 0;
  }

  /** Asks the sweep to look at the incident at the given time, whatever it was asked before. Null: no time matters. */
  async recheckAt(tx: Tx, id: string, at: Date | null): Promise<void> {
    await tx.query(`update incidents set recheck_at = $2 where id = $1`, [id, at]);
  }

  /** The incident that is due for a look longest, locked; those that somebody else holds are passed over. */
  async takeDue(tx: Tx, now: Date): Promise<string | undefined> {
    const [due] = await tx.query<{ id: string }[]>(
      `select id from incidents where recheck_at <= $1 order by recheck_at limit 1 for no key update skip locked`,
      [now],
    );
    return due?.id;
  }

  /** True when the silo was not affected before. */
  async addSilo(
    tx: Tx,
    id: string,
    silo: { readonly tenant: string; readonly awareAt: Date; readonly noticeHours: number },
  ): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `insert into incident_silos (incident_id, tenant_id, aware_at, notice_hours) values ($1, $2, $3, $4)
       on conflict do nothing returning 1`,
      [id, silo.tenant, silo.awareAt, silo.noticeHours],
    );
    if (rows.length === 0) return false;
    await tx.query(
      `update incidents set tenants = (select array_agg(distinct t order by t) from unnest(tenants || $2::text) t) where id = $1`,
      [id, silo.tenant],
    );
    return true;
  }

  async silos(
    tx: Tx,
    id: string,
  ): Promise<readonly { readonly tenant: string; readonly awareAt: Date; readonly noticeHours: number }[]> {
    const rows = await tx.query<{ tenant_id: string; aware_at: Date; notice_hours: number }[]>(
      `select tenant_id, aware_at, notice_hours from incident_silos where incident_id = $1 order by tenant_id`,
      [id],
    );
    return rows.map((row) => ({ tenant: row.tenant_id, awareAt: row.aware_at, noticeHours: row.notice_hours }));
  }

  async countOpen(tx: Tx): Promise<ReadonlyMap<Severity, number>> {
    const rows = await tx.query<{ severity: Severity; n: number }[]>(
      `select severity, count(*)::int as n from incidents where status in ('open', 'contained', 'resolved') group by severity`,
    );
    return new Map(rows.map(({ severity, n }) => [severity, n]));
  }

  /** Whether the person may read more of a restricted incident than its number and severity. */
  async hasAccess(tx: Tx, id: string, staffId: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>(`select 1 from incident_access where incident_id = $1 and staff_id = $2`, [
      id,
      staffId,
    ]);
    return rows.length > 0;
  }

  async grantAccess(tx: Tx, id: string, staffId: string): Promise<void> {
    await tx.query(`insert into incident_access (incident_id, staff_id) values ($1, $2) on conflict do nothing`, [
      id,
      staffId,
    ]);
  }
}

function toIncident(row: Row): Incident {
  return {
    id: row.id,
    number: row.number,
    title: row.title,
    description: row.description,
    severity: row.severity,
    isSeverityDecided: row.is_severity_decided,
    status: row.status,
    disposition: row.disposition,
    duplicateOf: row.duplicate_of,
    tenants: row.tenants,
    isRestricted: row.is_restricted,
    playbook: row.playbook,
    commander:
      row.commander_id === null ? null : { id: row.commander_id, name: row.commander_name ?? row.commander_id },
    openedAt: row.opened_at,
    firstEventAt: row.first_event_at,
    lastActivityAt: row.last_activity_at,
    acknowledgedAt: row.acknowledged_at,
    containedAt: row.contained_at,
    resolvedAt: row.resolved_at,
    closedAt: row.closed_at,
    reopenedAt: row.reopened_at,
    version: row.version,
  };
}
