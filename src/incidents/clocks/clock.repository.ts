import { Injectable } from '@nestjs/common';
import { Ids } from '../../platform/ids/ids.js';
import type { Tx } from '../../platform/database/database.js';
import type { ComputedClock, KnownFact } from './clocks.js';

/** A clock as last computed, with what was paged for it. */
export interface StoredClock {
  readonly id: string;
  readonly incidentId: string;
  readonly clock: string;
  readonly tenant: string | null;
  readonly name: string;
  readonly why: string;
  readonly startedAt: Date;
  readonly dueAt: Date;
  readonly state: ComputedClock['state'];
  readonly settledAt: Date | null;
  readonly isOurs: boolean;
  readonly pagedPercent: number;
}

interface Row {
  id: string;
  incident_id: string;
  clock: string;
  tenant_id: string | null;
  name: string;
  why: string;
  started_at: Date;
  due_at: Date;
  state: ComputedClock['state'];
  settled_at: Date | null;
  is_ours: boolean;
  paged_percent: number;
}

const COLUMNS = `id, incident_id, clock, tenant_id, name, why, started_at, due_at, state, settled_at, is_ours, paged_percent`;

export interface RecordedFact extends KnownFact {
  readonly recordedAt: Date;
  readonly actorName: string;
}

/** Legal and contractual clocks, and the awareness ledger they are computed from. */
@Injectable()
export class ClockRepository {
  constructor(private readonly ids: Ids) {}

  async ofIncidents(tx: Tx, incidentIds: readonly string[]): Promise<readonly StoredClock[]> {
    const rows = await tx.query<Row[]>(
      `select ${COLUMNS} from incident_clocks where incident_id = any($1) order by due_at, id`,
      [incidentIds],
    );
    return rows.map(toClock);
  }

  async find(tx: Tx, id: string): Promise<StoredClock | undefined> {
    const rows = await tx.query<Row[]>(`select ${COLUMNS} from incident_clocks where id = $1`, [id]);
    return rows.map(toClock)[0];
  }

  /** Stores a clock as computed; a clock that starts again (a later submission) is paged anew. */
  async store(tx: Tx, incidentId: string, clock: ComputedClock): Promise<void> {
    await tx.query(
      `insert into incident_clocks (id, incident_id, clock, tenant_id, version, name, why, started_at, due_at, state, settled_at, is_ours)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       on conflict (incident_id, clock, tenant_id) do update set version = excluded.version, name = excluded.name, why = excluded.why,
         paged_percent = case when incident_clocks.started_at = excluded.started_at then incident_clocks.paged_percent else 0 end,
         started_at = excluded.started_at, due_at = excluded.due_at, state = excluded.state, settled_at = excluded.settled_at,
         is_ours = excluded.is_ours`,
      [
        this.ids.uuid(),
        incidentId,
        clock.regulation,
        clock.tenant,
        clock.version,
        clock.name,
        clock.why,
        clock.startedAt,
        clock.dueAt,
        clock.state,
        clock.settledAt,
        clock.isOurs,
      ],
    );
  }

  /** Clocks that no longer follow from the facts (a correction of the ledger) are removed from the list; the ledger keeps why. */
  async removeOthers(tx: Tx, incidentId: string, kept: readonly ComputedClock[]): Promise<void> {
    await tx.query(
      `delete from incident_clocks where incident_id = $1 and not exists (
         select from unnest($2::text[], $3::text[]) as k (clock, tenant)
         where k.clock = incident_clocks.clock and k.tenant is not distinct from incident_clocks.tenant_id)`,
      [incidentId, kept.map(({ regulation }) => regulation), kept.map(({ tenant }) => tenant)],
    );
  }

  async paged(tx: Tx, id: string, percent: number): Promise<void> {
    await tx.query(`update incident_clocks set paged_percent = $2 where id = $1`, [id, percent]);
  }

  async waive(tx: Tx, id: string, by: string, reason: string): Promise<void> {
    await tx.query(`update incident_clocks set waived_by = $2, waived_reason = $3 where id = $1`, [id, by, reason]);
  }

  /** Clock key (`regulation/tenant`) → the reason for which a person waived it. */
  async waivers(tx: Tx, incidentId: string): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.query<{ clock: string; tenant_id: string | null; waived_reason: string }[]>(
      `select clock, tenant_id, waived_reason from incident_clocks where incident_id = $1 and waived_reason is not null`,
      [incidentId],
    );
    return new Map(rows.map((row) => [`${row.clock}/${row.tenant_id ?? ''}`, row.waived_reason]));
  }

  async facts(tx: Tx, incidentId: string): Promise<readonly RecordedFact[]> {
    const rows = await tx.query<
      { fact: string; tenant_id: string | null; value: unknown; at: Date; recorded_at: Date; actor_name: string }[]
    >(
      `select fact, tenant_id, value, at, recorded_at, actor_name from incident_facts where incident_id = $1 order by recorded_at, id`,
      [incidentId],
    );
    return rows.map((row) => ({
      fact: row.fact,
      tenant: row.tenant_id,
      value: row.value,
      at: row.at,
      recordedAt: row.recorded_at,
      actorName: row.actor_name,
    }));
  }

  async recordFact(
    tx: Tx,
    incidentId: string,
    fact: KnownFact,
    by: { readonly id: string; readonly name: string },
    now: Date,
  ): Promise<void> {
    await tx.query(
      `insert into incident_facts (id, incident_id, tenant_id, fact, value, at, recorded_at, actor_id, actor_name)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [this.ids.uuid(), incidentId, fact.tenant, fact.fact, JSON.stringify(fact.value), fact.at, now, by.id, by.name],
    );
  }
}

function toClock(row: Row): StoredClock {
  return {
    id: row.id,
    incidentId: row.incident_id,
    clock: row.clock,
    tenant: row.tenant_id,
    name: row.name,
    why: row.why,
    startedAt: row.started_at,
    dueAt: row.due_at,
    state: row.state,
    settledAt: row.settled_at,
    isOurs: row.is_ours,
    pagedPercent: row.paged_percent,
  };
}
