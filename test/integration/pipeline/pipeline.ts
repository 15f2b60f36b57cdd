import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { z } from 'zod';
import { CorrelateModule } from '../../../src/correlate/correlate.module.js';
import { type ArrivedAlert, IncidentOpener } from '../../../src/correlate/alerts/incident-opener.js';
import { detectConfig } from '../../../src/detect/detect.config.js';
import { type Clock, SystemClock } from '../../../src/platform/clock/clock.js';
import { loadConfig } from '../../../src/platform/config/config.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { Database, type Tx } from '../../../src/platform/database/database.js';
import { EmbeddedEventLog } from '../../../src/platform/event-log/embedded/embedded-event-log.js';
import type { EventLog } from '../../../src/platform/event-log/event-log.js';
import { KafkaEventLog } from '../../../src/platform/event-log/kafka/kafka-event-log.js';
import { RandomIds } from '../../../src/platform/ids/ids.js';
import { JobRunner } from '../../../src/platform/jobs/job-runner.js';
import { addJob, jobKind } from '../../../src/platform/jobs/jobs.js';
import { Readiness } from '../../../src/platform/http/readiness.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { Metrics } from '../../../src/platform/metrics/metrics.js';
import { PlatformModule } from '../../../src/platform/platform.module.js';
import { type ServiceRole, ServiceRoles } from '../../../src/platform/roles/service-roles.js';
import type { KafkaAddress } from '../../harness/kafka.js';
import { IsolatedLog } from './isolated-log.js';

const alertOpened = jobKind({ name: 'test.alert-opened', payload: z.object({ alertId: z.string() }), maxAttempts: 1 });

/** Leaves one job behind for each alert, so that a test can count what the one transaction caused. */
class JobPerAlert extends IncidentOpener {
  constructor(private toFail: number) {
    super();
  }
  override lock(): Promise<void> {
    return Promise.resolve();
  }
  override async onAlerts(tx: Tx, alerts: readonly ArrivedAlert[]): Promise<void> {
    for (const { alert, isNew } of alerts) {
      if (!isNew) continue;
      this.toFail -= 1;
      if (this.toFail >= 0) throw new Error('failing as the test asks');
      await addJob(tx, alertOpened, { alertId: alert.id });
    }
  }
}

@Global()
@Module({})
class TestPorts {
  static of({ roles, failFirst }: PipelineOptions): DynamicModule {
    const providers = [
      { provide: IncidentOpener, useValue: new JobPerAlert(failFirst ?? 0) },
      { provide: Readiness, useValue: new Readiness() },
      { provide: ServiceRoles, useValue: new ServiceRoles(roles ?? ['detect', 'correlate']) },
    ];
    return { module: TestPorts, providers, exports: providers };
  }
}

/** What a pipeline runs on; JSON, so that a process of its own can be told. */
export interface PipelineOptions {
  readonly serviceUrl: string;
  readonly workerUrl: string;
  /** Without it the embedded log in the same database. */
  readonly kafka?: KafkaAddress;
  /** Tells apart what tests share on one broker. */
  readonly suffix: string;
  readonly partitions?: number;
  /** Consumer groups that silos are spread over; one unless said. */
  readonly detectGroups?: number;
  /** How often new topics are looked for; five times a second unless said, so that tests need not wait. */
  readonly discoverEveryMs?: number;
  readonly rulesDirs?: string;
  readonly roles?: readonly ServiceRole[];
  /** The opener throws at the first so many alerts, as if the database failed in the middle of the transaction. */
  readonly failFirst?: number;
}

export interface Pipeline {
  readonly app: INestApplicationContext;
  readonly eventLog: EventLog;
  readonly database: Database;
  readonly metrics: Metrics;
  close(): Promise<void>;
}

export const TEST_RULES = fileURLToPath(new URL('rules/', import.meta.url));

export function openLog(options: PipelineOptions): EventLog {
  const log = new PinoLog(process.env['TEST_LOG_LEVEL'] ?? 'silent');
  const retry = { firstMs: 50, mostMs: 500 };
  const { discoverEveryMs = 200 } = options;
  if (options.kafka === undefined) {
    return new EmbeddedEventLog({ url: options.serviceUrl, discoverEveryMs, retry }, new SystemClock(), log);
  }
  const { brokers, username, password } = options.kafka;
  const credentials = { username, password: new Secret(password) };
  const kafka = new KafkaEventLog({ brokers: brokers.split(','), credentials, discoverEveryMs, retry }, log);
  return new IsolatedLog(kafka, options.suffix);
}

/** Starts detect and correlate as the service does, with an opener that leaves one job per alert. */
export async function startPipeline(options: PipelineOptions, clock: Clock = new SystemClock()): Promise<Pipeline> {
  const log = new PinoLog(process.env['TEST_LOG_LEVEL'] ?? 'silent');
  const env = {
    RULES_DIRS: options.rulesDirs ?? TEST_RULES,
    SIGNALS_PARTITIONS: String(options.partitions ?? 3),
    DETECT_GROUPS: String(options.detectGroups ?? 1),
  };
  const loaded = loadConfig([detectConfig], env);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const database = new Database({ url: options.serviceUrl, entities: [], applicationName: 'pipeline', poolSize: 10 });
  await database.connect();
  const eventLog = openLog(options);
  const metrics = new Metrics();
  const platform = {
    clock,
    config: loaded.config,
    database,
    eventLog,
    ids: new RandomIds(),
    jobs: new JobRunner({ workerUrl: options.workerUrl, concurrency: 1 }, clock, log),
    log,
    metrics,
  };
  const module = { module: TestRoot, imports: [PlatformModule.of(platform), TestPorts.of(options), CorrelateModule] };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest takes a plain object
  const app = await NestFactory.createApplicationContext(module, { logger: ['error', 'warn'], abortOnError: false });
  return {
    app,
    eventLog,
    database,
    metrics,
    close: async () => {
      await app.close();
      await eventLog.close();
      await database.close();
    },
  };
}

@Module({})
class TestRoot {}
