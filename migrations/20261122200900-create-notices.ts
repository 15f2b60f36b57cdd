import type { MigrationInterface, QueryRunner } from 'typeorm';

const JOBS = `array['notices', 'public-link', 'incident-sweep', 'operator']`;

/** A notice speaks to one silo, so every row has its tenant. */
export class CreateNotices1122200900000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // subject, html, text: as approved. content_hash: of what was approved, with its recipients.
    await db.query(`
      create table notices (
        id uuid primary key,
        incident_id uuid not null references incidents (id),
        tenant_id text not null,
        kind text not null check (kind in ('first', 'update', 'final', 'retraction')),
        state text not null check (state in ('draft', 'queued', 'sent', 'cancelled')),
        facts jsonb not null,
        author jsonb not null,
        editors jsonb not null,
        overrides jsonb not null default '[]',
        created_at timestamptz not null,
        approved_by jsonb,
        approved_at timestamptz,
        approved_hash text,
        subject text,
        html text,
        text text,
        sent_at timestamptz,
        version integer not null default 1,
        check (state in ('draft', 'cancelled') or (approved_by is not null and subject is not null))
      )`);
    await db.query(`create index notices_by_incident on notices (incident_id, created_at)`);
    await db.query(`
      create table notice_deliveries (
        id uuid primary key,
        notice_id uuid not null references notices (id),
        incident_id uuid not null references incidents (id),
        tenant_id text not null,
        name text not null,
        address text not null,
        state text not null check (state in ('queued', 'sent', 'bounced', 'failed')),
        at timestamptz not null,
        first_sent_at timestamptz,
        answer text,
        message_id text not null,
        received_at timestamptz,
        settled_reason text,
        settled_by jsonb,
        unique (notice_id, address)
      )`);
    await db.query(`create index notice_deliveries_by_incident on notice_deliveries (incident_id)`);
    await db.query(`
      create table notice_tokens (
        hash text primary key,
        delivery_id uuid not null references notice_deliveries (id),
        tenant_id text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
      )`);
    for (const table of ['notices', 'notice_deliveries', 'notice_tokens'])
      await db.query(`select silowatch.protect('${table}', ${JOBS})`);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const table of ['notice_tokens', 'notice_deliveries', 'notices']) await db.query(`drop table ${table}`);
  }
}
