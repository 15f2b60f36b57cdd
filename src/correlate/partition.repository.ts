import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { Fenced } from '../platform/event-log/event-log.js';
import type { Mark } from './marks.js';
import { FORMER_MARKS } from './signals-layout.repository.js';
import type { OutboxMessage } from './partition-memory.js';
import type { StoredWatermarks } from './watermarks.js';

export interface StoredPartition {
  readonly epoch: number;
  readonly position: number;
  readonly outboxSequence: number;
  readonly clockMs: number;
  readonly watermarks: StoredWatermarks;
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
    const [row] = await tx.query<
      { epoch: string; position: string; outbox_sequence: string; clock_ms: string; watermarks: StoredWatermarks }[]
    >('select epoch, position, outbox_sequence, clock_ms, watermarks from correlate_partitions where partition = $1', [
      partition,
    ]);
    if (row === undefined) throw new Error(`Signals partition ${partition} has no row`);
    return {
      epoch: Number(row.epoch),
      position: Number(row.position),
      outboxSequence: Number(row.outbox_sequence),
      clockMs: Number(row.clock_ms),
      watermarks: row.watermarks,
    };
  }

  /** Locks the partition's row for this transaction; throws Fenced when another has taken it over. */
  async lock(tx: Tx, partition: number, epoch: number): Promise<void> {
    const [row] = await tx.query<{ epoch: string }[]>(
      'select epoch from correlate_partitions where partition = $1 for update',
      [partition],
    );
    if (row === undefined || Number(row.epoch) !== epoch) throw new Fenced();
  }

  /** How far the partition has come, and the marks that moved with it: one statement, since every batch makes it. */
  async save(
    tx: Tx,
    partition: number,
    stored: Omit<StoredPartition, 'epoch'>,
    marks: readonly Mark[] = [],
  ): Promise<void> {
    await tx.query(
      `with moved as (
         insert into correlate_marks (partition, incarnation, source, hash, record_offset, ordinal)
         select $1::integer, i, s, h, o, n
         from unnest($6::bigint[], $7::text[], $8::text[], $9::bigint[], $10::integer[]) as m (i, s, h, o, n)
         on conflict (partition, incarnation, source, hash) do update set
           record_offset = excluded.record_offset, ordinal = excluded.ordinal
       )
       update correlate_partitions set position = $2, outbox_sequence = $3, clock_ms = $4, watermarks = $5
       where partition = $1`,
      [
        partition,
        stored.position,
        stored.outboxSequence,
        stored.clockMs,
        JSON.stringify(stored.watermarks),
        marks.map(({ incarnation }) => incarnation),
        marks.map(({ source }) => source),
        marks.map(({ hash }) => hash),
        marks.map(({ offset }) => offset),
        marks.map(({ ordinal }) => ordinal),
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

  /** Forgets what was taken from a silo's topics; its records must be gone for good. */
  async forgetMarks(tx: Tx, incarnation: number): Promise<void> {
    await tx.query('delete from correlate_marks where incarnation = $1', [incarnation]);
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

  /** Forgets messages of the outbox up to this one: they are acknowledged. */
  async clearOutbox(tx: Tx, partition: number, relayedTo: number): Promise<void> {
    await tx.query('delete from correlate_outbox where partition = $1 and sequence <= $2', [partition, relayedTo]);
  }

  async saveOutbox(tx: Tx, partition: number, messages: readonly OutboxMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await tx.query(
      `insert into correlate_outbox (partition, sequence, target_partition, message)
       select $1::integer, s, t, m from unnest($2::bigint[], $3::integer[], $4::text[]) as o (s, t, m)`,
      [
        partition,
        messages.map(({ sequence }) => sequence),
        messages.map(({ targetPartition }) => targetPartition),
        messages.map(({ message }) => message),
      ],
    );
  }
}
