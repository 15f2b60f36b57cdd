import type { MigrationInterface, QueryRunner } from 'typeorm';

const JOBS = `array['disclosure', 'public-link', 'operator']`;
const TABLES = ['report_messages', 'report_acknowledgements', 'report_tokens', 'reports', 'report_numbers'];

/** A report concerns no silo until it becomes an incident: every member of staff with the permission sees it. */
export class CreateDisclosure1122201000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await reports(db);
    await messages(db);
    await db.query(`select silowatch.require_jobs(${JOBS})`);
    for (const table of TABLES) {
      await db.query(`alter table ${table} enable row level security`);
      await db.query(`alter table ${table} force row level security`);
      await db.query(`create policy scope on ${table} using (silowatch.is_staff())`);
      await db.query(`create policy system on ${table} using (silowatch.is_system(variadic ${JOBS}))`);
      await db.query(`grant select, insert, update on ${table} to silowatch_service`);
    }
    await db.query(`grant delete on report_acknowledgements to silowatch_service`);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const table of TABLES) await db.query(`drop table ${table}`);
  }
}

async function reports(db: QueryRunner): Promise<void> {
  await db.query(`create table report_numbers (year integer primary key, last integer not null)`);
  // subject_sealed: what researchers write is encrypted, the subject too.
  await db.query(`
    create table reports (
      id uuid primary key,
      number text not null unique,
      state text not null check (state in ('new', 'acknowledged', 'triaged', 'accepted', 'fixing', 'fixed', 'disclosed', 'duplicate',
        'not_applicable', 'needs_information', 'spam')),
      subject_sealed text not null,
      reporter_email text not null,
      reporter_name text,
      source text not null check (source in ('mail', 'form')),
      received_at timestamptz not null,
      answered_at timestamptz,
      assessed_at timestamptz,
      paused_since timestamptz,
      paused_ms bigint not null default 0,
      severity text check (severity in ('critical', 'high', 'medium', 'low', 'none')),
      cwe text,
      incident_id uuid references incidents (id),
      claims_report_id uuid references reports (id),
      authentication jsonb not null,
      automatic_answer text not null,
      version integer not null default 1
    )`);
  await db.query(`create index reports_by_time on reports (received_at desc, id desc)`);
  await db.query(`create index reports_by_sender on reports (reporter_email, received_at)`);
}

async function messages(db: QueryRunner): Promise<void> {
  // content_sealed: text, sender's name and attachments' names; raw_sealed: the mail as it came. raw_sha256 keeps a mail that is read twice from counting twice.
  await db.query(`
    create table report_messages (
      id uuid primary key,
      report_id uuid not null references reports (id),
      direction text not null check (direction in ('in', 'out')),
      at timestamptz not null,
      message_id text,
      content_sealed text not null,
      raw_sealed text,
      raw_sha256 text unique,
      delivery text check (delivery in ('queued', 'sent', 'failed')),
      answer text,
      author_id uuid
    )`);
  await db.query(`create index report_messages_by_report on report_messages (report_id, at, id)`);
  // One automatic answer a sender and day. address_hash is keyed: the table is no list of addresses.
  await db.query(`
    create table report_acknowledgements (
      address_hash text not null,
      day date not null,
      at timestamptz not null,
      primary key (address_hash, day)
    )`);
  await db.query(`create index report_acknowledgements_by_time on report_acknowledgements (at)`);
  await db.query(`
    create table report_tokens (
      hash text primary key,
      report_id uuid not null references reports (id),
      created_at timestamptz not null
    )`);
}
