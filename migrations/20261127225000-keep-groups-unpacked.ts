import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Groups and the evidence of alerts are written far more often than they are read, and packing them took half of the time of a write. */
export class KeepGroupsUnpacked2026112722500 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`alter table correlate_groups alter column state set storage external`);
    await db.query(`alter table alerts alter column samples set storage external`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`alter table alerts alter column samples set storage extended`);
    await db.query(`alter table correlate_groups alter column state set storage extended`);
  }
}
