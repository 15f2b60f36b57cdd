import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { readDeadLetter } from '../../src/ingest/dead-letter.js';
import { SystemClock } from '../../src/platform/clock/clock.js';
import { Secret } from '../../src/platform/config/secret.js';
import type { DatabaseUrls } from '../../src/platform/database/embedded-postgres.js';
import { Database } from '../../src/platform/database/database.js';
import { migrateUp } from '../../src/platform/database/migrate.js';
import { system } from '../../src/platform/database/scope.js';
import { EmbeddedEventLog } from '../../src/platform/event-log/embedded/embedded-event-log.js';
import type { EventLog } from '../../src/platform/event-log/event-log.js';
import { KafkaEventLog } from '../../src/platform/event-log/kafka/kafka-event-log.js';
import { DEAD_LETTERS_TOPIC, siloTopics } from '../../src/platform/event-log/topics.js';
import { PinoLog } from '../../src/platform/logging/logging.js';
import { SiloRepository } from '../../src/silos/silo.repository.js';
import type { KafkaAddress } from '../harness/kafka.js';
import { CountingMailServer } from './mail-server.js';
import { picture } from './picture.js';
import { runCommand, type KillablePostgres } from './servers.js';
import type { Told } from './stories.js';

export interface WorldOptions {
  readonly name: string;
  readonly folder: string;
  readonly postgres: KillablePostgres;
  /** Without it the embedded log. */
  readonly kafka?: KafkaAddress;
  readonly rules: string;
}

/** An installation of Silowatch: a database, a log, a mail server and the environment that its processes are started with. */
export class World {
  private constructor(
    private readonly options: WorldOptions,
    private readonly urls: DatabaseUrls,
    readonly log: EventLog,
    readonly mail: CountingMailServer,
  ) {}

  static async make(options: WorldOptions): Promise<World> {
    const { name, folder, postgres, kafka } = options;
    await mkdir(path.join(folder, name));
    await postgres.server.ensureDatabase(name);
    const urls = postgres.server.urls(name);
    await migrateUp(urls);
    const log = openLog(urls, kafka);
    const world = new World(options, urls, log, await CountingMailServer.start());
    await world.query(
      `insert into staff (id, email, name, state, roles, created_at)
       values ($1, 'on-call@faults.example', 'On call', 'active', '{responder}', now())`,
      [randomUUID()],
    );
    return world;
  }

  env(partitions: number): NodeJS.ProcessEnv {
    const { folder, name, kafka, rules } = this.options;
    return {
      PATH: process.env['PATH'],
      PORT: '0',
      SILOWATCH_DATA: path.join(folder, name),
      DATABASE_URL: this.urls.serviceUrl,
      DATABASE_WORKER_URL: this.urls.workerUrl,
      SMTP_URL: `smtp://127.0.0.1:${this.mail.port}`,
      RULES_DIRS: rules,
      SIGNALS_PARTITIONS: String(partitions),
      ...(kafka === undefined
        ? {}
        : {
            KAFKA_BROKERS: kafka.brokers,
            KAFKA_USERNAME: kafka.username,
            KAFKA_PASSWORD: kafka.password,
            KAFKA_ALLOW_UNREPLICATED: 'true',
            DETECT_GROUPS: '2',
          }),
    };
  }

  async command(...args: string[]): Promise<void> {
    const { status, text } = await runCommand(this.env(1), ...args);
    if (status !== 0) throw new Error(`silowatch ${args.join(' ')} ended with ${status}: ${text}`);
  }

  async query<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    const { postgres, name } = this.options;
    const client = new pg.Client({ connectionString: postgres.server.superuserUrl(name) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** As `silo add` does, but for credentials, which the stories' teller needs none of. */
  async addSilos(tenants: readonly string[]): Promise<void> {
    const database = new Database({ url: this.urls.serviceUrl, entities: [], applicationName: 'faults', poolSize: 1 });
    await database.connect();
    try {
      const facts = { timeZone: 'UTC', language: 'en', jurisdictions: [], noticeHours: 72, createdAt: new Date() };
      for (const tenant of tenants) {
        await database.transaction(system('silo-directory'), (tx) =>
          new SiloRepository().upsert(tx, { tenant, name: tenant, ...facts }),
        );
        await this.log.ensureTopics(siloTopics(tenant, 1));
      }
    } finally {
      await database.close();
    }
  }

  picture(told: readonly Told[]): Promise<string[]> {
    return picture((sql, values) => this.query(sql, values), told);
  }

  /** Page attempts that no mail came of. */
  async unsentPages(): Promise<string[]> {
    const rows = await this.query<{ id: string }>('select id from page_attempts');
    const sent = [...this.mail.arrivals.keys()].join(' ');
    return rows.map(({ id }) => id).filter((id) => !sent.includes(id));
  }

  /** Jobs that failed for good, or wait with nobody to run them: what an alert caused and nobody did. */
  async failedJobs(): Promise<string[]> {
    const rows = await this.query<{ line: string }>(
      `select t.identifier || ': ' || coalesce(j.last_error, 'never run') as line
       from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where j.attempts >= j.max_attempts`,
    );
    return rows.map(({ line }) => line);
  }

  /** How often each record lies among the dead letters, by its text; a repeat has the same origin. */
  async deadLetters(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const { partition, start, end } of await this.log.offsets(DEAD_LETTERS_TOPIC)) {
      for (let from = start; from < end;) {
        const records = await this.log.read(DEAD_LETTERS_TOPIC, partition, from, 1_000);
        for (const record of records) {
          const text = record.value?.toString('utf8') ?? '';
          if (readDeadLetter(record)?.stage === 'detect') found.set(text, (found.get(text) ?? 0) + 1);
        }
        from = (records.at(-1)?.offset ?? end) + 1;
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.log.close();
    await this.mail.close();
  }
}

function openLog({ serviceUrl }: DatabaseUrls, kafka: KafkaAddress | undefined): EventLog {
  const log = new PinoLog('silent');
  if (kafka === undefined) return new EmbeddedEventLog({ url: serviceUrl }, new SystemClock(), log);
  const { brokers, username, password } = kafka;
  return new KafkaEventLog({ brokers: [brokers], credentials: { username, password: new Secret(password) } }, log);
}
