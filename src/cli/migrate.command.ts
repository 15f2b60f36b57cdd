import { type Command } from 'commander';
import { openPlatform, closePlatform, readConfig } from '../app/platform.js';
import { StartRefused } from '../app/start-refused.js';
import { databaseConfig } from '../platform/database/database.config.js';
import { migrateDown, migrateUp } from '../platform/database/migrate.js';
import { reportRefusal } from './run-service.js';

async function migrate(down: number): Promise<void> {
  const config = readConfig(process.env);
  const { DATABASE_URL: service, DATABASE_OWNER_URL: owner, DATABASE_WORKER_URL: worker } = config.get(databaseConfig);
  if (service === undefined) {
    // Opening the embedded Postgres migrates it.
    const platform = await openPlatform(config, { as: 'tool' });
    if (down > 0) await migrateDown(platform.databaseUrls, down);
    await closePlatform(platform);
  } else {
    if (owner === undefined || worker === undefined) {
      throw new StartRefused([
        'DATABASE_OWNER_URL and DATABASE_WORKER_URL: must be set to migrate the database of DATABASE_URL',
      ]);
    }
    const urls = { ownerUrl: owner.reveal(), workerUrl: worker.reveal() };
    if (down > 0) await migrateDown(urls, down);
    else await migrateUp(urls);
  }
  process.stdout.write(down > 0 ? `took back ${down} migration(s)\n` : 'the schema is up to date\n');
}

export function register(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema up to date, or take back migrations')
    .option('--down <count>', 'take back the last <count> migrations', Number, 0)
    .addHelpText('after', '\nExample:\n  DATABASE_URL=… DATABASE_OWNER_URL=… DATABASE_WORKER_URL=… silowatch migrate')
    .action(async (options: { down: number }) => {
      try {
        await migrate(options.down);
      } catch (error) {
        process.exitCode = reportRefusal(error);
      }
    });
}
