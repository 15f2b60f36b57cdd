import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { DomainError } from '../errors/domain-error.js';

/** The roles that the policies and grants name. `deploy/postgres/roles.sql` creates them. */
export const ROLES = { owner: 'silowatch_owner', service: 'silowatch_service', worker: 'silowatch_worker' } as const;

export interface MigrationUrls {
  readonly ownerUrl: string;
  readonly workerUrl: string;
}

type MigrationClass = new () => MigrationInterface;

/** The folder `migrations/` at the project's top, from `src/` and `dist/` alike. */
const migrationsFolder = fileURLToPath(new URL('../../../migrations/', import.meta.url));

async function migrationClasses(): Promise<MigrationClass[]> {
  const files = (await readdir(migrationsFolder)).filter((file) => /^\d{14}-.*\.ts$/.test(file)).sort();
  const modules = await Promise.all(
    files.map(
      async (file) =>
        (await import(pathToFileURL(path.join(migrationsFolder, file)).href)) as Record<string, MigrationClass>,
    ),
  );
  return modules.flatMap((module) => Object.values(module));
}

async function withOwner<T>(url: string, work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = new DataSource({ type: 'postgres', url, migrations: await migrationClasses(), logging: false });
  await source.initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

async function requireRoles(source: DataSource): Promise<void> {
  const rows = await source.query<{ rolname: string }[]>('select rolname from pg_roles where rolname = any($1)', [
    [ROLES.service, ROLES.worker],
  ]);
  if (rows.length === 2) return;
  throw new DomainError(
    'DATABASE_ROLES_MISSING',
    'The roles silowatch_service and silowatch_worker do not exist: run deploy/postgres/roles.sql as a superuser first',
  );
}

/**
 * Brings the schema up to date: the project's migrations as the owner, then the job queue's as the worker, which owns that queue.
 * Returns the names of the migrations that ran.
 */
export async function migrateUp(urls: MigrationUrls): Promise<readonly string[]> {
  const ran = await withOwner(urls.ownerUrl, async (source) => {
    await requireRoles(source);
    return (await source.runMigrations({ transaction: 'each' })).map((migration) => migration.name);
  });
  await runMigrations({ connectionString: urls.workerUrl, schema: 'graphile_worker' });
  await installJobDoor(urls.workerUrl);
  return ran;
}

/** Takes back the last `count` migrations. */
export async function migrateDown(urls: MigrationUrls, count: number): Promise<void> {
  await withOwner(urls.ownerUrl, async (source) => {
    for (let i = 0; i < count; i += 1) await source.undoLastMigration({ transaction: 'each' });
  });
}

/**
 * The service may add jobs and nothing else: the queue's tables belong to the worker role, and this function, which runs with that
 * role's rights, is the only way in. It lives here and not in a migration because it needs the queue's own schema, made by the worker.
 */
async function installJobDoor(workerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: workerUrl });
  await client.connect();
  try {
    await client.query(`
      begin;
      create or replace function silowatch_jobs.add_job(
        identifier text, payload json, run_at timestamptz, max_attempts integer, job_key text, queue_name text
      ) returns bigint language sql security definer set search_path = pg_catalog, pg_temp as $$
        select id::bigint from graphile_worker.add_job(
          identifier => add_job.identifier, payload => add_job.payload, queue_name => add_job.queue_name,
          -- Not the transaction's time, which all of its jobs would share: those of one queue run in the order of their times.
          run_at => coalesce(add_job.run_at, clock_timestamp()), max_attempts => add_job.max_attempts, job_key => add_job.job_key)
      $$;
      revoke all on function silowatch_jobs.add_job(text, json, timestamptz, integer, text, text) from public;
      grant usage on schema silowatch_jobs to silowatch_service;
      grant execute on function silowatch_jobs.add_job(text, json, timestamptz, integer, text, text) to silowatch_service;
      create table if not exists silowatch_jobs.worker_heartbeats (
        worker_id text primary key, seen_at timestamptz not null
      );
      commit;`);
  } finally {
    await client.end();
  }
}
