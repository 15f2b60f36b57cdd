import { parentPort, workerData } from 'node:worker_threads';
import { load } from '../sigma/index.js';
import { readRuleFiles } from './rule-files.js';
import { runTestsBeside } from './rule-tests.js';
import { type ThreadMessage } from './rule-test-threads.js';

// One thread of `rules test`: loads the rules once, then runs the tests of each file it is sent, until it is sent null.
const { places } = workerData as { places: readonly string[] };
const { files } = await readRuleFiles(places);
const rules = load(files);
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', (file: string | null) => {
  if (file === null) parentPort?.close();
  else void runTestsBeside(file, rules).then((results) => say({ results: results ?? [] }));
});
say({});
