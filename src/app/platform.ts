import path from 'node:path';
import pg from 'pg';
import { type Clock, SystemClock } from '../platform/clock/clock.js';
import { type Config, describeFault, loadConfig } from '../platform/config/config.js';
import { cryptoConfig } from '../platform/crypto/crypto.config.js';
import { KeyStore } from '../platform/crypto/key-store.js';
import { type SealedBox } from '../platform/crypto/sealed-box.js';
import { databaseConfig } from '../platform/database/database.config.js';
import { Database } from '../platform/database/database.js';
import { type DatabaseUrls, EmbeddedPostgres } from '../platform/database/embedded-postgres.js';
import { migrateUp } from '../platform/database/migrate.js';
import { openEventLog, refuseWeakLog, type OpenEventLog } from '../platform/event-log/open-event-log.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { RandomIds } from '../platform/ids/ids.js';
import { JobMetrics } from '../platform/jobs/job.metrics.js';
import { JobRunner } from '../platform/jobs/job-runner.js';
import { loggingConfig, PinoLog } from '../platform/logging/logging.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { type Platform } from '../platform/platform.module.js';
import { rolesConfig, ServiceRoles } from '../platform/roles/service-roles.js';
import { SendingPause } from '../platform/restore/sending-pause.js';
import { startTracing, type Tracing } from '../platform/tracing/tracing.js';
import { tracingConfig } from '../platform/tracing/tracing.config.js';
import { configSlices } from './config-slices.js';
import { entities } from './entities.js';
import { StartRefused } from './start-refused.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** What stands before Nest starts, and is closed after Nest has ended. */
export interface OpenPlatform extends Platform {
  readonly roles: ServiceRoles;
  readonly keys: KeyStore;
  readonly sealedBox: SealedBox;
  /** Of the three roles, for what opens connections of its own. */
  readonly databaseUrls: DatabaseUrls;
  /** The event log with the broker's access control, for the commands that make silos. */
  readonly openedLog: OpenEventLog;
  readonly sendingPause: SendingPause;
}

export interface OpenOptions {
  /** `service` owns the data folder; a `tool` beside a running service uses that service's embedded Postgres. */
  readonly as: 'service' | 'tool';
  readonly clock?: Clock;
  /** Where log lines go; standard output when absent. */
  readonly logTo?: { write(line: string): void };
}

const closers = new WeakMap<OpenPlatform, () => Promise<void>>();

/** The validated environment; throws StartRefused with one line for each fault. */
export function readConfig(env: Env): Config {
  const loaded = loadConfig(configSlices, env);
  if (!loaded.ok) throw new StartRefused(loaded.faults.map(describeFault));
  return loaded.config;
}

/** Opens everything that rooms inject: keys, database (the embedded one without DATABASE_URL), schema, jobs, log, metrics, traces. */
export async function openPlatform(config: Config, options: OpenOptions): Promise<OpenPlatform> {
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const platform = await open(config, options, undo);
    closers.set(platform, close);
    return platform;
  } catch (error) {
    await close();
    if (error instanceof DomainError) throw new StartRefused([error.message]);
    throw error;
  }
}

/** Closes in the reverse order; the embedded Postgres ends last. */
export async function closePlatform(platform: OpenPlatform): Promise<void> {
  await closers.get(platform)?.();
}

async function open(config: Config, options: OpenOptions, undo: (() => Promise<void>)[]): Promise<OpenPlatform> {
  const clock = options.clock ?? new SystemClock();
  const log = new PinoLog(options.as === 'tool' ? 'silent' : config.get(loggingConfig).LOG_LEVEL, options.logTo);
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: serviceName } = config.get(tracingConfig);
  const tracing: Tracing = await startTracing(options.as === 'service' ? endpoint : undefined, serviceName);
  undo.push(() => tracing.stop());
  const settings = config.get(databaseConfig);
  const keys = new KeyStore(path.resolve(settings.SILOWATCH_DATA, 'keys'));
  const sealedBox = await keys.sealedBox(config.get(cryptoConfig).SILOWATCH_MASTER_KEY);
  const databaseUrls = await openUrls(config, options.as, undo);
  const database = new Database({
    url: databaseUrls.serviceUrl,
    entities,
    applicationName: `silowatch ${options.as}`,
    poolSize: settings.DATABASE_POOL_SIZE,
  });
  await reachable('DATABASE_URL', () => database.connect());
  undo.push(() => database.close());
  const openedLog = openEventLog(config, databaseUrls.serviceUrl, clock, log);
  undo.push(() => openedLog.close());
  if (options.as === 'service') await refuseWeakLog(openedLog.log, config);
  const metrics = new Metrics({ process: options.as === 'service' });
  const queue = { workerUrl: databaseUrls.workerUrl, concurrency: 8, metrics: new JobMetrics(metrics) };
  const jobs = new JobRunner(queue, clock, log);
  undo.push(() => jobs.stop());
  const sendingPause = new SendingPause(database, clock, log, path.resolve(settings.SILOWATCH_DATA));
  undo.push(() => sendingPause.stop());
  return {
    clock,
    config,
    database,
    eventLog: openedLog.log,
    openedLog,
    ids: new RandomIds(),
    jobs,
    log,
    metrics,
    roles: new ServiceRoles(config.get(rolesConfig).SILOWATCH_ROLES),
    keys,
    sealedBox,
    databaseUrls,
    sendingPause,
  };
}

