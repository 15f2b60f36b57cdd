import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rooms' jobs that look at incidents of all silos. */
const JOBS = `array['correlate', 'incident-sweep', 'containment', 'paging', 'notices', 'disclosure', 'public-link', 'operator']`;

/**
 * Incidents may concern several silos, so they have no `tenant_id` of their own: a row is seen by whoever sees one of its silos, what
 * speaks of the incident as a whole by whoever sees them all, and each silo's part by its own tenant.
 */
export class CreateIncidents1122200600000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await visibility(db);
    await incidents(db);
    await perSilo(db);
    await asAWhole(db);
    await waivers(db);
    await findings(db);
    await appendOnly(db);
    await clocks(db);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const table of [
      'incident_clocks',
      'incident_facts',
      'timeline_entries',
      'corrective_actions',
      'incident_reviews',
      'root_causes',
      'workstream_waivers',
      'containment_declarations',
      'incident_merges',
      'incident_links',
      'incident_access',
      'incident_workstreams',
      'notification_decisions',
      'incident_alerts',
      'incident_entities',
      'incident_silos',
      'incidents',
      'incident_numbers',
    ])
      await db.query(`drop table ${table}`);
    await db.query(`drop function silowatch.sees_any(text[])`);
    await db.query(`drop function silowatch.sees_all(text[])`);
  }
}

async function visibility(db: QueryRunner): Promise<void> {
  await db.query(`
    create function silowatch.sees_any(tenants text[]) returns boolean language sql stable parallel safe as $$
      select case split_part(current_setting('silowatch.scope', true), ':', 1)
        when 'silo' then split_part(current_setting('silowatch.scope', true), ':', 2) = any(tenants)
        when 'staff' then current_setting('silowatch.tenants', true) = '*'
          or tenants && string_to_array(current_setting('silowatch.tenants', true), ',')
        else false
      end
    $$`);
  await db.query(`
    create function silowatch.sees_all(tenants text[]) returns boolean language sql stable parallel safe as $$
      select case split_part(current_setting('silowatch.scope', true), ':', 1)
        when 'silo' then tenants = array[split_part(current_setting('silowatch.scope', true), ':', 2)]
        when 'staff' then current_setting('silowatch.tenants', true) = '*'
          or (tenants <> '{}' and tenants <@ string_to_array(current_setting('silowatch.tenants', true), ','))
        else false
      end
    $$`);
}

/** Forced row-level security with one policy for people and silos and one for the named jobs. */
async function guard(db: QueryRunner, table: string, sees: string, grants: string): Promise<void> {
  await db.query(`select silowatch.require_jobs(${JOBS})`);
  await db.query(`alter table ${table} enable row level security`);
  await db.query(`alter table ${table} force row level security`);
  await db.query(`create policy scope on ${table} using (${sees})`);
  await db.query(`create policy system on ${table} using (silowatch.is_system(variadic ${JOBS}))`);
  await db.query(`grant ${grants} on ${table} to silowatch_service`);
}

const WHOLE = `exists (select from incidents i where i.id = incident_id and silowatch.sees_all(i.tenants))`;
const ANY = `exists (select from incidents i where i.id = incident_id)`;

async function incidents(db: QueryRunner): Promise<void> {
  // A row a year, locked until commit: numbers without gaps, also when transactions roll back.
  await db.query(`create table incident_numbers (year integer primary key, last integer not null)`);
  await db.query(`grant select, insert, update on incident_numbers to silowatch_service`);
  await db.query(`
    create table incidents (
      id uuid primary key,
      number text not null unique,
      title text not null,
      description text not null default '',
      severity text not null check (severity in ('SEV1', 'SEV2', 'SEV3', 'SEV4')),
      is_severity_decided boolean not null default false,
      status text not null default 'open'
        check (status in ('open', 'contained', 'resolved', 'closed', 'false_positive', 'duplicate')),
      disposition text check (disposition in ('false_positive', 'duplicate')),
      duplicate_of uuid references incidents (id),
      tenants text[] not null default '{}',
      is_restricted boolean not null default false,
      playbook text,
      commander_id uuid,
      commander_name text,
      opened_at timestamptz not null,
      first_event_at timestamptz not null,
      last_activity_at timestamptz not null,
      acknowledged_at timestamptz,
      contained_at timestamptz,
      resolved_at timestamptz,
      closed_at timestamptz,
      reopened_at timestamptz,
      recheck_at timestamptz,
      version integer not null default 1
    )`);
  await db.query(`create index incidents_by_status on incidents (status, opened_at desc)`);
  await db.query(`create index incidents_to_recheck on incidents (recheck_at) where recheck_at is not null`);
  await guard(db, 'incidents', 'silowatch.sees_any(tenants)', 'select, insert, update');
}

