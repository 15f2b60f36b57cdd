import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessSeed, type SeedAccount } from '../../src/access/access-seed.service.js';
import { type Env } from '../../src/app/platform.js';
import { serve, type Service } from '../../src/app/serve.js';
import { type Clock } from '../../src/platform/clock/clock.js';
import { testDatabase, type TestDatabase } from './database.js';

export interface TestService extends Service {
  readonly db: TestDatabase;
  /** Each line that the service logged. */
  readonly logLines: readonly string[];
  /** Makes an account that is ready to sign in; returns its id. */
  seed(account: SeedAccount): Promise<string>;
}

export interface TestServiceOptions {
  readonly env?: Env;
  readonly clock?: Clock;
}

/** The whole service over HTTP on a port and a database of its own. Call `stop` in afterEach. */
export async function testService(options: TestServiceOptions = {}): Promise<TestService> {
  const db = await testDatabase();
  const data = await mkdtemp(path.join(tmpdir(), 'silowatch-service-'));
  const logLines: string[] = [];
  const env = {
    PORT: '0',
    DATABASE_URL: db.serviceUrl,
    DATABASE_WORKER_URL: db.workerUrl,
    SILOWATCH_DATA: data,
    SILOWATCH_ROLES: 'api',
    ...options.env,
  };
  const end = async (): Promise<void> => {
    await db.drop();
    await rm(data, { recursive: true, force: true });
  };
  try {
    const clock = options.clock === undefined ? {} : { clock: options.clock };
    const service = await serve(env, { ...clock, logTo: { write: (line) => void logLines.push(line) } });
    return {
      ...service,
      db,
      logLines,
      seed: (account) => service.app.get(AccessSeed, { strict: false }).ensure(account),
      stop: async () => {
        await service.stop();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
