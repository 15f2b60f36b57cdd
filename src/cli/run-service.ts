import { type Env } from '../app/platform.js';
import { serve } from '../app/serve.js';
import { StartRefused } from '../app/start-refused.js';

/** A shutdown that takes longer is cut off; what was not committed is done again at the next start. */
const SHUTDOWN_LIMIT_MS = 30_000;
const SAME_SIGNAL_MS = 1_000;

/** Resolves at the first SIGINT or SIGTERM. */
export function untilSignal(): Promise<void> {
  return new Promise<void>((resolve) => {
    let firstMs: number | undefined;
    const onSignal = (): void => {
      const nowMs = performance.now();
      if (firstMs !== undefined) {
        // A second Ctrl-C means now. One that comes at once is the same one: a terminal sends it to npm, too, which passes it on.
        if (nowMs - firstMs > SAME_SIGNAL_MS) process.exit(130);
        return;
      }
      firstMs = nowMs;
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
