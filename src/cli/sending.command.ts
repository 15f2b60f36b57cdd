import { type Command } from 'commander';
import { TrailRepository } from '../access/trail.repository.js';
import { type OpenPlatform } from '../app/platform.js';
import { system } from '../platform/database/scope.js';
import { withPlatform } from './with-platform.js';

export function register(program: Command): void {
  const sending = program
    .command('sending')
    .description('pages, notices, answers and commands: whether they leave the house')
    .addHelpText('after', '\nExample:\n  silowatch sending status');
  sending
    .command('status')
    .description('say whether sending is paused; status 1 when it is')
    .addHelpText('after', '\nExample:\n  silowatch sending status')
    .action(() => withPlatform(status));
  sending
    .command('pause')
    .description('let the service send nothing from its next start on, as before a restore of the database')
    .addHelpText('after', '\nExample:\n  silowatch sending pause')
    .action(() => withPlatform(pause));
  sending
    .command('resume')
    .description('after a restore: you have looked at what is due, and it may go out')
    .addHelpText('after', '\nExample:\n  silowatch sending resume')
    .action(() => withPlatform(resume));
}

async function status({ database, sendingPause }: OpenPlatform): Promise<number> {
  const paused = await database.transaction(system('operator'), (tx) => sendingPause.state(tx));
  if (paused === undefined) {
    process.stdout.write('not paused\n');
    return 0;
  }
  process.stdout.write(`paused since ${paused.since.toISOString()}: ${paused.reason}\n`);
  return 1;
}

async function pause(platform: OpenPlatform): Promise<number> {
  await platform.database.transaction(system('operator'), async (tx) => {
    await platform.sendingPause.pause(tx, 'Paused by the command line.');
    await record(platform, 'sending.pause', tx);
  });
  process.stdout.write('paused: the service sends nothing from its next start on\n');
  return 0;
}

async function resume(platform: OpenPlatform): Promise<number> {
  const wasPaused = await platform.database.transaction(system('operator'), async (tx) => {
    const ended = await platform.sendingPause.resume(tx);
    if (ended) await record(platform, 'sending.resume', tx);
    return ended;
  });
  process.stdout.write(wasPaused ? 'a running service begins to send within 2 seconds\n' : 'was not paused\n');
  return 0;
}

async function record(
  { clock, ids }: OpenPlatform,
  action: string,
  tx: Parameters<TrailRepository['record']>[0],
): Promise<void> {
  const actor = { kind: 'operator' as const, id: 'command line' };
  await new TrailRepository(clock, ids).record(tx, { actor, action, object: { type: 'service', id: 'sending' } });
}