async function openUrls(config: Config, as: OpenOptions['as'], undo: (() => Promise<void>)[]): Promise<DatabaseUrls> {
  const settings = config.get(databaseConfig);
  const { DATABASE_URL: service, DATABASE_OWNER_URL: owner, DATABASE_WORKER_URL: worker } = settings;
  if (service === undefined) return openEmbedded(path.resolve(settings.SILOWATCH_DATA, 'postgres'), as, undo);
  if (worker === undefined) {
    throw new StartRefused([
      'DATABASE_WORKER_URL: must be set when DATABASE_URL is; it names the role silowatch_worker',
    ]);
  }
  const urls = { serviceUrl: service.reveal(), workerUrl: worker.reveal(), ownerUrl: owner?.reveal() ?? '' };
  // Without the owner's URL the service has no right to migrate: `silowatch migrate` runs beforehand, with it.
  if (owner !== undefined) await reachable('DATABASE_OWNER_URL', () => migrateAlone(urls));
  return urls;
}

const EMBEDDED_DATABASE = 'silowatch';
/** Advisory lock of the service that runs on an embedded Postgres; it ends with its connection, however the process ends. */
const SERVICE_LOCK = 7_345_001;
const MIGRATION_LOCK = 7_345_002;

async function openEmbedded(
  folder: string,
  as: OpenOptions['as'],
  undo: (() => Promise<void>)[],
): Promise<DatabaseUrls> {
  const running = await EmbeddedPostgres.running(folder);
  if (running !== undefined && (await isServed(running))) {
    if (as === 'tool') return running.urls(EMBEDDED_DATABASE);
    throw new StartRefused([
      `SILOWATCH_DATA: ${path.dirname(folder)} is in use by a running silowatch: stop that one, or set another folder`,
    ]);
  }
  const postgres = await EmbeddedPostgres.start({ folder });
  undo.push(() => postgres.stop());
  await postgres.ensureDatabase(EMBEDDED_DATABASE);
  const urls = postgres.urls(EMBEDDED_DATABASE);
  const holder = new pg.Client({ connectionString: urls.serviceUrl, application_name: 'silowatch lock' });
  holder.on('error', () => undefined);
  await holder.connect();
  undo.push(() => holder.end());
  await holder.query('select pg_advisory_lock($1)', [SERVICE_LOCK]);
  await migrateAlone(urls);
  return urls;
}

async function isServed(postgres: EmbeddedPostgres): Promise<boolean> {
  const client = new pg.Client({ connectionString: postgres.urls(EMBEDDED_DATABASE).serviceUrl });
  try {
    await client.connect();
    const { rows } = await client.query<{ free: boolean }>('select pg_try_advisory_lock($1) as free', [SERVICE_LOCK]);
    return rows[0]?.free === false;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Several instances that start together migrate one after another. */
async function migrateAlone(urls: DatabaseUrls): Promise<void> {
  const client = new pg.Client({ connectionString: urls.ownerUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrateUp(urls);
  } finally {
    await client.end();
  }
}

/** Turns a failure to connect into one line that names the variable, never the URL with its password. */
async function reachable(variable: string, connect: () => Promise<void>): Promise<void> {
  try {
    await connect();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartRefused([`${variable}: Postgres cannot be used: ${code ?? ''} ${message}`.trim()]);
  }
}
