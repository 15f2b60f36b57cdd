import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The jobs that page, the holder of a page's link, and the operator's command line. */
const JOBS = `array['paging', 'public-link', 'operator']`;

const SEES_INCIDENT = `exists (select from incidents i where i.id = incident_id)`;

/** A page names an incident and no silo: it is seen by whoever sees the incident. Schedules and policies concern no silo at all. */
export class CreatePaging1122200800000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await settings(db);
    await pages(db);
    await attempts(db);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const table of [
      'page_tokens',
      'page_attempts',
      'pages',
      'contact_methods',
      'escalation_policies',
      'schedule_overrides',
      'schedules',
    ])
      await db.query(`drop table ${table}`);
  }
}

async function guard(db: QueryRunner, table: string, sees: string, grants: string): Promise<void> {
  await db.query(`select silowatch.require_jobs(${JOBS})`);
  await db.query(`alter table ${table} enable row level security`);
  await db.query(`alter table ${table} force row level security`);
  await db.query(`create policy scope on ${table} using (${sees})`);
  await db.query(`create policy system on ${table} using (silowatch.is_system(variadic ${JOBS}))`);
  await db.query(`grant ${grants} on ${table} to silowatch_service`);
}

async function settings(db: QueryRunner): Promise<void> {
  await db.query(`
    create table schedules (
      id uuid primary key,
      name text not null unique,
      time_zone text not null,
      layers jsonb not null,
      version integer not null default 1
    )`);
  await db.query(`
    create table schedule_overrides (
      id uuid primary key,
      schedule_id uuid not null references schedules (id) on delete cascade,
      staff_id uuid not null,
      starts_at timestamptz not null,
      ends_at timestamptz not null check (ends_at > starts_at),
      created_at timestamptz not null
    )`);
  await db.query(`create index schedule_overrides_by_schedule on schedule_overrides (schedule_id, ends_at)`);
  await db.query(`
    create table escalation_policies (
      id uuid primary key,
      name text not null unique,
      definition jsonb not null,
      is_default boolean not null default false,
      version integer not null default 1
    )`);
  await db.query(
    `create unique index escalation_policies_default on escalation_policies (is_default) where is_default`,
  );
  // Without a row the address of the account is used; only a verified method is.
  await db.query(`
    create table contact_methods (
      id uuid primary key,
      staff_id uuid not null,
      kind text not null check (kind in ('mail')),
      address text not null,
      verified_at timestamptz,
      created_at timestamptz not null
    )`);
  await db.query(`create index contact_methods_by_staff on contact_methods (staff_id)`);
  for (const table of ['schedules', 'schedule_overrides', 'escalation_policies', 'contact_methods'])
    await guard(db, table, 'silowatch.is_staff()', 'select, insert, update, delete');
}

async function pages(db: QueryRunner): Promise<void> {
  // policy: the escalation as it was when the page began; due_at: when its next step is.
  await db.query(`
    create table pages (
      id uuid primary key,
      incident_id uuid not null references incidents (id),
      number text not null,
      severity text not null,
      cause text not null check (cause in ('opened', 'reopened', 'clock', 'no_progress', 'unreachable')),
      detail text not null default '',
      is_digest boolean not null default false,
      policy jsonb not null,
      cursor integer not null default 0,
      state text not null check (state in ('pending', 'sent', 'acknowledged', 'expired')),
      started_at timestamptz not null,
      due_at timestamptz,
      record_at timestamptz,
      first_sent_at timestamptz,
      acknowledged_by uuid,
      acknowledged_name text,
      acknowledged_at timestamptz,
      acknowledged_via text check (acknowledged_via in ('dashboard', 'link')),
      recheck_at timestamptz,
      ended_at timestamptz
    )`);
  await db.query(`create unique index pages_running on pages (incident_id) where state in ('pending', 'sent')`);
  await db.query(`create unique index pages_opened on pages (incident_id) where cause = 'opened'`);
  await db.query(`create index pages_due on pages (due_at) where due_at is not null`);
  await db.query(`create index pages_to_recheck on pages (recheck_at) where recheck_at is not null`);
  await db.query(`create index pages_by_incident on pages (incident_id, started_at)`);
  await db.query(`create index pages_by_start on pages (started_at desc, id desc)`);
  await guard(db, 'pages', SEES_INCIDENT, 'select, insert, update');
}

async function attempts(db: QueryRunner): Promise<void> {
  await db.query(`
    create table page_attempts (
      id uuid primary key,
      page_id uuid not null references pages (id),
      incident_id uuid not null references incidents (id),
      staff_id uuid not null,
      staff_name text not null,
      method text not null,
      address text not null,
      cursor integer not null,
      step integer,
      is_late boolean not null,
      state text not null check (state in ('queued', 'sent', 'failed', 'expired')),
      created_at timestamptz not null,
      claimed_at timestamptz,
      at timestamptz,
      answer text
    )`);
  await db.query(`create index page_attempts_by_page on page_attempts (page_id, created_at)`);
  await db.query(`create index page_attempts_queued on page_attempts (created_at) where state = 'queued'`);
  // Each try of an attempt has a token of its own, so that none has to be kept readable for a retry.
  await db.query(`
    create table page_tokens (
      hash text primary key,
      page_id uuid not null references pages (id),
      incident_id uuid not null references incidents (id),
      staff_id uuid not null,
      staff_name text not null,
      created_at timestamptz not null,
      expires_at timestamptz not null
    )`);
  await db.query(`create index page_tokens_by_expiry on page_tokens (expires_at)`);
  await guard(db, 'page_attempts', SEES_INCIDENT, 'select, insert, update');
  await guard(db, 'page_tokens', 'false', 'select, insert, delete');
}
