import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tokens with which silos send over HTTP, and what a silo says of its own logs. */
export class CreateIntakeTokens2026112710173 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`insert into silowatch.system_jobs (name, reason) values
      ('intake', 'before its token is known, a request belongs to no silo')`);
    // Never the token: its SHA-256, found by the token's public part.
    await db.query(`
      create table silo_intake_tokens (
        id text primary key check (id ~ '^[0-9a-f]{32}$'),
        tenant_id text not null references silos (tenant_id),
        token_hash text not null check (token_hash ~ '^[0-9a-f]{64}$'),
        issued_at timestamptz not null,
        expires_at timestamptz
      )`);
    await db.query(`create index silo_intake_tokens_tenant on silo_intake_tokens (tenant_id)`);
    await db.query(`select silowatch.protect('silo_intake_tokens', array['intake', 'operator'])`);
    await db.query(`
      alter table silos
        add column trusted_proxies text[] not null default '{}',
        add column access_format text,
        add column audit_format text`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      `alter table silos drop column trusted_proxies, drop column access_format, drop column audit_format`,
    );
    await db.query(`drop table silo_intake_tokens`);
    await db.query(`delete from silowatch.system_jobs where name = 'intake'`);
  }
}
