import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A signals log that was replaced grows past the position that it did not have, and would then look like the one that was read. */
export class RememberStoppedPartitions2026112816000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`alter table correlate_partitions add column stopped_at timestamptz`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`alter table correlate_partitions drop column stopped_at`);
  }
}
