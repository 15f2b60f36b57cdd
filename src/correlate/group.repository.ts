import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { ChangedGroup } from './correlate-batch.js';
import type { Group } from './group.js';

interface GroupRow {
  key: string;
  state: Group;
}

export interface GroupPlace {
  readonly partition: number;
  readonly key: string;
}

export interface PartitionClock {
  readonly partition: number;
  readonly clockMs: number;
}

export interface DueGroup {
  readonly key: string;
  readonly group: Group;
}

/** Groups between signals, one row each. */
@Injectable()
export class GroupRepository {
  /** Groups by partition and key. */
  async load(tx: Tx, sought: readonly GroupPlace[]): Promise<ReadonlyMap<number, ReadonlyMap<string, Group>>> {
    if (sought.length === 0) return new Map();
    const rows = await tx.query<(GroupRow & { partition: number })[]>(
      `select partition, key, state from correlate_groups
       where (partition, key) in (select * from unnest($1::integer[], $2::text[]))`,
      [sought.map(({ partition }) => partition), sought.map(({ key }) => key)],
    );
    const found = new Map<number, Map<string, Group>>();
    for (const { partition, key, state } of rows) {
      const groups = found.get(partition) ?? new Map<string, Group>();
      found.set(partition, groups.set(key, state));
    }
    return found;
  }

  /** Groups that may have to be closed at their partition's progress clock, the longest due first, at most `limit` of each partition. */
  async due(
    tx: Tx,
    clocks: readonly PartitionClock[],
    limit: number,
  ): Promise<ReadonlyMap<number, readonly DueGroup[]>> {
    if (clocks.length === 0) return new Map();
    const rows = await tx.query<(GroupRow & { partition: number })[]>(
      `select c.partition, d.key, d.state from unnest($1::integer[], $2::bigint[]) as c (partition, clock_ms)
       cross join lateral (
         select key, state, due_ms from correlate_groups g
         where g.partition = c.partition and g.due_ms <= c.clock_ms order by g.due_ms limit $3) d
       order by d.due_ms`,
      [clocks.map(({ partition }) => partition), clocks.map(({ clockMs }) => clockMs), limit],
    );
    const due = new Map<number, DueGroup[]>();
    for (const { partition, key, state: group } of rows) {
      const groups = due.get(partition) ?? [];
      groups.push({ key, group });
      due.set(partition, groups);
    }
    return due;
  }

  /** When the next group of each partition is due, on the progress clock; a partition without one is left out. */
  async nextDue(tx: Tx, partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    if (partitions.length === 0) return new Map();
    const rows = await tx.query<{ partition: number; due: string }[]>(
      `select p.partition, d.due_ms as due from unnest($1::integer[]) as p (partition)
       cross join lateral (
         select due_ms from correlate_groups g
         where g.partition = p.partition and g.due_ms is not null order by g.due_ms limit 1) d`,
      [partitions],
    );
    return new Map(rows.map(({ partition, due }) => [partition, Number(due)]));
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

  async save(tx: Tx, changed: readonly (GroupPlace & ChangedGroup)[]): Promise<void> {
    const gone = changed.filter(({ group }) => group === undefined);
    if (gone.length > 0) {
      await tx.query(
        'delete from correlate_groups where (partition, key) in (select * from unnest($1::integer[], $2::text[]))',
        [gone.map(({ partition }) => partition), gone.map(({ key }) => key)],
      );
    }
    const kept = changed.flatMap(({ partition, key, group, dueMs }) =>
      group === undefined ? [] : [{ partition, key, consumer: group.consumer, state: group, due_ms: dueMs ?? null }],
    );
    if (kept.length === 0) return;
    // As one JSON text: an array of JSON texts would be escaped once more.
    await tx.query(
      `insert into correlate_groups (partition, key, consumer, state, due_ms)
       select partition, key, consumer, state, due_ms
       from json_to_recordset($1) as g (partition integer, key text, consumer text, state json, due_ms bigint)
       on conflict (partition, key) do update set state = excluded.state, due_ms = excluded.due_ms`,
      [JSON.stringify(kept)],
    );
  }
}
