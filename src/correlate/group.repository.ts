import { Injectable } from '@nestjs/common';
import type { Sample } from '../detect/signal-message.js';
import type { Tx } from '../platform/database/database.js';
import type { ChangedGroup } from './correlate-batch.js';
import { type Group, heldOf } from './group.js';
import { evidenceChanges, fromStored, type StoredGroup, toStored } from './stored-group.js';

interface GroupRow {
  partition: number;
  key: string;
  state: StoredGroup;
  evidence: Readonly<Record<string, Sample>> | null;
}

const EVIDENCE = `(select json_object_agg(place, sample) from correlate_evidence e
  where e.partition = g.partition and e.key = g.key) as evidence`;

const groupOf = ({ state, evidence }: GroupRow): Group => fromStored(state, evidence ?? {});

export interface GroupPlace {
  readonly partition: number;
  readonly key: string;
}

export interface PartitionClock {
  readonly partition: number;
  readonly clockMs: number;
  /** `Watermarks.settled`. */
  readonly settledMs: number;
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

/** Groups between signals, one row each, and one for each record that is their evidence. */
@Injectable()
export class GroupRepository {
  /** Groups by partition and key. */
  async load(tx: Tx, sought: readonly GroupPlace[]): Promise<ReadonlyMap<number, ReadonlyMap<string, Group>>> {
    if (sought.length === 0) return new Map();
    const rows = await tx.query<GroupRow[]>(
      `select partition, key, state, ${EVIDENCE} from correlate_groups g
       where (partition, key) in (select * from unnest($1::integer[], $2::text[]))`,
      [sought.map(({ partition }) => partition), sought.map(({ key }) => key)],
    );
    const found = new Map<number, Map<string, Group>>();
    for (const row of rows) {
      const groups = found.get(row.partition) ?? new Map<string, Group>();
      found.set(row.partition, groups.set(row.key, groupOf(row)));
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
      `select c.partition, d.key, d.state, d.evidence
       from unnest($1::integer[], $2::bigint[], $3::bigint[]) as c (partition, clock_ms, settled_ms)
       cross join lateral (
         (select key, state, due_ms, ${EVIDENCE} from correlate_groups g
          where g.partition = c.partition and g.due_ms <= c.clock_ms order by g.due_ms limit $4)
         union all
         (select key, state, held_ms, ${EVIDENCE} from correlate_groups g
          where g.partition = c.partition and g.held_ms <= c.settled_ms order by g.held_ms limit $5)) d
       order by d.due_ms`,
      [
        clocks.map(({ partition }) => partition),
        clocks.map(({ clockMs }) => clockMs),
        clocks.map(({ settledMs }) => settledMs),
        limit,
        Math.ceil(limit / 10),
      ],
    );
    const due = new Map<number, DueGroup[]>();
    for (const row of rows) {
      const groups = due.get(row.partition) ?? [];
      groups.push({ key: row.key, group: groupOf(row) });
      due.set(row.partition, groups);
    }
    return due;
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
         select partition, 0, pg_column_size(sample) + pg_column_size(key) + pg_column_size(place) from correlate_evidence
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
    const kept = changed.flatMap(({ group, ...one }) => (group === undefined ? [] : [{ ...one, group }]));
    if (kept.length === 0) return;
    const rows = kept.map(({ partition, key, group, dueMs }) => {
      const times = { due_ms: dueMs ?? null, held_ms: heldOf(group) ?? null };
      return { partition, key, consumer: group.consumer, state: toStored(group), ...times };
    });
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
    await this.saveEvidence(tx, kept);
  }

  private async saveEvidence(
    tx: Tx,
    kept: readonly (GroupPlace & { readonly before: Group | undefined; readonly group: Group })[],
  ): Promise<void> {
    const changes = kept.map(({ partition, key, before, group }) => {
      return { partition, key, ...evidenceChanges(before, group) };
    });
    const dropped = changes.flatMap(({ dropped: places, ...at }) => places.map((place) => ({ ...at, place })));
    if (dropped.length > 0) {
      await tx.query(
        `delete from correlate_evidence
         where (partition, key, place) in (select * from unnest($1::integer[], $2::text[], $3::text[]))`,
        [dropped.map(({ partition }) => partition), dropped.map(({ key }) => key), dropped.map(({ place }) => place)],
      );
    }
    const added = changes.flatMap(({ partition, key, added: samples }) =>
      [...samples].map(([place, sample]) => ({ partition, key, place, sample })),
    );
    if (added.length === 0) return;
    await tx.query(
      `insert into correlate_evidence (partition, key, place, sample)
       select partition, key, place, sample
       from json_to_recordset($1) as e (partition integer, key text, place text, sample json)
       on conflict (partition, key, place) do update set sample = excluded.sample`,
      [JSON.stringify(added)],
    );
  }

  private async remove(tx: Tx, gone: readonly GroupPlace[]): Promise<void> {
    if (gone.length === 0) return;
    await tx.query(
      `with gone as (select * from unnest($1::integer[], $2::text[]) as g (partition, key)),
         evidence as (delete from correlate_evidence where (partition, key) in (select partition, key from gone))
       delete from correlate_groups where (partition, key) in (select partition, key from gone)`,
      [gone.map(({ partition }) => partition), gone.map(({ key }) => key)],
    );
  }
}
