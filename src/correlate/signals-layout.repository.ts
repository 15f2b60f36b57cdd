import { partitionOf } from '../detect/correlation-key.js';
import type { Tx } from '../platform/database/database.js';
import { type StoredWatermarks } from './watermarks.js';

/** Marks of former layouts are kept under this number, which is no partition's: every owner loads them. */
export const FORMER_MARKS = -1;

/** The source under which a mark of a former layout is kept: which partition of how many took the signal. */
export const formerSource = (source: string, partitions: number, partition: number): string =>
  `${source}@${partitions}/${partition}`;

interface GroupPlace {
  readonly partition: number;
  readonly key: string;
  readonly tenant: string | null;
  readonly members: string[];
}

/** Where a partition is read on, and where it stood. */
export interface Move {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** Moves the correlator's books to another number of signals partitions. To be called when nothing is under way. */
export class SignalsLayoutRepository {
  /** Undefined before the first start. */
  async recorded(tx: Tx): Promise<number | undefined> {
    const [row] = await tx.query<{ signals_partitions: number }[]>('select signals_partitions from correlate_log');
    return row?.signals_partitions;
  }

  /** Where each partition was read to. */
  async positions(tx: Tx): Promise<ReadonlyMap<number, number>> {
    return new Map((await this.partitions(tx)).map(({ partition, position }) => [partition, position]));
  }

  /** By partition, with when it was stopped since its position was not in the log. */
  async partitions(
    tx: Tx,
  ): Promise<
    readonly { readonly partition: number; readonly position: number; readonly stoppedAt: Date | undefined }[]
  > {
    const rows = await tx.query<{ partition: number; position: string; stopped_at: Date | null }[]>(
      'select partition, position, stopped_at from correlate_partitions order by partition',
    );
    return rows.map(({ partition, position, stopped_at: stoppedAt }) => {
      return { partition, position: Number(position), stoppedAt: stoppedAt ?? undefined };
    });
  }

  /** Stopped no more, they are read on from there, but for one that has moved by itself. Whoever holds one is fenced. */
  async resume(tx: Tx, moves: readonly Move[]): Promise<void> {
    const partitions = moves.map(({ partition }) => partition);
    // In the order in which correlators lock them.
    await tx.query('select 1 from correlate_partitions where partition = any($1) order by partition for update', [
      partitions,
    ]);
    await tx.query(
      `update correlate_partitions p set position = t.position, stopped_at = null, epoch = p.epoch + 1
       from unnest($1::integer[], $2::bigint[], $3::bigint[]) as t (partition, former, position)
       where p.partition = t.partition and p.position = t.former`,
      [partitions, moves.map(({ from }) => from), moves.map(({ to }) => to)],
    );
  }

  async outboxSize(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: string }[]>('select count(*) from correlate_outbox');
    return Number(row?.count ?? 0);
  }

  /** Everything at once: groups to where their keys now belong, marks kept for the layout they were made in, positions at the new log's start. */
  async move(tx: Tx, from: number, to: number): Promise<void> {
    // In the order in which correlators lock them.
    await tx.query('select 1 from correlate_partitions order by partition for update');
    // Fences whoever still holds a partition.
    await tx.query('update correlate_partitions set epoch = epoch + 1');
    await this.moveGroups(tx, to);
    await this.keepMarks(tx, from);
    await this.renewPartitions(tx, to);
    await tx.query(
      `update correlate_log set signals_partitions = $2,
         former_partitions = array(select distinct unnest(former_partitions || $1::integer) order by 1)`,
      [from, to],
    );
  }

  private async moveGroups(tx: Tx, to: number): Promise<void> {
    const places = await tx.query<GroupPlace[]>(
      `select partition, key, state->>'tenant' as tenant,
         array(select json_array_elements_text(state->'group')) as members from correlate_groups`,
    );
    const moved = places.flatMap(({ partition, key, tenant, members }) => {
      const target = partitionOf({ tenant, group: members }, to);
      return target === partition ? [] : [{ partition, key, target }];
    });
    if (moved.length === 0) return;
    await tx.query(
      `with moved as (select * from unnest($1::integer[], $2::text[], $3::integer[]) as m (partition, key, target))
       update correlate_groups g set partition = m.target from moved m
       where g.partition = m.partition and g.key = m.key`,
      [moved.map(({ partition }) => partition), moved.map(({ key }) => key), moved.map(({ target }) => target)],
    );
    await this.placeEvidence(tx);
  }

  /** Evidence to wherever a group now names it. */
  private async placeEvidence(tx: Tx): Promise<void> {
    const named = `select g.partition, s.value->>0 as place, count(*) as uses
      from correlate_groups g, json_each(g.state->'parts') p, json_array_elements(p.value->'samples') s
      group by 1, 2`;
    await tx.query(
      `insert into correlate_evidence (partition, place, uses, sample)
       select distinct on (n.partition, n.place) n.partition, n.place, n.uses, e.sample
       from (${named}) n join correlate_evidence e using (place)
       order by n.partition, n.place, length(e.sample->>'raw') desc
       on conflict (partition, place) do update set uses = excluded.uses, sample = excluded.sample`,
    );
    await tx.query(
      `with named as (${named})
       delete from correlate_evidence e
       where not exists (select 1 from named n where n.partition = e.partition and n.place = e.place)`,
    );
  }

  private async keepMarks(tx: Tx, from: number): Promise<void> {
    await tx.query(
      `insert into correlate_marks as m (partition, incarnation, source, hash, record_offset, ordinal)
       select $2, incarnation, source || '@' || $1::text || '/' || partition, hash, record_offset, ordinal
       from correlate_marks where partition >= 0
       on conflict (partition, incarnation, source, hash) do update
         set record_offset = excluded.record_offset, ordinal = excluded.ordinal
         where (excluded.record_offset, excluded.ordinal) > (m.record_offset, m.ordinal)`,
      [String(from), FORMER_MARKS],
    );
    await tx.query('delete from correlate_marks where partition >= 0');
  }

  /** Sequences of relayed firings go on above all that were ever given; event time has come as far as anybody knows. */
  private async renewPartitions(tx: Tx, to: number): Promise<void> {
    const rows = await tx.query<
      { epoch: string; outbox_sequence: string; clock_ms: string; watermarks: StoredWatermarks }[]
    >('select epoch, outbox_sequence, clock_ms, watermarks from correlate_partitions');
    const most = (read: (row: (typeof rows)[number]) => string): number =>
      rows.reduce((max, row) => Math.max(max, Number(read(row))), 0);
    await tx.query('delete from correlate_partitions');
    await tx.query(
      `insert into correlate_partitions (partition, epoch, position, outbox_sequence, clock_ms, watermarks)
       select p, $2, 0, $3, $4, $5::json from generate_series(0, $1::integer - 1) as p`,
      [
        to,
        most(({ epoch }) => epoch),
        most(({ outbox_sequence: sequence }) => sequence),
        most(({ clock_ms: clock }) => clock),
        JSON.stringify(joinWatermarks(rows.map(({ watermarks }) => watermarks))),
      ],
    );
  }
}

/** Of each source what is furthest: all signals before it were counted, in whichever partition. */
export function joinWatermarks(all: readonly StoredWatermarks[]): StoredWatermarks {
  const joined: Record<string, readonly [string, number, number]> = {};
  for (const [source, mark] of all.flatMap((one) => Object.entries(one))) {
    const known = joined[source];
    if (known === undefined || mark[1] > known[1]) joined[source] = mark;
  }
  return joined;
}
