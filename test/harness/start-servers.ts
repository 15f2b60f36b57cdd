import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { migrateUp } from '../../src/platform/database/migrate.js';
import { startGreenmail, type MailAddress } from './greenmail.js';
import { startKafka, type KafkaAddress } from './kafka.js';
import { requireJava, resolveJars } from './maven.js';
import { SERVERS_VARIABLE, TEMPLATE_DATABASE, type Servers } from './servers.js';
import { onStop } from './running.js';

/** Starts every real server the tests need, once per run. `TEST_SERVERS=postgres` starts that one alone, for a quick look at one test. */
export async function startServers(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-test-'));
  const wanted = (process.env['TEST_SERVERS'] ?? 'postgres,kafka,mail').split(',');
  onStop(() => rm(folder, { recursive: true, force: true }));
  const [urls, kafka, mail] = await Promise.all([
    startPostgres(path.join(folder, 'postgres')),
    wanted.includes('kafka') ? kafkaAddress(path.join(folder, 'kafka')) : undefined,
    wanted.includes('mail') ? mailAddress() : undefined,
  ]);
  const started: Servers = { ...urls, ...(kafka && { kafka }), ...(mail && { mail }) };
  process.env[SERVERS_VARIABLE] = JSON.stringify(started);
}

async function startPostgres(folder: string): Promise<Omit<Servers, 'kafka' | 'mail'>> {
  const postgres = await EmbeddedPostgres.start({ folder, isThrowaway: true });
  onStop(() => postgres.stop());
  await postgres.ensureDatabase(TEMPLATE_DATABASE);
  const urls = postgres.urls(TEMPLATE_DATABASE);
  await migrateUp(urls);
  return { postgresSuperuserUrl: postgres.superuserUrl(), ...urls };
}

/** The broker at KAFKA_BROKERS (with a principal that has all rights), or one of our own. */
async function kafkaAddress(folder: string): Promise<KafkaAddress> {
  const { KAFKA_BROKERS: brokers, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = process.env;
  if (brokers) return { brokers, username: username ?? '', password: password ?? '' };
  await requireJava();
  const kafka = await startKafka((await resolveJars()).kafkaClassPath, folder);
  onStop(() => kafka.server.stop());
  return kafka.address;
}

/** The mail server at TEST_MAIL (`host:smtpPort:imapPort`, any password accepted), or one of our own. */
async function mailAddress(): Promise<MailAddress> {
  const [host, smtpPort, imapPort] = process.env['TEST_MAIL']?.split(':') ?? [];
  if (host) return { host, smtpPort: Number(smtpPort), imapPort: Number(imapPort) };
  await requireJava();
  const greenmail = await startGreenmail((await resolveJars()).greenmailJar);
  onStop(() => greenmail.server.stop());
  return greenmail.address;
}
