import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { Entity, Span } from './grouping.js';
import type { IncidentStatus } from './incident.js';

export interface Candidate {
  readonly id: string;
  readonly number: string;
  readonly status: IncidentStatus;
  readonly tenants: readonly string[];
  readonly openedAt: Date;
  readonly entity: Entity & { readonly tenant: string };
  readonly span: Span;
}

interface CandidateRow {
  id: string;
  number: string;
  status: IncidentStatus;
  tenants: string[];
  opened_at: Date;
  kind: string;
  value: string;
  tenant_id: string;
  first_event_at: Date;
  last_event_at: Date;
}

/** What an alert is about: entities that mean something in its silo alone, and such as are the same everywhere. */
export interface Sought extends Span {
  readonly tenant: string;
  readonly groupingMs: number;
  readonly own: readonly Entity[];
  readonly everywhere: readonly Entity[];
}

export interface IncidentEntity extends Entity, Span {
  readonly tenant: string;
}

/** Opening and joining wait for each other on this key, so that two correlators never open two incidents for one attack. */
const OPENING_LOCK = 7_202_611_220;

/** What ties alerts to incidents: entities, alerts, links and merges. */
@Injectable()
export class GroupingRepository {
  /** Held until commit. Alerts are rare beside events, so one lock for all is cheaper than one per entity and cannot deadlock. */
  async lockOpening(tx: Tx): Promise<void> {
    await tx.query('select pg_advisory_xact_lock($1)', [OPENING_LOCK]);
  }

  /**
   * For each of several alerts the incidents with one of its entities: of the same silo, or of any silo for those that are the same everywhere;
   * near it in time. The newest match first; false positives and duplicates are no candidates. Two lookups, since either has all columns of its
   * index: the cost is that of the rows of these entities, however many others there are.
   */
  async candidates(tx: Tx, alerts: readonly Sought[]): Promise<readonly (readonly Candidate[])[]> {
    const sought = alerts.map(({ tenant, own, everywhere, groupingMs, firstEventAt, lastEventAt }, ordinal) => ({
      ordinal,
      tenant,
      since: new Date(firstEventAt.getTime() - groupingMs),
      until: new Date(lastEventAt.getTime() + groupingMs),
      own_kinds: own.map(({ kind }) => kind),
      own_values: own.map(({ value }) => value),
      kinds: everywhere.map(({ kind }) => kind),
      values: everywhere.map(({ value }) => value),
    }));
    const rows = await tx.query<(CandidateRow & { ordinal: number })[]>(
      `select s.ordinal, c.* from json_to_recordset($1)
         as s (ordinal int, tenant text, since timestamptz, until timestamptz, own_kinds text[], own_values text[], kinds text[], values text[])
       cross join lateral (
         select i.id, i.number, i.status, i.tenants, i.opened_at, e.kind, e.value, e.tenant_id, e.first_event_at, e.last_event_at
         from (
           -- Offsets are fences, so that the index is used by all its columns, whatever is believed of a young table.
           select e.* from unnest(s.own_kinds, s.own_values) as w (kind, value) cross join lateral (
             select * from incident_entities where kind = w.kind and value = w.value and tenant_id = s.tenant offset 0) e
           union all
           select e.* from unnest(s.kinds, s.values) as w (kind, value) cross join lateral (
             select * from incident_entities where kind = w.kind and value = w.value offset 0) e) e
         join incidents i on i.id = e.incident_id
         where i.disposition is null and e.last_event_at >= s.since and e.first_event_at <= s.until
         order by e.last_event_at desc limit 200) c
       order by s.ordinal, c.last_event_at desc`,
      [JSON.stringify(sought)],
    );
    const found = alerts.map((): Candidate[] => []);
    for (const row of rows) found[row.ordinal]?.push(toCandidate(row));
    return found;
  }

