import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What tells that the database was set back to an earlier state, and the pause that follows. Neither belongs to a silo. */
export class NoticeRestores2026112302400 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table database_life (
        is_only boolean primary key default true check (is_only),
        id uuid not null default gen_random_uuid(),
        beats bigint not null default 0
      )`);
    await db.query(`insert into database_life default values`);
    await db.query(`
      create table sending_pause (
        is_only boolean primary key default true check (is_only),
        since timestamptz not null,
        reason text not null
      )`);
    await db.query(`grant select, update on database_life to silowatch_service`);
    await db.query(`grant select, insert, delete on sending_pause to silowatch_service`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table sending_pause`);
    await db.query(`drop table database_life`);
  }
}
