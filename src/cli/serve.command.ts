import { type Command } from 'commander';
import { runService } from './run-service.js';

export function register(program: Command): void {
  program
    .command('serve')
    .description('run the service: stages, API, dashboard, jobs (see SILOWATCH_ROLES)')
    .addHelpText('after', '\nExample:\n  PORT=3000 silowatch serve\n\nEvery variable: docs/configuration.md')
    .action(async () => {
      process.exitCode = await runService(process.env);
    });
}
