import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who reads the directory without being a member of staff: every stage and sweep that handles a silo's data. */
const JOBS = `array['silo-directory', 'ingest', 'correlate', 'incident-sweep', 'containment', 'paging', 'notices', 'disclosure', 'public-link', 'operator']`;

export class CreateSilos1122200200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`create sequence silo_incarnations`);
    await db.query(`grant usage on sequence silo_incarnations to silowatch_service`);
    await db.query(`
      create table silos (
        tenant_id text primary key check (tenant_id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
        name text not null,
        state text not null check (state in ('active', 'removed')),
        incarnation bigint not null unique,
        time_zone text not null,
        language text not null,
        jurisdictions text[] not null,
        notice_hours integer not null check (notice_hours > 0),
        created_at timestamptz not null
      )`);
    await db.query(`
      create table silo_contacts (
        id uuid primary key,
        tenant_id text not null references silos (tenant_id),
        name text not null,
        email text not null,
        role text not null check (role in ('security', 'legal', 'owner')),
        is_verified boolean not null,
        unique (tenant_id, role, email)
      )`);
    // That a principal was given a password, never the password: the broker keeps a salted hash of it, and nobody else anything.
    await db.query(`
      create table silo_credentials (
        tenant_id text not null references silos (tenant_id),
        kind text not null check (kind in ('shipper', 'agent')),
        principal text not null unique,
        issued_at timestamptz not null,
        rotated_at timestamptz,
        primary key (tenant_id, kind)
      )`);
    await db.query(`select silowatch.protect('silos', ${JOBS})`);
    await db.query(`select silowatch.protect('silo_credentials', array['operator'])`);
    await db.query(`select silowatch.protect('silo_contacts', ${JOBS})`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table silo_credentials`);
    await db.query(`drop table silo_contacts`);
    await db.query(`drop table silos`);
    await db.query(`drop sequence silo_incarnations`);
  }
}
