import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { ChangedGroup } from './correlate-batch.js';
import { EvidenceRepository } from './evidence.repository.js';
import { type Group, heldOf } from './group.js';
import { evidenceUses, fromStored, placesIn, type StoredGroup, toStored } from './stored-group.js';

interface GroupRow {
  partition: number;
  key: string;
  consumer: string;
  state: StoredGroup;
}

export interface GroupPlace {
  readonly partition: number;
  readonly key: string;
}

export interface PartitionClock {
  readonly partition: number;
  readonly clockMs: number;
  /** `Watermarks.passedMs`. */
  readonly passedMs: number;
}

/** When groups of a partition next have to be looked at; undefined for never. */
export interface NextDue {
  readonly dueMs: number | undefined;
  readonly heldMs: number | undefined;
}

export interface DueGroup {
  readonly key: string;
  readonly group: Group;
}

/** Groups between signals, one row each. */
@Injectable()
export class GroupRepository {
  constructor(private readonly evidence: EvidenceRepository) {}

  /** Groups by partition and key. */
  async load(tx: Tx, sought: readonly GroupPlace[]): Promise<ReadonlyMap<number, ReadonlyMap<string, Group>>> {
    if (sought.length === 0) return new Map();
    const rows = await tx.query<GroupRow[]>(
      `select partition, key, consumer, state from correlate_groups
       where (partition, key) in (select * from unnest($1::integer[], $2::text[]))`,
      [sought.map(({ partition }) => partition), sought.map(({ key }) => key)],
    );
    const found = new Map<number, Map<string, Group>>();
    for (const { partition, key, group } of await this.withEvidence(tx, rows)) {
      const groups = found.get(partition) ?? new Map<string, Group>();
      found.set(partition, groups.set(key, group));
    }
    return found;
  }

  /**
   * Groups that may have to be closed at their partition's progress clock, the longest due first, at most `limit` of each partition, and a tenth
   * of that of those that hold signals, which are larger.
   */
  async due(
    tx: Tx,
    clocks: readonly PartitionClock[],
    limit: number,
  ): Promise<ReadonlyMap<number, readonly DueGroup[]>> {
    if (clocks.length === 0) return new Map();
    const rows = await tx.query<GroupRow[]>(
      `select c.partition, d.key, d.consumer, d.state
       from unnest($1::integer[], $2::bigint[], $3::bigint[]) as c (partition, clock_ms, passed_ms)
       cross join lateral (
         (select key, consumer, state, due_ms from correlate_groups g
          where g.partition = c.partition and g.due_ms <= c.clock_ms order by g.due_ms limit $4)
         union all
         (select key, consumer, state, held_ms from correlate_groups g
          where g.partition = c.partition and g.held_ms <= c.passed_ms order by g.held_ms limit $5)) d
       order by d.due_ms`,
      [
        clocks.map(({ partition }) => partition),
        clocks.map(({ clockMs }) => clockMs),
        clocks.map(({ passedMs }) => passedMs),
        limit,
        Math.ceil(limit / 10),
      ],
    );
    const due = new Map<number, DueGroup[]>();
    for (const { partition, key, group } of await this.withEvidence(tx, rows)) {
      const groups = due.get(partition) ?? [];
      groups.push({ key, group });
      due.set(partition, groups);
    }
    return due;
  }

  private async withEvidence(
    tx: Tx,
    rows: readonly GroupRow[],
  ): Promise<readonly (GroupPlace & { readonly group: Group })[]> {
    const named = rows.flatMap(({ partition, state }) => placesIn(state).map((place) => ({ partition, place })));
    const evidence = await this.evidence.load(tx, named);
    return rows.map(({ partition, key, consumer, state }) => {
      return { partition, key, group: fromStored(consumer, state, evidence.get(partition) ?? new Map()) };
    });
  }

  async nextDue(tx: Tx, partitions: readonly number[]): Promise<ReadonlyMap<number, NextDue>> {
    if (partitions.length === 0) return new Map();
    const rows = await tx.query<{ partition: number; due: string | null; held: string | null }[]>(
      `select p.partition,
         (select min(due_ms) from correlate_groups g where g.partition = p.partition and g.due_ms is not null) as due,
         (select min(held_ms) from correlate_groups g where g.partition = p.partition and g.held_ms is not null) as held
       from unnest($1::integer[]) as p (partition)`,
      [partitions],
    );
    const read = (ms: string | null): number | undefined => (ms === null ? undefined : Number(ms));
    return new Map(rows.map(({ partition, due, held }) => [partition, { dueMs: read(due), heldMs: read(held) }]));
  }

  /** How many groups a partition has and what they take in the database, in bytes. Reads all of them: not for every batch. */
  async sizes(
    tx: Tx,
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, { readonly groups: number; readonly bytes: number }>> {
    const rows = await tx.query<{ partition: number; groups: string; bytes: string }[]>(
      `select partition, sum(one) as groups, sum(bytes) as bytes from (
         select partition, 1 as one, pg_column_size(state) + pg_column_size(key) as bytes from correlate_groups
         union all
         select partition, 0, pg_column_size(sample) + pg_column_size(place) from correlate_evidence
       ) as kept where partition = any($1) group by partition`,
      [partitions],
    );
    return new Map(
      rows.map(({ partition, groups, bytes }) => [partition, { groups: Number(groups), bytes: Number(bytes) }]),
    );
  }

  async save(tx: Tx, changed: readonly (GroupPlace & ChangedGroup)[]): Promise<void> {
    await this.remove(
      tx,
      changed.filter(({ group }) => group === undefined),
    );
    await this.write(tx, changed);
    await this.evidence.save(tx, evidenceUses(changed));
  }

  private async write(tx: Tx, changed: readonly (GroupPlace & ChangedGroup)[]): Promise<void> {
    const rows = changed.flatMap(({ partition, key, group, dueMs }) => {
      if (group === undefined) return [];
      const times = { due_ms: dueMs ?? null, held_ms: heldOf(group) ?? null };
      return [{ partition, key, consumer: group.consumer, state: toStored(group), ...times }];
    });
    if (rows.length === 0) return;
    // As one JSON text: an array of JSON texts would be escaped once more.
    await tx.query(
      `insert into correlate_groups (partition, key, consumer, state, due_ms, held_ms)
       select partition, key, consumer, state, due_ms, held_ms
       from json_to_recordset($1)
         as g (partition integer, key text, consumer text, state json, due_ms bigint, held_ms bigint)
       on conflict (partition, key) do update
         set state = excluded.state, due_ms = excluded.due_ms, held_ms = excluded.held_ms`,
      [JSON.stringify(rows)],
    );
  }

  private async remove(tx: Tx, gone: readonly GroupPlace[]): Promise<void> {
    if (gone.length === 0) return;
    await tx.query(
      `delete from correlate_groups where (partition, key) in (select * from unnest($1::integer[], $2::text[]))`,
      [gone.map(({ partition }) => partition), gone.map(({ key }) => key)],
    );
  }
}
