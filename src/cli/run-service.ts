import { type Env } from '../app/platform.js';
import { serve } from '../app/serve.js';
import { StartRefused } from '../app/start-refused.js';

/** A shutdown that takes longer is cut off; what was not committed is done again at the next start. */
const SHUTDOWN_LIMIT_MS = 30_000;

/** Resolves at the first SIGINT or SIGTERM. */
export function untilSignal(): Promise<void> {
  return new Promise<void>((resolve) => {
    let signals = 0;
    const onSignal = (): void => {
      signals += 1;
      // A second Ctrl-C means now.
      if (signals > 1) process.exit(130);
      setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
      resolve();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}

/** Runs the service until a signal asks it to stop. Resolves with the exit status: 2 when it cannot start as it is set up. */
export async function runService(env: Env): Promise<number> {
  const stopAsked = untilSignal();
  try {
    const service = await serve(env);
    await stopAsked;
    await service.stop();
    return 0;
  } catch (error) {
    return reportRefusal(error);
  }
}

/** One line a reason on stderr, status 2; any other error is thrown on. */
export function reportRefusal(error: unknown): number {
  if (!(error instanceof StartRefused)) throw error;
  for (const line of error.lines) process.stderr.write(`silowatch: ${line}\n`);
  return 2;
}
