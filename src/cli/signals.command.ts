import { type Command, Option } from 'commander';
import { serve } from '../app/serve.js';
import { SignalsResize } from '../correlate/signals-resize.js';
import { RESUME_FROM, type ResumeFrom, SignalsResume } from '../correlate/signals-resume.js';
import { detectConfig } from '../detect/detect.config.js';
import type { DatabaseUrls } from '../platform/database/embedded-postgres.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { CliError } from './cli-error.js';
import { withPlatform } from './with-platform.js';

/** Beyond the 15 s after which the broker takes a silent reader's partitions away. */
const SILENCE_MS = 17_000;
const DRAIN_LIMIT_MS = 10 * 60_000;

export function register(program: Command): void {
  const signals = program
    .command('signals')
    .description('the topic between detection and correlation')
    .addHelpText('after', '\nExample:\n  silowatch signals resize 48 --yes\n  silowatch signals resume --from start');
  signals
    .command('resize <partitions>')
    .description(
      'give it another number of partitions; every instance must be stopped, and none loses or repeats an alert',
    )
    .option('--yes', 'do it; without this it only says what would be done', false)
    .addHelpText('after', '\nExample:\n  silowatch signals resize 48 --yes\n\nThen start with SIGNALS_PARTITIONS=48.')
    .action((partitions: string, { yes }: { yes: boolean }) => resize(partitions, yes));
  signals
    .command('resume')
    .description('read partitions again that were stopped since their position is not in the log')
    .addOption(
      new Option(
        '--from <place>',
        'start: count what the log has; position: the log that belongs to the database was put back; end: pass over what the log has; without this it only says how they stand',
      ).choices(RESUME_FROM),
    )
    .addHelpText(
      'after',
      '\nExample:\n  silowatch signals resume --from start\n\nThen restart what runs the role correlate.',
    )
    .action(({ from }: { from?: ResumeFrom }) => resume(from));
}

async function resize(text: string, isSure: boolean): Promise<void> {
  const partitions = detectConfig.shape.SIGNALS_PARTITIONS.safeParse(text);
  if (!partitions.success) throw new CliError(`"${text}" ${partitions.error.issues[0]?.message ?? 'is not a number'}`);
  const wanted = partitions.data;
  await withPlatform(async ({ database, databaseUrls, eventLog }) => {
    const resizing = new SignalsResize(database, eventLog);
    const [recorded, present] = [await resizing.recorded(), await resizing.present()];
    if (recorded === wanted && present === wanted) {
      print(`silowatch.signals has ${wanted} partitions already`);
      return 0;
    }
    if (recorded === undefined) {
      print(`nothing was started yet: start with SIGNALS_PARTITIONS=${wanted}`);
      return 0;
    }
    if (!isSure) {
      throw new CliError(`this moves the state of ${recorded} partitions to ${wanted}: stop every instance, add --yes`);
    }
    try {
      print('listening whether anything still runs');
      await resizing.requireSilence(SILENCE_MS);
      if (recorded !== wanted) await drain(resizing, recorded, databaseUrls);
      print(`moving from ${recorded} to ${wanted} partitions`);
      await resizing.move(wanted);
    } catch (error) {
      if (error instanceof DomainError) throw new CliError(error.message);
      throw error;
    }
    print(`done: start every instance with SIGNALS_PARTITIONS=${wanted}`);
    return 0;
  });
}

/** Counts what is left, by the stage itself and nothing else of the service. */
async function drain(resizing: SignalsResize, recorded: number, urls: DatabaseUrls): Promise<void> {
  const waiting = await resizing.left();
  if (waiting === undefined) return;
  print(`counting what is left: ${waiting}`);
  const env = {
    ...process.env,
    SILOWATCH_ROLES: 'correlate',
    SIGNALS_PARTITIONS: String(recorded),
    PORT: '0',
    // An embedded Postgres is this command's already.
    DATABASE_URL: urls.serviceUrl,
    DATABASE_WORKER_URL: urls.workerUrl,
  };
  const service = await serve(env, { logTo: { write: () => undefined } });
  try {
    const deadline = performance.now() + DRAIN_LIMIT_MS;
    for (let left = await resizing.left(); left !== undefined; left = await resizing.left()) {
      if (performance.now() > deadline) {
        throw new CliError(`not counted in 10 minutes: ${left}; start the service, look at its log and repeat this`);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  } finally {
    await service.stop();
  }
}

async function resume(from: ResumeFrom | undefined): Promise<void> {
  await withPlatform(async ({ database, eventLog }) => {
    const resuming = new SignalsResume(database, eventLog);
    const stopped = await resuming.stopped();
    for (const { partition, position, stoppedAt, start, end } of stopped) {
      const since = stoppedAt === undefined ? 'not in the log' : `stopped since ${stoppedAt.toISOString()}`;
      print(`partition ${partition}: position ${position} ${since}; the log has ${start} to ${end}`);
    }
    if (stopped.length === 0) {
      print('no partition of silowatch.signals is stopped');
      return 0;
    }
    if (from === undefined) throw new CliError('say where to read on: add --from start, position or end');
    try {
      for (const { partition, to } of await resuming.resume(from)) print(`partition ${partition} reads on at ${to}`);
    } catch (error) {
      if (error instanceof DomainError) throw new CliError(error.message);
      throw error;
    }
    print('done: restart every instance with the role correlate');
    return 0;
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
