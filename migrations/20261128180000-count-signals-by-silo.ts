import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What counting costs each silo: a transaction of correlate carries the signals of many, each has its share of it by their number. */
export class CountSignalsBySilo2026112818000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table silo_signal_work (
        tenant_id text primary key,
        signals bigint not null,
        seconds double precision not null,
        latest_seconds double precision not null,
        latest_at timestamptz not null
      )`);
    await db.query(`select silowatch.protect('silo_signal_work', array['correlate'])`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table silo_signal_work`);
  }
}