async function perSilo(db: QueryRunner): Promise<void> {
  // aware_at is when Silowatch first knew that this silo is concerned: legal and contractual clocks start there.
  await db.query(`
    create table incident_silos (
      incident_id uuid not null references incidents (id),
      tenant_id text not null,
      aware_at timestamptz not null,
      notice_hours integer not null,
      primary key (incident_id, tenant_id)
    )`);
  await db.query(`
    create table incident_entities (
      incident_id uuid not null references incidents (id),
      tenant_id text not null,
      kind text not null,
      value text not null,
      first_event_at timestamptz not null,
      last_event_at timestamptz not null,
      primary key (incident_id, tenant_id, kind, value)
    )`);
  await db.query(`create index incident_entities_by_value on incident_entities (kind, value, tenant_id)`);
  // An alert may leave (merge undone, split) and stay known: rows are closed, not deleted.
  await db.query(`
    create table incident_alerts (
      incident_id uuid not null references incidents (id),
      alert_id uuid not null,
      tenant_id text not null,
      joined_at timestamptz not null,
      left_at timestamptz,
      primary key (incident_id, alert_id)
    )`);
  await db.query(`create index incident_alerts_by_alert on incident_alerts (alert_id)`);
  await db.query(`
    create table notification_decisions (
      incident_id uuid not null references incidents (id),
      tenant_id text not null,
      decision text not null check (decision in ('notify', 'not_applicable')),
      reason text not null,
      author_id uuid not null,
      author_name text not null,
      decided_at timestamptz not null,
      approver_id uuid,
      approver_name text,
      approved_at timestamptz,
      primary key (incident_id, tenant_id)
    )`);
  for (const table of ['incident_silos', 'incident_entities', 'incident_alerts', 'notification_decisions'])
    await db.query(`select silowatch.protect('${table}', ${JOBS})`);
}

async function asAWhole(db: QueryRunner): Promise<void> {
  await db.query(`
    create table incident_workstreams (
      incident_id uuid not null references incidents (id),
      kind text not null check (kind in ('containment', 'root_cause', 'notification', 'review')),
      state text not null check (state in ('not_started', 'in_progress', 'done', 'waived')),
      missing jsonb not null default '[]',
      primary key (incident_id, kind)
    )`);
  await guard(db, 'incident_workstreams', ANY, 'select, insert, update');
  await db.query(`
    create table incident_access (
      incident_id uuid not null references incidents (id),
      staff_id uuid not null,
      primary key (incident_id, staff_id)
    )`);
  await guard(db, 'incident_access', ANY, 'select, insert, delete');
  await db.query(`
    create table incident_links (
      incident_id uuid not null references incidents (id),
      other_id uuid not null references incidents (id),
      kind text not null check (kind in ('follows', 'shares')),
      primary key (incident_id, other_id, kind)
    )`);
  await guard(db, 'incident_links', ANY, 'select, insert');
  await db.query(`
    create table incident_merges (
      id uuid primary key,
      incident_id uuid not null references incidents (id),
      into_id uuid not null references incidents (id),
      alert_ids uuid[] not null,
      added_silos text[] not null,
      merged_at timestamptz not null,
      undone_at timestamptz
    )`);
  await guard(db, 'incident_merges', ANY, 'select, insert, update');
  await db.query(`
    create table containment_declarations (
      incident_id uuid primary key references incidents (id),
      statement text not null,
      author_id uuid not null,
      author_name text not null,
      declared_at timestamptz not null,
      lapsed_at timestamptz
    )`);
  await guard(db, 'containment_declarations', WHOLE, 'select, insert, update');
}

async function waivers(db: QueryRunner): Promise<void> {
  await db.query(`
    create table workstream_waivers (
      incident_id uuid not null references incidents (id),
      kind text not null check (kind in ('containment', 'root_cause', 'notification', 'review')),
      reason text not null,
      author_id uuid not null,
      author_name text not null,
      requested_at timestamptz not null,
      approver_id uuid,
      approver_name text,
      approved_at timestamptz,
      primary key (incident_id, kind)
    )`);
  await guard(db, 'workstream_waivers', WHOLE, 'select, insert, update, delete');
}

