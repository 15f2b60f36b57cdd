import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { migrateUp } from '../../src/platform/database/migrate.js';
import { SERVERS_VARIABLE, TEMPLATE_DATABASE, type Servers } from './servers.js';
import { onStop } from './running.js';

/** Starts every real server the tests need, once per run. */
export async function startServers(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-test-'));
  const postgres = await EmbeddedPostgres.start({ folder, isThrowaway: true });
  onStop(() => postgres.stop());
  await postgres.ensureDatabase(TEMPLATE_DATABASE);
  const urls = postgres.urls(TEMPLATE_DATABASE);
  await migrateUp(urls);
  const started: Servers = {
    postgresSuperuserUrl: postgres.superuserUrl(),
    ...urls,
  };
  process.env[SERVERS_VARIABLE] = JSON.stringify(started);
}
