import pg from 'pg';
import { Database } from '../../src/platform/database/database.js';
import { servers, TEMPLATE_DATABASE } from './servers.js';

export interface TestDatabase {
  readonly name: string;
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  readonly workerUrl: string;
  /** Connected under the service's role. */
  readonly database: Database;
  drop(): Promise<void>;
}

const withDatabase = (url: string, name: string): string => url.replace(`/${TEMPLATE_DATABASE}`, `/${name}`);

async function asSuperuser(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: servers().postgresSuperuserUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

let count = 0;

/** A migrated database of the test's own, copied from the template. Call `drop` in afterEach. */
export async function testDatabase(entities: readonly (new () => object)[] = []): Promise<TestDatabase> {
  count += 1;
  const name = `t_${process.pid}_${count}_${Date.now()}`;
  const { ownerUrl, serviceUrl, workerUrl } = servers();
  await asSuperuser(`create database ${name} template ${TEMPLATE_DATABASE} owner silowatch_owner`);
  // A copied database keeps its objects but not grants on the database itself.
  await asSuperuser(`grant create on database ${name} to silowatch_worker`);
  const database = new Database({
    url: withDatabase(serviceUrl, name),
    entities,
    applicationName: 'test',
    poolSize: 10,
  });
  await database.connect();
  return {
    name,
    ownerUrl: withDatabase(ownerUrl, name),
    serviceUrl: withDatabase(serviceUrl, name),
    workerUrl: withDatabase(workerUrl, name),
    database,
    drop: async () => {
      await database.close();
      await asSuperuser(`drop database ${name} with (force)`);
    },
  };
}
