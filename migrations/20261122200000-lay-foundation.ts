import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Row-level security from the first table on. `silowatch.protect(table, jobs)` is what every later migration calls for a table with a
 * `tenant_id`: forced policies for silo and staff scopes, and one for the named system jobs.
 */
export class LayFoundation1122200000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`create schema silowatch`);
    await db.query(`grant usage on schema silowatch to silowatch_service, silowatch_worker`);
    await db.query(`grant usage on schema public to silowatch_service`);
    // The worker role owns the job queue's schema, which it creates itself.
    await db.query(
      `do $$ begin execute format('grant create on database %I to silowatch_worker', current_database()); end $$`,
    );
    // grant of membership is not possible for a plain owner, so the schema is created by a definer-less grant: see roles.sql.
    await db.query(`create schema if not exists silowatch_jobs`);
    await db.query(`grant usage, create on schema silowatch_jobs to silowatch_worker with grant option`);

    await db.query(`create table silowatch.system_jobs (name text primary key, reason text not null)`);
    await db.query(`grant select on silowatch.system_jobs to silowatch_service`);
    await db.query(`insert into silowatch.system_jobs (name, reason) values
      ('sign-in', 'before a sign-in there is no member of staff whose scope could apply'),
      ('silo-directory', 'consumers need the list of all silos'),
      ('ingest', 'statistics per silo are written by one consumer for many silos'),
      ('correlate', 'one transaction carries the alerts of many silos'),
      ('incident-sweep', 'clocks, gates and reminders of all incidents are looked at together'),
      ('containment', 'commands are sent and verified for every silo'),
      ('paging', 'escalations of all incidents are looked at together'),
      ('notices', 'deliveries and bounces of all silos are looked at together'),
      ('disclosure', 'the mailbox belongs to no silo'),
      ('public-link', 'whoever holds a link token is not signed in; the token decides the row'),
      ('audit-sealer', 'the trail is one chain over all silos'),
      ('operator', 'the command line of the person who runs the service')`);

    await db.query(`
      create function silowatch.sees(tenant text) returns boolean language sql stable parallel safe as $$
        select case split_part(current_setting('silowatch.scope', true), ':', 1)
          when 'silo' then tenant = split_part(current_setting('silowatch.scope', true), ':', 2)
          when 'staff' then current_setting('silowatch.tenants', true) = '*'
            or tenant = any(string_to_array(current_setting('silowatch.tenants', true), ','))
          else false
        end
      $$`);
    await db.query(`
      create function silowatch.is_system(variadic jobs text[]) returns boolean language sql stable parallel safe as $$
        select split_part(current_setting('silowatch.scope', true), ':', 1) = 'system'
          and split_part(current_setting('silowatch.scope', true), ':', 2) = any(jobs)
      $$`);
    await db.query(`
      create function silowatch.is_staff() returns boolean language sql stable parallel safe as $$
        select split_part(current_setting('silowatch.scope', true), ':', 1) = 'staff'
      $$`);
    await db.query(`
      create function silowatch.require_jobs(jobs text[]) returns void language plpgsql as $$
      declare unknown text;
      begin
        select j into unknown from unnest(jobs) j where j not in (select name from silowatch.system_jobs);
        if unknown is not null then raise exception 'unknown system job %', unknown; end if;
      end $$`);
    await db.query(`
      create function silowatch.protect(target regclass, jobs text[]) returns void language plpgsql as $$
      begin
        perform silowatch.require_jobs(jobs);
        execute format('alter table %s enable row level security', target);
        execute format('alter table %s force row level security', target);
        execute format('create policy scope on %s using (silowatch.sees(tenant_id))', target);
        execute format('create policy system on %s using (silowatch.is_system(variadic %L::text[]))', target, jobs);
        execute format('grant select, insert, update, delete on %s to silowatch_service', target);
      end $$`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop schema silowatch cascade`);
    await db.query(`drop schema if exists silowatch_jobs cascade`);
    await db.query(
      `do $$ begin execute format('revoke create on database %I from silowatch_worker', current_database()); end $$`,
    );
  }
}
