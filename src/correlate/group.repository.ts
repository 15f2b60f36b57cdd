import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { ChangedGroup } from './correlate-batch.js';
import type { Group } from './group.js';

interface GroupRow {
  key: string;
  state: Group;
}

/** Groups between signals, one row each. */
@Injectable()
export class GroupRepository {
  async load(tx: Tx, partition: number, keys: readonly string[]): Promise<ReadonlyMap<string, Group>> {
    if (keys.length === 0) return new Map();
    const rows = await tx.query<GroupRow[]>(
      'select key, state from correlate_groups where partition = $1 and key = any($2)',
      [partition, keys],
    );
    return new Map(rows.map(({ key, state }) => [key, state]));
  }

  /** Groups that may have to be closed at this progress clock, the longest due first. */
  async due(tx: Tx, partition: number, clockMs: number, limit: number): Promise<readonly (readonly [string, Group])[]> {
    const rows = await tx.query<GroupRow[]>(
      'select key, state from correlate_groups where partition = $1 and due_ms <= $2 order by due_ms limit $3',
      [partition, clockMs, limit],
    );
    return rows.map(({ key, state }) => [key, state]);
  }

  async nextDue(tx: Tx, partition: number): Promise<number | undefined> {
    const [row] = await tx.query<{ due: string | null }[]>(
      'select min(due_ms) as due from correlate_groups where partition = $1 and due_ms is not null',
      [partition],
    );
    return row?.due === undefined || row.due === null ? undefined : Number(row.due);
  }

  /** How many groups a partition has and what they take in the database, in bytes. Reads all of them: not for every batch. */
  async sizes(
    tx: Tx,
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, { readonly groups: number; readonly bytes: number }>> {
    const rows = await tx.query<{ partition: number; groups: string; bytes: string }[]>(
      `select partition, count(*) as groups, sum(pg_column_size(state) + pg_column_size(key)) as bytes
       from correlate_groups where partition = any($1) group by partition`,
      [partitions],
    );
    return new Map(
      rows.map(({ partition, groups, bytes }) => [partition, { groups: Number(groups), bytes: Number(bytes) }]),
    );
  }

  async save(tx: Tx, partition: number, changed: ReadonlyMap<string, ChangedGroup>): Promise<void> {
    const gone = [...changed].filter(([, { group }]) => group === undefined).map(([key]) => key);
    if (gone.length > 0) {
      await tx.query('delete from correlate_groups where partition = $1 and key = any($2)', [partition, gone]);
    }
    const kept = [...changed].flatMap(([key, { group, dueMs }]) =>
      group === undefined ? [] : [{ key, group, dueMs }],
    );
    if (kept.length === 0) return;
    await tx.query(
      `insert into correlate_groups (partition, key, consumer, state, due_ms)
       select $1::integer, k, c, s::json, d from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) as g (k, c, s, d)
       on conflict (partition, key) do update set state = excluded.state, due_ms = excluded.due_ms`,
      [
        partition,
        kept.map(({ key }) => key),
        kept.map(({ group }) => group.consumer),
        kept.map(({ group }) => JSON.stringify(group)),
        kept.map(({ dueMs }) => dueMs ?? null),
      ],
    );
  }
}
