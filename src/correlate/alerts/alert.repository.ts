import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import type { Entity } from '../../detect/entity.js';
import type { Alert, SampleEvent } from './alert.js';

interface AlertRow {
  id: string;
  tenant_id: string;
  rule_id: string;
  rule_title: string;
  level: Alert['level'];
  status: Alert['status'];
  tags: string[];
  promises: string[];
  entities: Entity[];
  grouping: string[];
  first_event_at: Date;
  last_event_at: Date;
  count: string;
  created_at: Date;
  incident_id: string | null;
  verdict: Alert['verdict'];
  respond: string | null;
  grouping_ms: string;
  containment: string[];
  playbook: string | null;
  opens_incident: boolean;
  is_late: boolean;
  samples: SampleEvent[];
}

export interface AlertWrite {
  /** Names the alert over restarts and replays: the same identity is the same alert. */
  readonly identity: string;
  readonly alert: Alert;
}

/** What becomes of the count of an alert that stands: the one that comes is the whole so far, or is added to it. */
export type Counting = 'whole' | 'addition';

export interface WrittenAlert {
  readonly alert: Alert;
  readonly isNew: boolean;
}

/** Writers of alerts wait for each other on this key, so that two of them never lock incidents in opposite orders. */
const WRITING_LOCK = 7_202_611_221;

const COLUMNS = `id, tenant_id, rule_id, rule_title, level, status, tags, promises, entities, grouping, first_event_at,
  last_event_at, count, created_at, incident_id, verdict, respond, grouping_ms, containment, playbook, opens_incident, is_late, samples`;

@Injectable()
export class AlertRepository {
  /** Held until commit. Take it before the first alert of a transaction is written. */
  async lockWriting(tx: Tx): Promise<void> {
    await tx.query('select pg_advisory_xact_lock($1)', [WRITING_LOCK]);
  }

  /** Whether an incident has alerts and all of them were late. */
  async areLate(tx: Tx, incidentId: string): Promise<boolean> {
    const rows = await tx.query<{ late: boolean | null }[]>(
      'select bool_and(is_late) as late from alerts where incident_id = $1',
      [incidentId],
    );
    return rows[0]?.late === true;
  }

  /**
   * Writes new alerts, and counts on into those whose identity stands; each identity once. In the order given. One that stands in an incident
   * comes back as it is written; of one that waits in triage, which nobody asks about, all but its id is as it was given.
   */
  async write(tx: Tx, writes: readonly AlertWrite[], counting: Counting): Promise<readonly WrittenAlert[]> {
    if (writes.length === 0) return [];
    const rows = await tx.query<{ identity: string; id: string; is_new: boolean; is_in_incident: boolean }[]>(
      `with written as (
       insert into alerts as a (identity, ${COLUMNS}, updated_at)
       select identity, ${COLUMNS}, created_at
       from json_populate_recordset(null::alerts, $1)
       on conflict (identity) do update set
         count = case when $2 then a.count + excluded.count else greatest(a.count, excluded.count) end,
         first_event_at = least(a.first_event_at, excluded.first_event_at),
         last_event_at = greatest(a.last_event_at, excluded.last_event_at),
         entities = excluded.entities, samples = excluded.samples, updated_at = excluded.created_at
       returning identity, id, tenant_id, entities, (xmax = 0) as is_new, incident_id is not null as is_in_incident),
       named as (
         insert into alert_entities (alert_id, tenant_id, kind, value)
         select distinct w.id, w.tenant_id, e.kind, e.value
         from written w, json_to_recordset(w.entities::json) as e (kind text, value text)
         on conflict do nothing
       )
       select identity, id, is_new, is_in_incident from written`,
      [JSON.stringify(writes.map(toRow)), counting === 'addition'],
    );
    const byIdentity = new Map(rows.map((row) => [row.identity, row]));
    const standing = await this.findAll(
      tx,
      rows.filter((row) => row.is_in_incident).map(({ id }) => id),
    );
    return writes.map(({ identity, alert }) => {
      const row = byIdentity.get(identity);
      if (row === undefined) throw new Error('An alert was not returned by its own write');
      return { alert: standing.get(row.id) ?? { ...alert, id: row.id }, isNew: row.is_new };
    });
  }

  /** What it was about is over by itself. It stays to be judged. */
  async resolve(tx: Tx, id: string, at: Date): Promise<void> {
    await tx.query('update alerts set resolved_at = $2, updated_at = $2 where id = $1 and resolved_at is null', [
      id,
      at,
    ]);
  }

  async find(tx: Tx, id: string): Promise<Alert | undefined> {
    return (await this.findAll(tx, [id])).get(id);
  }

  private async findAll(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, Alert>> {
    if (ids.length === 0) return new Map();
    const rows = await tx.query<AlertRow[]>(`select ${COLUMNS} from alerts where id = any($1)`, [ids]);
    return new Map(rows.map((row) => [row.id, toAlert(row)]));
  }

  /** The alerts of an incident, oldest first. */
  async ofIncident(tx: Tx, incidentId: string): Promise<readonly Alert[]> {
    const rows = await tx.query<AlertRow[]>(
      `select ${COLUMNS} from alerts where incident_id = $1 order by first_event_at, id limit 1000`,
      [incidentId],
    );
    return rows.map(toAlert);
  }
}

function toRow({ identity, alert }: AlertWrite): Record<keyof AlertRow | 'identity', unknown> {
  return {
    identity,
    id: alert.id,
    tenant_id: alert.tenant,
    rule_id: alert.ruleId,
    rule_title: alert.ruleTitle,
    level: alert.level,
    status: alert.status,
    tags: alert.tags,
    promises: alert.promises,
    entities: alert.entities,
    grouping: alert.group,
    first_event_at: alert.firstEventAt,
    last_event_at: alert.lastEventAt,
    count: alert.count,
    created_at: alert.createdAt,
    incident_id: null,
    verdict: null,
    respond: alert.respond,
    grouping_ms: alert.groupingMs,
    containment: alert.containment,
    playbook: alert.playbook,
    opens_incident: alert.opensIncident,
    is_late: alert.isLate,
    samples: alert.sampleEvents,
  };
}

function toAlert(row: AlertRow): Alert {
  return {
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
    firstEventAt: row.first_event_at,
    lastEventAt: row.last_event_at,
    count: Number(row.count),
    createdAt: row.created_at,
    incidentId: row.incident_id,
    verdict: row.verdict,
    respond: row.respond,
    groupingMs: Number(row.grouping_ms),
    containment: row.containment,
    playbook: row.playbook,
    opensIncident: row.opens_incident,
    isLate: row.is_late,
    sampleEvents: row.samples,
  };
}
