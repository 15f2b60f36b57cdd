import { z } from 'zod';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { JobRunner, type JobRunnerOptions } from '../../../src/platform/jobs/job-runner.js';
import { jobKind } from '../../../src/platform/jobs/jobs.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';

// A worker as a process of its own, for a test to kill and to stop. It holds each job until its standard input ends, and then ends itself.
const options = JSON.parse(process.argv[2] ?? '{}') as Pick<JobRunnerOptions, 'workerUrl' | 'heartbeat'>;
const greet = jobKind({ name: 'greet', payload: z.object({ name: z.string() }), maxAttempts: 3 });
const released = new Promise<void>((resolve) => process.stdin.once('end', resolve).resume());
const runner = new JobRunner({ ...options, concurrency: 1 }, new SystemClock(), new PinoLog('silent'));
runner.handle(greet, async ({ name }) => {
  process.stdout.write(`has ${name}\n`);
  await released;
});
await runner.start();
await released;
await runner.stop();
process.exit(0);
