import { parentPort, workerData } from 'node:worker_threads';
import { load } from '../sigma/index.js';
import { BlockMatcher } from './match-block.js';
import { type HelperTask, type HelperWork } from './match-helper.js';
import { readRuleFiles } from './rule-files.js';

/** The second thread of `match`: loads the same rules, then matches the blocks that it is sent. */
const { places, ignoreLogsource } = workerData as HelperTask;
const { files } = await readRuleFiles(places);
const { rules, matcher } = load(files, { ignoreLogsource });
const blocks = new BlockMatcher(matcher);

parentPort?.on('message', ({ bytes, line, isAfterOverlong }: HelperWork) => {
  const whole = Buffer.from(bytes);
  parentPort?.postMessage(blocks.match({ bytes: whole, start: 0, end: whole.length, isAfterOverlong }, line));
});
parentPort?.postMessage(rules.map(({ hash }) => hash));
