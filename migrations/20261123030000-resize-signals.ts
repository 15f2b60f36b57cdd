import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Partition counts that silowatch.signals had before: marks of those layouts are looked up by the partition that a signal would have had then. */
export class ResizeSignals2026112303000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`alter table correlate_log add column former_partitions integer[] not null default '{}'`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`alter table correlate_log drop column former_partitions`);
  }
}
