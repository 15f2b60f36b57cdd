import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { type TestResult } from './rule-tests.js';

/** What a thread sends: that it is ready (no `results`), or what came of the file it was given. */
export interface ThreadMessage {
  readonly results?: readonly TestResult[];
}

/** The thread's own file, beside this one and of the same kind: compiled in the build, source where sources run. */
const THREAD = path.join(import.meta.dirname, `rule-test-thread${path.extname(import.meta.filename)}`);

/** Runs the tests of the rule files on as many threads, each taking the next file when it is done; results are in the files' order. */
export async function runOnThreads(
  places: readonly string[],
  files: readonly string[],
  threads: number,
  onDone: () => void,
): Promise<readonly TestResult[]> {
  const results: (readonly TestResult[])[] = files.map(() => []);
  let next = 0;
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(THREAD, { workerData: { places } });
      let current = -1;
      worker.on('message', (message: ThreadMessage) => {
        if (message.results !== undefined) {
          results[current] = message.results;
          onDone();
        }
        current = next++;
        const file = files[current];
        worker.postMessage(file ?? null);
      });
      worker.on('error', reject);
      worker.on('exit', resolve);
    });
  await Promise.all(Array.from({ length: Math.min(threads, files.length) }, run));
  return results.flat();
}
