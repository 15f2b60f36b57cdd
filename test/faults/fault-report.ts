import { surplus } from './picture.js';
import type { Instance } from './servers.js';
import { story, type Told } from './stories.js';
import type { World } from './world.js';

export interface FaultReport {
  readonly survived: Readonly<Record<string, number>>;
  readonly records: number;
  readonly stories: number;
  readonly alerts: number;
  readonly incidents: number;
  /** What the undisturbed run has and this one has not; and mails, jobs and dead letters that are missing. A line each. */
  readonly lost: readonly string[];
  /** What this run has and the undisturbed one has not, or not as often; and mails that came again although nothing had cut them off. */
  readonly doubled: readonly string[];
  readonly mails: number;
  /** Message-IDs that arrived more than once, of jobs in flight when something died. */
  readonly mailRepeats: number;
  readonly poison: number;
  /** Dead letters that lie there more than once, with one origin: a replay takes each once. */
  readonly poisonRepeats: number;
  readonly restarts: number;
  readonly warnings: readonly string[];
}

export interface Outcome {
  readonly survived: Readonly<Record<string, number>>;
  readonly disturbances: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly told: readonly Told[];
  readonly records: number;
  /** The picture of the undisturbed run. */
  readonly wanted: readonly string[];
  readonly shaken: World;
  readonly instances: readonly Instance[];
}

/** A job in flight at a fault sent its mail at most so long before, on a machine that is slow. */
const IN_FLIGHT_MS = 30_000;

export async function reportOf(outcome: Outcome): Promise<FaultReport> {
  const { shaken, told, wanted, instances } = outcome;
  const found = await shaken.picture(told);
  const deadLetters = await shaken.deadLetters();
  const poison = told.flatMap((one) => story(one).poison);
  const repeats = [...shaken.mail.arrivals].filter(([, times]) => times.length > 1);
  const unexplained = repeats.filter(([, times]) => !isExplained(times, outcome.disturbances));
  return {
    survived: outcome.survived,
    records: outcome.records,
    stories: told.length,
    alerts: wanted.filter((line) => line.startsWith('alert')).length,
    incidents: wanted.filter((line) => line.startsWith('incident')).length,
    lost: [
      ...surplus(wanted, found),
      ...poison.filter((text) => !deadLetters.has(text)).map((text) => `dead letter ${text}`),
      ...(await shaken.unsentPages()).map((id) => `mail of page attempt ${id}`),
      ...(await shaken.failedJobs()).map((line) => `job ${line}`),
    ],
    doubled: [
      ...surplus(found, wanted),
      ...[...deadLetters.keys()].filter((text) => !poison.includes(text)).map((text) => `dead letter ${text}`),
      ...unexplained.map(([id, times]) => `mail ${id}: ${times.map((at) => new Date(at).toISOString()).join(', ')}`),
    ],
    mails: shaken.mail.arrivals.size,
    mailRepeats: repeats.length - unexplained.length,
    poison: poison.length,
    poisonRepeats: [...deadLetters.values()].filter((times) => times > 1).length,
    restarts: instances.reduce((sum, { restarts }) => sum + restarts, 0),
    warnings: [...new Set(instances.flatMap(({ warnings }) => warnings))],
  };
}

/** Whether something died or slept while the mail was under way for the first time. */
const isExplained = ([first = 0]: readonly number[], disturbances: Outcome['disturbances']): boolean =>
  disturbances.some(({ fromMs, toMs }) => fromMs - IN_FLIGHT_MS <= first && first <= toMs);