  /** Those of the alerts that belong to an incident. */
  async placed(tx: Tx, alertIds: readonly string[]): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }[]>(
      'select id from alerts where id = any($1) and incident_id is not null',
      [alertIds],
    );
    return rows.map(({ id }) => id);
  }

  /** Alerts of the same silo in triage, not judged yet, that share an entity and are near in time; oldest first. */
  async waitingAlerts(
    tx: Tx,
    alert: Span & { readonly id: string; readonly tenant: string; readonly groupingMs: number },
    entities: readonly Entity[],
  ): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }[]>(
      `select distinct a.id, a.first_event_at from unnest($5::text[], $6::text[]) as w (kind, value)
         cross join lateral (
           select alert_id from alert_entities where tenant_id = $1 and kind = w.kind and value = w.value offset 0) e
         join alerts a on a.id = e.alert_id
       where a.tenant_id = $1 and a.incident_id is null and a.verdict is null and a.id <> $2
         and a.last_event_at >= $3 and a.first_event_at <= $4
       order by a.first_event_at limit 50`,
      [
        alert.tenant,
        alert.id,
        new Date(alert.firstEventAt.getTime() - alert.groupingMs),
        new Date(alert.lastEventAt.getTime() + alert.groupingMs),
        entities.map(({ kind }) => kind),
        entities.map(({ value }) => value),
      ],
    );
    return rows.map(({ id }) => id);
  }

  async addEntities(
    tx: Tx,
    incidentId: string,
    tenant: string,
    entities: readonly Entity[],
    span: Span,
  ): Promise<void> {
    if (entities.length === 0) return;
    await tx.query(
      `insert into incident_entities (incident_id, tenant_id, kind, value, first_event_at, last_event_at)
       select distinct $1::uuid, $2, k, v, $5::timestamptz, $6::timestamptz from unnest($3::text[], $4::text[]) as e (k, v)
       on conflict (incident_id, tenant_id, kind, value) do update set
         first_event_at = least(incident_entities.first_event_at, excluded.first_event_at),
         last_event_at = greatest(incident_entities.last_event_at, excluded.last_event_at)`,
      [
        incidentId,
        tenant,
        entities.map(({ kind }) => kind),
        entities.map(({ value }) => value),
        span.firstEventAt,
        span.lastEventAt,
      ],
    );
  }

  async entities(tx: Tx, incidentId: string): Promise<readonly IncidentEntity[]> {
    const rows = await tx.query<
      { tenant_id: string; kind: string; value: string; first_event_at: Date; last_event_at: Date }[]
    >(
      `select tenant_id, kind, value, first_event_at, last_event_at from incident_entities
       where incident_id = $1 order by tenant_id, kind, value`,
      [incidentId],
    );
    return rows.map((row) => ({
      tenant: row.tenant_id,
      kind: row.kind,
      value: row.value,
      firstEventAt: row.first_event_at,
      lastEventAt: row.last_event_at,
    }));
  }

  async addAlert(tx: Tx, incidentId: string, alert: { id: string; tenant: string }, now: Date): Promise<void> {
    await tx.query(
      `insert into incident_alerts (incident_id, alert_id, tenant_id, joined_at) values ($1, $2, $3, $4)
       on conflict (incident_id, alert_id) do update set left_at = null`,
      [incidentId, alert.id, alert.tenant, now],
    );
    await tx.query(`update alerts set incident_id = $2 where id = $1`, [alert.id, incidentId]);
  }

  /** Alerts that belong to the incident now. */
  async alertIds(tx: Tx, incidentId: string): Promise<readonly string[]> {
    const rows = await tx.query<{ alert_id: string }[]>(
      `select alert_id from incident_alerts where incident_id = $1 and left_at is null order by joined_at, alert_id`,
      [incidentId],
    );
    return rows.map((row) => row.alert_id);
  }

  /** Moves alerts with their entities to another incident; the rows they leave stay, closed. */
  async moveAlerts(tx: Tx, fromId: string, intoId: string, alertIds: readonly string[], now: Date): Promise<void> {
    await tx.query(`update incident_alerts set left_at = $3 where incident_id = $1 and alert_id = any($2)`, [
      fromId,
      alertIds,
      now,
    ]);
    await tx.query(
      `insert into incident_alerts (incident_id, alert_id, tenant_id, joined_at)
       select $2, alert_id, tenant_id, $4 from incident_alerts where incident_id = $1 and alert_id = any($3)
       on conflict (incident_id, alert_id) do update set left_at = null`,
      [fromId, intoId, alertIds, now],
    );
    await tx.query(`update alerts set incident_id = $2 where id = any($1)`, [alertIds, intoId]);
  }

  async link(tx: Tx, incidentId: string, otherId: string, kind: 'follows' | 'shares'): Promise<void> {
    await tx.query(
      `insert into incident_links (incident_id, other_id, kind) values ($1, $2, $3) on conflict do nothing`,
      [incidentId, otherId, kind],
    );
  }

  async links(
    tx: Tx,
    incidentId: string,
  ): Promise<readonly { readonly id: string; readonly number: string; readonly kind: string }[]> {
    return tx.query(
      `select i.id, i.number, l.kind from incident_links l join incidents i on i.id = l.other_id where l.incident_id = $1
       union select i.id, i.number, case l.kind when 'follows' then 'followed_by' else l.kind end
         from incident_links l join incidents i on i.id = l.incident_id where l.other_id = $1
       order by 2`,
      [incidentId],
    );
  }

  /** What `from` knew of its entities, `into` knows too. */
  async copyEntities(tx: Tx, fromId: string, intoId: string): Promise<void> {
    await tx.query(
      `insert into incident_entities (incident_id, tenant_id, kind, value, first_event_at, last_event_at)
       select $2, tenant_id, kind, value, first_event_at, last_event_at from incident_entities where incident_id = $1
       on conflict (incident_id, tenant_id, kind, value) do update set
         first_event_at = least(incident_entities.first_event_at, excluded.first_event_at),
         last_event_at = greatest(incident_entities.last_event_at, excluded.last_event_at)`,
      [fromId, intoId],
    );
  }

  /** Forgets silos and entities of the incident that none of its alerts speaks of any more; a silo with a decision stays. */
  async forgetAbsent(tx: Tx, incidentId: string, candidates: readonly string[]): Promise<void> {
    await tx.query(
      `delete from incident_silos s where s.incident_id = $1 and s.tenant_id = any($2)
         and not exists (select from incident_alerts a where a.incident_id = $1 and a.tenant_id = s.tenant_id and a.left_at is null)
         and not exists (select from notification_decisions d where d.incident_id = $1 and d.tenant_id = s.tenant_id)`,
      [incidentId, candidates],
    );
    await tx.query(
      `delete from incident_entities e where e.incident_id = $1 and not exists (
         select from incident_alerts a join alert_entities ae on ae.alert_id = a.alert_id
         where a.incident_id = $1 and a.left_at is null and a.tenant_id = e.tenant_id and ae.kind = e.kind and ae.value = e.value)`,
      [incidentId],
    );
    await tx.query(
      `update incidents set tenants = coalesce((select array_agg(tenant_id order by tenant_id) from incident_silos where incident_id = $1), '{}')
       where id = $1`,
      [incidentId],
    );
  }

  async recordMerge(
    tx: Tx,
    merge: {
      readonly id: string;
      readonly fromId: string;
      readonly intoId: string;
      readonly alertIds: readonly string[];
      readonly addedSilos: readonly string[];
      readonly now: Date;
    },
  ): Promise<void> {
    await tx.query(
      `insert into incident_merges (id, incident_id, into_id, alert_ids, added_silos, merged_at) values ($1, $2, $3, $4, $5, $6)`,
      [merge.id, merge.fromId, merge.intoId, merge.alertIds, merge.addedSilos, merge.now],
    );
  }

  /** The merge that made the incident a duplicate, marked undone; undefined when there is none that stands. */
  async undoMerge(
    tx: Tx,
    incidentId: string,
    now: Date,
  ): Promise<
    | { readonly intoId: string; readonly alertIds: readonly string[]; readonly addedSilos: readonly string[] }
    | undefined
  > {
    const [rows] = await tx.query<[{ into_id: string; alert_ids: string[]; added_silos: string[] }[], number]>(
      `update incident_merges set undone_at = $2 where incident_id = $1 and undone_at is null
       returning into_id, alert_ids, added_silos`,
      [incidentId, now],
    );
    const row = rows[0];
    return row === undefined
      ? undefined
      : { intoId: row.into_id, alertIds: row.alert_ids, addedSilos: row.added_silos };
  }
}

function toCandidate(row: CandidateRow): Candidate {
  return {
    id: row.id,
    number: row.number,
    status: row.status,
    tenants: row.tenants,
    openedAt: row.opened_at,
    entity: { kind: row.kind, value: row.value, tenant: row.tenant_id },
    span: { firstEventAt: row.first_event_at, lastEventAt: row.last_event_at },
  };
}
