import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables that belong to no silo: staff may be looked up under any scope, secrets and sessions only by the sign-in. */
const STAFF = [
  `create table staff (
    id uuid primary key,
    email text not null unique check (email = lower(email)),
    name text not null,
    state text not null check (state in ('invited', 'active', 'disabled')),
    roles text[] not null,
    tenants text[],
    created_at timestamptz not null,
    last_sign_in_at timestamptz,
    version integer not null default 1
  )`,
  `comment on column staff.tenants is 'silos that the account is limited to; null: all'`,
  `create table staff_credentials (
    staff_id uuid primary key references staff (id),
    password_hash text not null,
    password_changed_at timestamptz not null,
    must_change_password boolean not null default false,
    setup_expires_at timestamptz,
    totp_sealed text,
    totp_pending_sealed text,
    totp_enrolled_at timestamptz,
    last_totp_step bigint not null default 0
  )`,
  `comment on column staff_credentials.last_totp_step is 'the newest code that was used: it and older ones are refused'`,
  `create table recovery_codes (
    staff_id uuid not null references staff (id),
    code_hash text not null,
    used_at timestamptz,
    primary key (staff_id, code_hash)
  )`,
  `create table sessions (
    id uuid primary key,
    staff_id uuid not null references staff (id),
    state text not null check (state in ('totp', 'enrol', 'full')),
    token_hash text not null unique,
    previous_token_hash text unique,
    previous_valid_until timestamptz,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    rotated_at timestamptz not null,
    expires_at timestamptz not null,
    last_factor_at timestamptz,
    failed_codes integer not null default 0,
    ip text not null,
    user_agent text not null
  )`,
  `create index sessions_staff on sessions (staff_id)`,
  `create table sign_in_counters (key text primary key, window_ends_at timestamptz not null, count integer not null)`,
  `create table role_grants (
    id uuid primary key,
    staff_id uuid not null references staff (id),
    roles text[] not null,
    tenants text[],
    widens_tenants boolean not null,
    requested_by uuid not null references staff (id),
    requested_at timestamptz not null,
    decision text check (decision in ('approved', 'rejected')),
    decided_by uuid references staff (id),
    decided_at timestamptz,
    check (decided_by is null or decided_by <> requested_by)
  )`,
  `create unique index role_grants_pending on role_grants (staff_id) where decision is null`,
];

const TRAIL = [
  `create table trail_entries (
    id uuid primary key,
    at timestamptz not null,
    actor_kind text not null,
    actor_id text not null,
    actor_ip text,
    action text not null,
    object_type text not null,
    object_id text not null,
    tenant_id text,
    before jsonb,
    after jsonb
  )`,
  `create index trail_entries_object on trail_entries (object_type, object_id)`,
  `create index trail_entries_action on trail_entries (action, id)`,
  `create index trail_entries_actor on trail_entries (actor_id, id)`,
  `create table trail_unsealed (entry_id uuid primary key)`,
  `create table trail_seals (
    seq bigint primary key,
    entry_id uuid not null unique,
    entry_hash text not null,
    chain_hash text not null,
    sealed_at timestamptz not null
  )`,
  // Writers do not queue for the chain: they leave a note here, which the sealer takes away when it links the entry.
  `create function silowatch.note_trail_entry() returns trigger language plpgsql security definer
    set search_path = public, pg_temp as $$
    begin
      insert into trail_unsealed (entry_id) values (new.id);
      return null;
    end $$`,
  `create trigger trail_entries_note after insert on trail_entries for each row execute function silowatch.note_trail_entry()`,
];

const RIGHTS = [
  `create function silowatch.has_scope() returns boolean language sql stable parallel safe as $$
    select coalesce(current_setting('silowatch.scope', true), '') <> ''
  $$`,
  ...['staff', 'role_grants'].flatMap((table) => [
    `alter table ${table} enable row level security`,
    `alter table ${table} force row level security`,
    `create policy scope on ${table} for select using (silowatch.has_scope())`,
    `create policy writes on ${table} using (silowatch.is_system('sign-in', 'operator')) `,
    // Never deleted: the trail and the timelines name them.
    `grant select, insert, update on ${table} to silowatch_service`,
  ]),
  ...['staff_credentials', 'recovery_codes', 'sessions', 'sign_in_counters'].flatMap((table) => [
    `alter table ${table} enable row level security`,
    `alter table ${table} force row level security`,
    `create policy system on ${table} using (silowatch.is_system('sign-in', 'operator'))`,
    `grant select, insert, update, delete on ${table} to silowatch_service`,
  ]),
  `alter table trail_entries enable row level security`,
  `alter table trail_entries force row level security`,
  `create policy append on trail_entries for insert with check (silowatch.has_scope())`,
  // A person limited to some silos reads their entries only; entries of no silo are for those who see all.
  `create policy look on trail_entries for select using (
    silowatch.is_system('audit-sealer', 'operator')
    or (silowatch.is_staff() and (current_setting('silowatch.tenants', true) = '*' or silowatch.sees(tenant_id))))`,
  // No UPDATE, no DELETE: append-only.
  `grant select, insert on trail_entries, trail_seals to silowatch_service`,
  `grant select, delete on trail_unsealed to silowatch_service`,
];

export class CreateAccess1122200100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of [...STAFF, ...TRAIL, ...RIGHTS]) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table trail_seals, trail_unsealed, trail_entries`);
    await db.query(`drop function silowatch.note_trail_entry()`);
    await db.query(`drop table role_grants, sign_in_counters, sessions, recovery_codes, staff_credentials, staff`);
    await db.query(`drop function silowatch.has_scope()`);
  }
}
