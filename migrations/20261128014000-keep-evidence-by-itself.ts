import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The evidence of groups in rows of its own: a signal adds one record to a group, and writes no more than that. Groups lie in other partitions
 * than before, so that windows under way begin anew.
 */
export class KeepEvidenceByItself2026112801400 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`delete from correlate_groups`);
    await db.query(`delete from correlate_outbox`);
    await db.query(`
      create table correlate_evidence (
        partition integer not null,
        key text not null,
        place text not null,
        sample json not null,
        primary key (partition, key, place)
      )`);
    await db.query(`grant select, insert, update, delete on correlate_evidence to silowatch_service`);
    // The progress clock at which what a group holds may be counted.
    await db.query(`alter table correlate_groups add column held_ms bigint`);
    await db.query(
      `create index correlate_groups_held on correlate_groups (partition, held_ms) where held_ms is not null`,
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`delete from correlate_groups`);
    await db.query(`delete from correlate_outbox`);
    await db.query(`alter table correlate_groups drop column held_ms`);
    await db.query(`drop table correlate_evidence`);
  }
}