async function findings(db: QueryRunner): Promise<void> {
  await db.query(`
    create table root_causes (
      incident_id uuid primary key references incidents (id),
      category text not null,
      what_happened text not null,
      whys jsonb not null,
      introduced_at timestamptz,
      first_exploited_at timestamptz,
      detected_at timestamptz,
      editors jsonb not null,
      updated_at timestamptz not null,
      verdict text check (verdict in ('accepted', 'returned')),
      comment text,
      reviewer_id uuid,
      reviewer_name text,
      reviewed_at timestamptz,
      version integer not null default 1
    )`);
  await guard(db, 'root_causes', WHOLE, 'select, insert, update');
  await db.query(`
    create table incident_reviews (
      incident_id uuid primary key references incidents (id),
      held_on date not null,
      participants jsonb not null,
      went_well text not null,
      went_badly text not null,
      no_actions_reason text,
      author_id uuid not null,
      author_name text not null,
      updated_at timestamptz not null
    )`);
  await guard(db, 'incident_reviews', WHOLE, 'select, insert, update');
  await db.query(`
    create table corrective_actions (
      id uuid primary key,
      incident_id uuid not null references incidents (id),
      title text not null,
      owner_id uuid not null,
      owner_name text not null,
      due_on date not null,
      tracker_url text not null,
      state text not null default 'open' check (state in ('open', 'done', 'verified')),
      done_by uuid,
      done_at timestamptz,
      verified_by uuid,
      verified_at timestamptz,
      last_reminder text,
      created_at timestamptz not null,
      version integer not null default 1
    )`);
  await db.query(`create index corrective_actions_by_incident on corrective_actions (incident_id)`);
  await db.query(`create index corrective_actions_due on corrective_actions (due_on) where state <> 'verified'`);
  await guard(db, 'corrective_actions', WHOLE, 'select, insert, update');
}

/** What was written stays: the service's role has no UPDATE and no DELETE on these. A correction is a new entry. */
async function appendOnly(db: QueryRunner): Promise<void> {
  // silos: whose part of the incident the entry speaks of; an empty list names none and is seen with the incident.
  await db.query(`
    create table timeline_entries (
      id uuid primary key,
      incident_id uuid not null references incidents (id),
      silos text[] not null,
      tenant_id text,
      at timestamptz not null,
      recorded_at timestamptz not null,
      kind text not null check (kind in ('alert', 'page', 'action', 'note', 'decision', 'mail', 'status', 'evidence')),
      actor_kind text not null,
      actor_id text not null,
      actor_name text not null,
      text text not null,
      links jsonb not null default '[]',
      evidence jsonb not null default '[]'
    )`);
  await db.query(`create index timeline_entries_by_incident on timeline_entries (incident_id, at, id)`);
  await guard(db, 'timeline_entries', `${ANY} and (silos = '{}' or silowatch.sees_all(silos))`, 'select, insert');
  // The awareness ledger: which fact was known when.
  await db.query(`
    create table incident_facts (
      id uuid primary key,
      incident_id uuid not null references incidents (id),
      tenant_id text,
      fact text not null,
      value jsonb not null,
      at timestamptz not null,
      recorded_at timestamptz not null,
      actor_id text not null,
      actor_name text not null
    )`);
  await db.query(`create index incident_facts_by_incident on incident_facts (incident_id, recorded_at)`);
  await guard(
    db,
    'incident_facts',
    `case when tenant_id is null then ${WHOLE} else silowatch.sees(tenant_id) end`,
    'select, insert',
  );
}

async function clocks(db: QueryRunner): Promise<void> {
  await db.query(`
    create table incident_clocks (
      id uuid primary key,
      incident_id uuid not null references incidents (id),
      clock text not null,
      tenant_id text,
      version integer not null,
      name text not null,
      why text not null,
      started_at timestamptz not null,
      due_at timestamptz not null,
      state text not null check (state in ('running', 'met', 'missed', 'waived')),
      settled_at timestamptz,
      is_ours boolean not null,
      waived_by uuid,
      waived_reason text,
      paged_percent integer not null default 0,
      unique nulls not distinct (incident_id, clock, tenant_id)
    )`);
  await guard(
    db,
    'incident_clocks',
    `case when tenant_id is null then ${WHOLE} else silowatch.sees(tenant_id) end`,
    'select, insert, update, delete',
  );
}
