import { readdirSync } from 'node:fs';
import pg from 'pg';
import { migrateDown, migrateUp } from '../../../src/platform/database/migrate.js';
import { entities } from '../../../src/app/entities.js';
import { system } from '../../../src/platform/database/scope.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';

const migrationCount = readdirSync('migrations').filter((file) => file.endsWith('.ts')).length;

describe('the schema', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase([...entities]);
  });
  afterEach(() => db.drop());

  async function asOwner<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: db.ownerUrl });
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('goes down to nothing and up again', async () => {
    await migrateDown(db, migrationCount);
    const left = await asOwner<{ relname: string }>(
      `select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('public', 'silowatch') and c.relkind in ('r', 'v', 'S') and relname <> 'migrations' and relname not like 'migrations_%'`,
    );
    expect(left).toEqual([]);
    expect(await migrateUp(db)).toHaveLength(migrationCount);
    expect(await migrateUp(db)).toEqual([]);
  });

  it('forces row-level security on every table with a tenant', async () => {
    const open = await asOwner<{ table_name: string }>(
      `select c.relname as table_name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
       where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
         and not (c.relrowsecurity and c.relforcerowsecurity)`,
    );
    expect(open).toEqual([]);
  });

  it('shows no row of a tenant to a query without a scope', async () => {
    const tables = await asOwner<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
       where n.nspname = 'public' and c.relkind in ('r', 'p')`,
    );
    for (const { name } of tables) {
      const policies = await asOwner<{ qual: string | null }>(
        `select qual from pg_policies where tablename = '${name}' and cmd in ('ALL', 'SELECT')`,
      );
      expect({ name, open: policies.filter((policy) => policy.qual === null || policy.qual === 'true') }).toEqual({
        name,
        open: [],
      });
    }
  });

  it('matches the entities', async () => {
    const pending = await db.database.source.driver.createSchemaBuilder().log();
    expect(pending.upQueries.map((query) => query.query)).toEqual([]);
  });

  it('refuses a system job that the migrations do not name', async () => {
    const rows = await db.database.transaction(system('operator'), (tx) =>
      tx.query<{ name: string }[]>('select name from silowatch.system_jobs order by name'),
    );
    expect(rows.map((row) => row.name)).toContain('correlate');
  });
});
