import { closePlatform, openPlatform, type OpenPlatform, readConfig } from '../app/platform.js';
import { reportRefusal } from './run-service.js';

/**
 * Runs `work` on the service's database, beside a running service or without one, and sets the exit status that it resolves to.
 * A set-up that cannot work ends with one line a reason and status 2.
 */
export async function withPlatform(work: (platform: OpenPlatform) => Promise<number>): Promise<void> {
  try {
    const platform = await openPlatform(readConfig(process.env), { as: 'tool' });
    try {
      process.exitCode = await work(platform);
    } finally {
      await closePlatform(platform);
    }
  } catch (error) {
    process.exitCode = reportRefusal(error);
  }
}
