import { type Command } from 'commander';
import { startDemo, type Demo } from '../demo/demo.js';
import { untilSignal, reportRefusal } from './run-service.js';

function describe(demo: Demo): string {
  const accounts = demo.accounts.map(({ email, password, role }) => `    ${email.padEnd(24)} ${password}   (${role})`);
  return [
    '',
    `  Dashboard   ${demo.dashboardUrl}`,
    `  Mail sink   ${demo.sinkUrl}   every mail, and both accounts' current codes`,
    '',
    '  Accounts',
    ...accounts,
    '',
    `  Three silos are live. ${demo.attackedTenant} will be attacked in a few seconds; the incident is there within a minute.`,
    '  Ctrl-C stops everything; the next run continues on the same data.',
    '',
    '',
  ].join('\n');
}

export function register(program: Command): void {
  program
    .command('demo')
    .description('the whole product on this machine: three sample silos, live traffic and an attack on one of them')
    .addHelpText('after', '\nExample:\n  PORT=3000 silowatch demo')
    .action(async () => {
      const stopAsked = untilSignal();
      try {
        process.stdout.write('Starting Silowatch, its Postgres and three silos …\n');
        const demo = await startDemo(process.env);
        process.stdout.write(describe(demo));
        await stopAsked;
        process.stdout.write('Stopping …\n');
        await demo.stop();
        process.exitCode = 0;
      } catch (error) {
        process.exitCode = reportRefusal(error);
      }
    });
}
