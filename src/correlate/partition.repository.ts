import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { siloTopic, STREAMS } from '../platform/event-log/topics.js';
import type { Silo } from '../silos/silo.js';
import type { Mark } from './marks.js';
import { FORMER_MARKS } from './signals-layout.repository.js';
import type { OutboxMessage, PartitionMemory } from './partition-memory.js';
import type { StoredWatermarks } from './watermarks.js';

export interface StoredPartition {
  readonly epoch: number;
  readonly position: number;
  /** Its position was not in the log: `silowatch signals resume` lets it be read again. */
  readonly isStopped: boolean;
  readonly outboxSequence: number;
  readonly clockMs: number;
  readonly watermarks: StoredWatermarks;
}

export type HeldPartition = Pick<PartitionMemory, 'partition' | 'epoch'>;

/** Where a partition stands when a transaction commits. */
export interface MovedPartition extends Omit<StoredPartition, 'epoch' | 'isStopped' | 'watermarks'> {
  readonly partition: number;
  /** Undefined when none was told since they were saved last. */
  readonly watermarks: StoredWatermarks | undefined;
  readonly marks: readonly Mark[];
}

interface PartitionRow {
  epoch: string;
  position: string;
  is_stopped: boolean;
  outbox_sequence: string;
  clock_ms: string;
  watermarks: StoredWatermarks;
}

/** The correlator's books of each signals partition: owner's epoch, position, marks, outbox. */
@Injectable()
export class PartitionRepository {
  /** Takes the partition over: waits for the transaction of whoever had it, then nothing of theirs commits any more. */
  async raiseEpoch(tx: Tx, partition: number, startOffset: number): Promise<void> {
    await tx.query(
      `insert into correlate_partitions as p (partition, epoch, position) values ($1, 1, $2)
       on conflict (partition) do update set epoch = p.epoch + 1`,
      [partition, startOffset],
    );
  }

  async load(tx: Tx, partition: number): Promise<StoredPartition> {
    const [row] = await tx.query<PartitionRow[]>(
      `select epoch, position, stopped_at is not null as is_stopped, outbox_sequence, clock_ms, watermarks
       from correlate_partitions where partition = $1`,
      [partition],
    );
    if (row === undefined) throw new Error(`Signals partition ${partition} has no row`);
    return {
      epoch: Number(row.epoch),
      position: Number(row.position),
      isStopped: row.is_stopped,
      outboxSequence: Number(row.outbox_sequence),
      clockMs: Number(row.clock_ms),
      watermarks: row.watermarks,
    };
  }

  /** Stops it for whoever takes it up, unless it was taken over already. */
  async stop(tx: Tx, { partition, epoch }: HeldPartition, now: Date): Promise<void> {
    await tx.query(
      `update correlate_partitions set stopped_at = coalesce(stopped_at, $3) where partition = $1 and epoch = $2`,
      [partition, epoch, now],
    );
  }

  /** Locks the partitions' rows for this transaction; gives those whose epoch is the one held, that is, which no other has taken over. */
  async lock<H extends HeldPartition>(tx: Tx, held: readonly H[]): Promise<ReadonlySet<H>> {
    const rows = await tx.query<{ partition: number; epoch: string }[]>(
      'select partition, epoch from correlate_partitions where partition = any($1) order by partition for update',
      [held.map(({ partition }) => partition)],
    );
    const epochs = new Map(rows.map(({ partition, epoch }) => [partition, Number(epoch)]));
    return new Set(held.filter(({ partition, epoch }) => epochs.get(partition) === epoch));
  }

  /** How far partitions have come, and the marks that moved with them: one statement, since every transaction makes it. */
  async save(tx: Tx, moved: readonly MovedPartition[]): Promise<void> {
    const marks = moved.flatMap(({ partition, marks: changed }) =>
      changed.map(({ offset, ...mark }) => ({ partition, record_offset: offset, ...mark })),
    );
    await tx.query(
      `with moved as (
         insert into correlate_marks (partition, incarnation, source, hash, record_offset, ordinal)
         select partition, incarnation, source, hash, record_offset, ordinal
         from json_to_recordset($6) as k (partition integer, incarnation bigint, source text, hash text,
           record_offset bigint, ordinal integer)
         on conflict (partition, incarnation, source, hash) do update set
           record_offset = excluded.record_offset, ordinal = excluded.ordinal
       )
       update correlate_partitions p set position = m.position, outbox_sequence = m.sequence, clock_ms = m.clock,
         watermarks = coalesce(m.watermarks::json, p.watermarks)
       from unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
         as m (partition, position, sequence, clock, watermarks)
       where p.partition = m.partition`,
      [
        moved.map(({ partition }) => partition),
        moved.map(({ position }) => position),
        moved.map(({ outboxSequence }) => outboxSequence),
        moved.map(({ clockMs }) => clockMs),
        moved.map(({ watermarks }) => (watermarks === undefined ? null : JSON.stringify(watermarks))),
        // As one text: each element of an array would be escaped by itself.
        JSON.stringify(marks),
      ],
    );
  }

  async marks(tx: Tx, partition: number): Promise<readonly Mark[]> {
    const rows = await tx.query<
      { incarnation: string; source: string; hash: string; record_offset: string; ordinal: number }[]
    >('select incarnation, source, hash, record_offset, ordinal from correlate_marks where partition in ($1, $2)', [
      partition,
      FORMER_MARKS,
    ]);
    return rows.map(({ incarnation, source, hash, record_offset: offset, ordinal }) => {
      return { incarnation: Number(incarnation), source, hash, offset: Number(offset), ordinal };
    });
  }

  /** Forgets what was taken from a silo's topics, and from those that it had before under the same names; its records must be gone for good. */
  async forgetMarks(tx: Tx, { tenant, incarnation }: Pick<Silo, 'tenant' | 'incarnation'>): Promise<void> {
    await tx.query(
      'delete from correlate_marks where incarnation = $1 or (incarnation < $1 and source like any ($2))',
      [incarnation, STREAMS.map((stream) => `${siloTopic(tenant, stream)}/%`)],
    );
  }

  async outbox(tx: Tx, partition: number): Promise<OutboxMessage[]> {
    const rows = await tx.query<{ sequence: string; target_partition: number; message: string }[]>(
      'select sequence, target_partition, message from correlate_outbox where partition = $1 order by sequence',
      [partition],
    );
    return rows.map(({ sequence, target_partition: targetPartition, message }) => {
      return { sequence: Number(sequence), targetPartition, message };
    });
  }

  /** Forgets messages of the outbox up to this one, by partition: they are acknowledged. */
  async clearOutbox(
    tx: Tx,
    relayed: readonly { readonly partition: number; readonly relayedTo: number }[],
  ): Promise<void> {
    if (relayed.length === 0) return;
    await tx.query(
      `delete from correlate_outbox o using unnest($1::integer[], $2::bigint[]) as r (partition, sequence)
       where o.partition = r.partition and o.sequence <= r.sequence`,
      [relayed.map(({ partition }) => partition), relayed.map(({ relayedTo }) => relayedTo)],
    );
  }

  async saveOutbox(tx: Tx, messages: readonly (OutboxMessage & { readonly partition: number })[]): Promise<void> {
    if (messages.length === 0) return;
    await tx.query(
      `insert into correlate_outbox (partition, sequence, target_partition, message)
       select * from unnest($1::integer[], $2::bigint[], $3::integer[], $4::text[])`,
      [
        messages.map(({ partition }) => partition),
        messages.map(({ sequence }) => sequence),
        messages.map(({ targetPartition }) => targetPartition),
        messages.map(({ message }) => message),
      ],
    );
  }
}
