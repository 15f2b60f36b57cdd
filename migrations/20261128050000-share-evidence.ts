import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A record that several groups of a partition hold lies there once. Windows under way begin anew. */
export class ShareEvidence2026112805000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`delete from correlate_groups`);
    await db.query(`drop table correlate_evidence`);
    await db.query(`
      create table correlate_evidence (
        partition integer not null,
        place text not null,
        -- How many groups name it.
        uses integer not null check (uses > 0),
        sample json not null,
        primary key (partition, place)
      )`);
    await db.query(`grant select, insert, update, delete on correlate_evidence to silowatch_service`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`delete from correlate_groups`);
    await db.query(`drop table correlate_evidence`);
    await db.query(`
      create table correlate_evidence (
        partition integer not null,
        key text not null,
        place text not null,
        sample json not null,
        primary key (partition, key, place)
      )`);
    await db.query(`grant select, insert, update, delete on correlate_evidence to silowatch_service`);
  }
}
