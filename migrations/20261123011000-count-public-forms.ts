import type { MigrationInterface, QueryRunner } from 'typeorm';

const SYSTEM = (parts: string): string =>
  `create policy system on sign_in_counters using (silowatch.is_system(${parts}))`;

/** The form for reports counts its clients too, with the same counters as signing in. */
export class CountPublicForms2026112301100 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`drop policy system on sign_in_counters`);
    await db.query(SYSTEM(`'sign-in', 'operator', 'public-link'`));
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop policy system on sign_in_counters`);
    await db.query(SYSTEM(`'sign-in', 'operator'`));
  }
}
