import { DataSource, type EntityManager, type EntityTarget } from 'typeorm';
import { settings, type Scope } from './scope.js';

/** A transaction with its scope set. Repositories take it as their first parameter. */
export type Tx = EntityManager;

export interface DatabaseOptions {
  readonly url: string;
  readonly entities: readonly EntityTarget<object>[];
  readonly applicationName: string;
  /** Connections at most; the correlator and HTTP share them. */
  readonly poolSize: number;
}

/** The service's connections to Postgres, under the service's role. Every query runs inside `transaction`. */
export class Database {
  readonly source: DataSource;

  constructor(options: DatabaseOptions) {
    this.source = new DataSource({
      type: 'postgres',
      url: options.url,
      entities: options.entities as DataSource['options']['entities'] & [],
      synchronize: false,
      migrationsRun: false,
      logging: false,
      poolSize: options.poolSize,
      applicationName: options.applicationName,
      connectTimeoutMS: 5_000,
      // A dropped idle connection is replaced at the next query; it must not end the process.
      poolErrorHandler: () => undefined,
      extra: { idle_in_transaction_session_timeout: 60_000, statement_timeout: 60_000 },
    });
  }

  async connect(): Promise<void> {
    await this.source.initialize();
  }

  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  /** Runs `work` in one transaction (READ COMMITTED) that sees only what `scope` may see; commits when it resolves. No network calls inside. */
  async transaction<T>(scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T> {
    const set = settings(scope);
    return this.source.transaction(async (tx) => {
      await tx.query(`select set_config('silowatch.scope', $1, true), set_config('silowatch.tenants', $2, true)`, [
        set.scope,
        set.tenants,
      ]);
      return work(tx);
    });
  }

  /** Whether Postgres answers, for /readyz. */
  async answers(): Promise<boolean> {
    try {
      await this.source.query('select 1');
      return true;
    } catch {
      return false;
    }
  }
}
