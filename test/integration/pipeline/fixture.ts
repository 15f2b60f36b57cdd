import pg from 'pg';
import type { Clock } from '../../../src/platform/clock/clock.js';
import { system } from '../../../src/platform/database/scope.js';
import { readDeadLetter } from '../../../src/ingest/dead-letter.js';
import { DEAD_LETTERS_TOPIC, siloTopics } from '../../../src/platform/event-log/topics.js';
import type { EventLog } from '../../../src/platform/event-log/event-log.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { kafkaAddress, testTenant } from '../../harness/servers.js';
import { openLog, type Pipeline, type PipelineOptions, startPipeline } from './pipeline.js';

export type LogKind = 'embedded' | 'kafka';

export interface AlertRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly rule_id: string;
  readonly rule_title: string;
  readonly grouping: string[];
  readonly first_event_at: Date;
  readonly last_event_at: Date;
  readonly count: string;
  readonly is_late: boolean;
  readonly promises: string[];
  readonly entities: { kind: string; value: string }[];
  readonly samples: { raw: string; offset: number; sha256: string }[];
}

/** A database, a log and silos of a test's own; pipelines are started and stopped on them. */
export class PipelineFixture {
  private readonly started: Pipeline[] = [];

  private constructor(
    readonly db: TestDatabase,
    readonly options: PipelineOptions,
    readonly log: EventLog,
  ) {}

  static async open(kind: LogKind, more: Partial<PipelineOptions> = {}): Promise<PipelineFixture> {
    const db = await testDatabase();
    const options: PipelineOptions = {
      serviceUrl: db.serviceUrl,
      workerUrl: db.workerUrl,
      suffix: testTenant(),
      ...(kind === 'kafka' ? { kafka: kafkaAddress() } : {}),
      ...more,
    };
    return new PipelineFixture(db, options, openLog(options));
  }

  async addSilo(tenant = testTenant()): Promise<string> {
    const facts = { name: tenant, timeZone: 'UTC', language: 'en', jurisdictions: [], noticeHours: 72 };
    await this.db.database.transaction(system('silo-directory'), (tx) =>
      new SiloRepository().upsert(tx, { tenant, ...facts, createdAt: new Date() }),
    );
    await this.log.ensureTopics(siloTopics(tenant, 1));
    return tenant;
  }

  async start(more: Partial<PipelineOptions> = {}, clock?: Clock): Promise<Pipeline> {
    const pipeline = await startPipeline({ ...this.options, ...more }, clock);
    this.started.push(pipeline);
    return pipeline;
  }

  async stop(pipeline: Pipeline): Promise<void> {
    this.started.splice(this.started.indexOf(pipeline), 1);
    await pipeline.close();
  }

  async query<T>(sql: string, values: unknown[] = []): Promise<T[]> {
    return this.db.database.transaction(system('correlate'), (tx) => tx.query<T[]>(sql, values));
  }

  alerts(): Promise<AlertRow[]> {
    return this.query<AlertRow>('select * from alerts order by rule_id, first_event_at, tenant_id');
  }

  /** Polls until the check returns something, at most 20 s. */
  async until<T>(what: string, check: () => Promise<T | undefined>, timeoutMs = 20_000): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = await check();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  untilAlerts(count: number, timeoutMs?: number): Promise<AlertRow[]> {
    return this.until(
      `${count} alerts`,
      async () => {
        const alerts = await this.alerts();
        return alerts.length >= count ? alerts : undefined;
      },
      timeoutMs,
    );
  }

  async deadLetters(): Promise<{ value: Buffer; reason: string; topic: string }[]> {
    const letters: { value: Buffer; reason: string; topic: string }[] = [];
    for (const { partition } of await this.log.offsets(DEAD_LETTERS_TOPIC)) {
      for (const record of await this.log.read(DEAD_LETTERS_TOPIC, partition, 0, 1_000)) {
        const origin = readDeadLetter(record);
        if (origin === undefined) throw new Error('a dead letter without an origin');
        letters.push({ value: record.value ?? Buffer.alloc(0), reason: origin.reason, topic: origin.topic });
      }
    }
    return letters;
  }

  /** Jobs that alerts left behind, by alert. */
  async jobs(): Promise<string[]> {
    const client = new pg.Client({ connectionString: this.options.workerUrl });
    await client.connect();
    try {
      const { rows } = await client.query<{ alert: string }>(
        `select payload->>'alertId' as alert from graphile_worker._private_jobs order by 1`,
      );
      return rows.map(({ alert }) => alert);
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    for (const pipeline of this.started.splice(0)) await pipeline.close();
    await this.log.close();
    await this.db.drop();
  }
}
