import { type Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OpenPlatform } from '../app/platform.js';
import { paceOf } from '../demo/simulator/pace.js';
import { Simulator } from '../demo/simulator/simulator.js';
import { system } from '../platform/database/scope.js';
import { type Silo } from '../silos/silo.js';
import { SiloRepository } from '../silos/silo.repository.js';
import { CliError, systemReason } from './cli-error.js';
import { progressTo } from './progress.js';
import { untilSignal } from './run-service.js';
import { withPlatform } from './with-platform.js';

interface SimulateOptions {
  readonly rate: number;
  readonly minutes: number;
  readonly attack?: string;
}

/** Beyond this the simulator itself would be what is measured. */
const MOST_PER_SECOND = 10_000;
const LONGEST_MINUTES = 7 * 24 * 60;
const LOOK_EVERY_MS = 250;

export function register(program: Command): void {
  program
    .command('simulate <tenants...>')
    .description(
      'put believable traffic on silos that exist, until the time is over or Ctrl-C; for trying out, never on a customer’s silo',
    )
    .option('--rate <n>', 'records a second, all silos together', numberOf('--rate', MOST_PER_SECOND), 20)
    .option('--minutes <n>', 'for so long', numberOf('--minutes', LONGEST_MINUTES), 5)
    .option('--attack <tenant>', 'let an account of this silo be taken over, from the start on')
    .addHelpText(
      'after',
      [
        '',
        'Example:',
        '  silowatch silo add try-out --name "Try-out"',
        '  silowatch simulate try-out --rate 50 --minutes 10 --attack try-out',
        '',
        'No agent belongs to these silos: an attack goes on until the time is over.',
      ].join('\n'),
    )
    .action((tenants: string[], options: SimulateOptions) =>
      withPlatform((platform) => simulate(platform, [...new Set(tenants)], options)),
    );
}

function numberOf(option: string, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (value > 0 && value <= most) return value;
    throw new CliError(`${option} ${text}: give a number above 0, at most ${most}, for example ${option} 20`);
  };
}

async function simulate(platform: OpenPlatform, tenants: readonly string[], options: SimulateOptions): Promise<number> {
  const { rate, minutes, attack } = options;
  if (attack !== undefined && !tenants.includes(attack)) {
    throw new CliError(`--attack ${attack}: it must be one of the silos named, ${tenants.join(', ')}`);
  }
  const silos = await silosOf(platform, tenants);
  const lengthMs = minutes * 60_000;
  const startedAt = Date.now();
  let records = 0;
  const faults: unknown[] = [];
  const simulator = new Simulator(platform.eventLog, {
    silos,
    seed: startedAt,
    now: () => Date.now(),
    ...paceOf(rate, silos.length),
    onAppended: (count) => (records += count),
    onFault: (error) => faults.push(error),
  });
  process.stderr.write(`${rate} records a second on ${tenants.join(', ')} for ${minutes} min; Ctrl-C ends it\n`);
  simulator.start();
  if (attack !== undefined) {
    process.stderr.write(
      `${attack} is attacked: the account ${simulator.attack(attack).email} falls within a minute\n`,
    );
  }
  await waitFor(lengthMs);
  await simulator.stop();
  const seconds = (Date.now() - startedAt) / 1_000;
  process.stderr.write(`${records} records in ${seconds.toFixed(0)} s, ${(records / seconds).toFixed(0)} a second\n`);
  if (faults.length === 0) return 0;
  process.stderr.write(`${faults.length} times the log did not take what happened: ${systemReason(faults.at(-1))}\n`);
  return 1;
}

async function silosOf(platform: OpenPlatform, tenants: readonly string[]): Promise<readonly Silo[]> {
  const all = await platform.database.transaction(system('operator'), (tx) => new SiloRepository().list(tx));
  return tenants.map((tenant) => {
    const silo = all.find((one) => one.tenant === tenant && one.state === 'active');
    if (silo !== undefined) return silo;
    throw new CliError(
      `there is no silo ${tenant}: see silowatch silo list, or add it with silowatch silo add ${tenant}`,
    );
  });
}

/** Shows the time going by; ends with it, or at a signal. */
async function waitFor(lengthMs: number): Promise<void> {
  const progress = progressTo(lengthMs);
  const stop = new AbortController();
  void untilSignal().then(() => stop.abort());
  const endsAt = Date.now() + lengthMs;
  let shownMs = 0;
  try {
    while (!stop.signal.aborted && Date.now() < endsAt) {
      await sleep(Math.min(LOOK_EVERY_MS, Math.max(endsAt - Date.now(), 1)));
      const goneMs = Math.min(lengthMs, lengthMs - (endsAt - Date.now()));
      progress.add(goneMs - shownMs);
      shownMs = goneMs;
    }
  } finally {
    progress.stop();
  }
}
