import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';

/** What correlate keeps of a silo between signals. */
export interface StateSize {
  /** Groups that are being counted. */
  readonly groups: number;
  /** What they and the evidence out of its records take in the database. */
  readonly bytes: number;
  readonly measuredAt: Date;
}

/** In place of a silo: what reaches across silos. */
const FLEET = '';

/** Rows of `silo_state_sizes`. */
@Injectable()
export class StateSizeRepository {
  /** Measures the groups of all partitions by silo. Reads all of them: not for every batch. */
  async measure(tx: Tx, now: Date): Promise<void> {
    await tx.query(
      `with kept as (
         select tenant, sum(one) as groups, sum(bytes) as bytes from (
           select coalesce(state->>'tenant', $2) as tenant, 1 as one, pg_column_size(state) + pg_column_size(key) as bytes
           from correlate_groups
           union all
           select case when place like 'silo.%' then split_part(place, '.', 2) else $2 end, 0,
             pg_column_size(sample) + pg_column_size(place)
           from correlate_evidence
         ) as one group by tenant)
       insert into silo_state_sizes (tenant_id, groups, bytes, measured_at)
       select a.tenant, coalesce(k.groups, 0), coalesce(k.bytes, 0), $1
       from (select tenant_id as tenant from silos union select $2) as a left join kept k on k.tenant = a.tenant
       order by a.tenant
       on conflict (tenant_id) do update set groups = excluded.groups, bytes = excluded.bytes, measured_at = excluded.measured_at`,
      [now, FLEET],
    );
  }

  async of(tx: Tx, tenants: readonly string[]): Promise<ReadonlyMap<string, StateSize>> {
    const rows = await tx.query<{ tenant_id: string; groups: string; bytes: string; measured_at: Date }[]>(
      'select tenant_id, groups, bytes, measured_at from silo_state_sizes where tenant_id = any($1)',
      [tenants],
    );
    return new Map(
      rows.map(({ tenant_id: tenant, groups, bytes, measured_at: measuredAt }) => {
        return [tenant, { groups: Number(groups), bytes: Number(bytes), measuredAt }];
      }),
    );
  }

  /** Of all silos that the reader may see, with what reaches across them if it is all of them; undefined before it was measured. */
  async total(tx: Tx): Promise<StateSize | undefined> {
    const [row] = await tx.query<{ groups: string; bytes: string; measured_at: Date | null }[]>(
      'select sum(groups) as groups, sum(bytes) as bytes, max(measured_at) as measured_at from silo_state_sizes',
    );
    if (row === undefined || row.measured_at === null) return undefined;
    return { groups: Number(row.groups), bytes: Number(row.bytes), measuredAt: row.measured_at };
  }
}
