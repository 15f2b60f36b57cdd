import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { Workstream, WorkstreamKind } from './incident.js';

export interface Waiver {
  readonly kind: WorkstreamKind;
  readonly reason: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly requestedAt: Date;
  readonly approver: { readonly id: string; readonly name: string } | null;
  readonly approvedAt: Date | null;
}

export interface Declaration {
  readonly statement: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly declaredAt: Date;
  /** New alerts or a reopening took its ground away. */
  readonly lapsedAt: Date | null;
}

interface WaiverRow {
  kind: WorkstreamKind;
  reason: string;
  author_id: string;
  author_name: string;
  requested_at: Date;
  approver_id: string | null;
  approver_name: string | null;
  approved_at: Date | null;
}

interface DeclarationRow {
  statement: string;
  author_id: string;
  author_name: string;
  declared_at: Date;
  lapsed_at: Date | null;
}

/** The workstreams as last assessed, their waivers, and the declaration that an incident is contained. */
@Injectable()
export class WorkstreamRepository {
  async ofIncidents(tx: Tx, incidentIds: readonly string[]): Promise<ReadonlyMap<string, readonly Workstream[]>> {
    const rows = await tx.query<(Workstream & { incident_id: string })[]>(
      `select incident_id, kind, state, missing from incident_workstreams where incident_id = any($1)
       order by array_position(array['containment', 'root_cause', 'notification', 'review'], kind)`,
      [incidentIds],
    );
    return Map.groupBy(
      rows.map((row) => row),
      (row) => row.incident_id,
    );
  }

  async write(tx: Tx, incidentId: string, workstreams: readonly Workstream[]): Promise<void> {
    for (const { kind, state, missing } of workstreams)
      await tx.query(
        `insert into incident_workstreams (incident_id, kind, state, missing) values ($1, $2, $3, $4)
         on conflict (incident_id, kind) do update set state = excluded.state, missing = excluded.missing`,
        [incidentId, kind, state, JSON.stringify(missing)],
      );
  }

  async waivers(tx: Tx, incidentId: string): Promise<readonly Waiver[]> {
    const rows = await tx.query<WaiverRow[]>(`select * from workstream_waivers where incident_id = $1`, [incidentId]);
    return rows.map((row) => ({
      kind: row.kind,
      reason: row.reason,
      author: { id: row.author_id, name: row.author_name },
      requestedAt: row.requested_at,
      approver: row.approver_id === null ? null : { id: row.approver_id, name: row.approver_name ?? row.approver_id },
      approvedAt: row.approved_at,
    }));
  }

  async waive(tx: Tx, incidentId: string, waiver: Waiver): Promise<void> {
    await tx.query(
      `insert into workstream_waivers (incident_id, kind, reason, author_id, author_name, requested_at, approver_id, approver_name, approved_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (incident_id, kind) do update set reason = excluded.reason, author_id = excluded.author_id,
         author_name = excluded.author_name, requested_at = excluded.requested_at, approver_id = excluded.approver_id,
         approver_name = excluded.approver_name, approved_at = excluded.approved_at`,
      [
        incidentId,
        waiver.kind,
        waiver.reason,
        waiver.author.id,
        waiver.author.name,
        waiver.requestedAt,
        waiver.approver?.id ?? null,
        waiver.approver?.name ?? null,
        waiver.approvedAt,
      ],
    );
  }

  async declaration(tx: Tx, incidentId: string): Promise<Declaration | null> {
    const rows = await tx.query<DeclarationRow[]>(`select * from containment_declarations where incident_id = $1`, [
      incidentId,
    ]);
    const row = rows[0];
    if (row === undefined) return null;
    return {
      statement: row.statement,
      author: { id: row.author_id, name: row.author_name },
      declaredAt: row.declared_at,
      lapsedAt: row.lapsed_at,
    };
  }

  async declare(tx: Tx, incidentId: string, declaration: Declaration): Promise<void> {
    await tx.query(
      `insert into containment_declarations (incident_id, statement, author_id, author_name, declared_at) values ($1, $2, $3, $4, $5)
       on conflict (incident_id) do update set statement = excluded.statement, author_id = excluded.author_id,
         author_name = excluded.author_name, declared_at = excluded.declared_at, lapsed_at = null`,
      [incidentId, declaration.statement, declaration.author.id, declaration.author.name, declaration.declaredAt],
    );
  }

  /** True when a standing declaration lost its ground just now. */
  async lapse(tx: Tx, incidentId: string, now: Date): Promise<boolean> {
    const [, count] = await tx.query<[unknown, number]>(
      `update containment_declarations set lapsed_at = $2 where incident_id = $1 and lapsed_at is null`,
      [incidentId, now],
    );
    return count > 0;
  }
}
