import { type Command } from 'commander';
import { type Loaded } from '../sigma/index.js';
import { CliError, systemReason } from './cli-error.js';
import { loadRules } from './load-rules.js';
import { fileBlocks, type LineBlock } from './line-blocks.js';
import { BlockMatcher, type BlockResult, linesIn } from './match-block.js';
import { MatchHelper, type HelperTask } from './match-helper.js';
import { printable } from './printable.js';
import { splitPlaces } from './rule-files.js';
import { keepNurserySmall, letNurseryGrow } from './small-nursery.js';

interface MatchOptions {
  readonly rules: string[];
  readonly allRules?: true;
  readonly strict?: true;
  readonly stats?: true;
}

/** So many lines that cannot be read are named; of the rest only the number is told. */
const MOST_NAMED = 10;

export function register(program: Command): void {
  program
    .command('match')
    .description('the bare engine: NDJSON events in, one NDJSON line for each match out')
    .argument('[file]', 'NDJSON events, plain or .gz; - or none for stdin')
    .requiredOption('--rules <dir...>', 'folders of rules')
    .option('--all-rules', 'try every rule on every event, whatever its log source')
    .option('--strict', 'exit status 2 when a rule cannot be loaded or a line is no JSON object')
    .option('--stats', 'end stderr with one line of JSON: counts and times')
    .addHelpText(
      'after',
      '\nThe log source of an event is its member "logsource": {"category", "product", "service"}.\n\nExample:\n  silowatch match --rules rules --all-rules events.ndjson',
    )
    .action(async (file: string | undefined, options: MatchOptions) => {
      const { rules, logs } = await splitPlaces(options.rules);
      const files = [...(file === undefined ? [] : [file]), ...logs];
      if (files.length > 1) throw new CliError(`match reads one file, not ${files.length}`);
      process.exitCode = await match(files[0] ?? '-', { ...options, rules });
    });
}

async function match(file: string, options: MatchOptions): Promise<number> {
  const startedMs = performance.now();
  keepNurserySmall();
  const ignoreLogsource = options.allRules === true;
  const loaded = await loadRules(options.rules, { ignoreLogsource }, Infinity);
  const loadedMs = performance.now();
  // Correlating keeps events in hand, and groups come and go.
  if (loaded.correlations.length > 0) letNurseryGrow();
  const tally = new Tally();
  const blocks = fileBlocks(file, () => undefined);
  const results =
    loaded.correlations.length === 0
      ? matchBlocks(blocks, loaded, { places: options.rules, ignoreLogsource })
      : correlateBlocks(blocks, loaded);
  try {
    for await (const result of results) {
      tally.add(result);
      await write(result.output);
    }
  } catch (error) {
    throw new CliError(`cannot read ${printable(file)}: ${systemReason(error)}`);
  }
  if (tally.unreadable > 0) {
    const more = tally.unreadable - tally.namedUnreadable.length;
    const named = `${tally.namedUnreadable.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    process.stderr.write(`silowatch: ${tally.unreadable} lines are no JSON objects: ${named}\n`);
  }
  const rulesFailed = new Set(loaded.faults.map(({ at }) => at.file)).size;
  if (options.stats === true) {
    const { events, matches, matchMs } = tally;
    const rulesLoaded = loaded.rules.length + loaded.correlations.length;
    const times = { loadMs: loadedMs - startedMs, matchMs, wallMs: performance.now() - loadedMs };
    process.stderr.write(`${JSON.stringify({ events, matches, rulesLoaded, rulesFailed, ...times })}\n`);
  }
  return options.strict === true && (rulesFailed > 0 || tally.unreadable > 0) ? 2 : 0;
}

/** Writes to stdout, and waits while the reader is slower. */
async function write(bytes: Uint8Array): Promise<void> {
  if (bytes.length === 0 || process.stdout.write(Buffer.from(bytes.buffer))) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

class Tally {
  events = 0;
  matches = 0;
  matchMs = 0;
  unreadable = 0;
  /** Numbers of the first of them. */
  readonly namedUnreadable: number[] = [];

  add({ events, matches, matchMs, unreadable }: BlockResult): void {
    this.events += events;
    this.matches += matches;
    this.matchMs += matchMs;
    this.unreadable += unreadable.length;
    this.namedUnreadable.push(...unreadable.slice(0, MOST_NAMED - this.namedUnreadable.length));
  }
}

/** A log beyond this is worth loading the rules a second time, on the second core; below, that costs more than it gains. */
const HELPED_FROM_BYTES = 256 * 1024 * 1024;

/** Results wait for one that the second thread still works on, to be told in order; so many at most. */
const MOST_WAITING = 6;

/** Every line by itself, on two cores where there are two; results come in the order of the lines. */
async function* matchBlocks(
  blocks: AsyncIterable<LineBlock>,
  loaded: Loaded,
  task: HelperTask,
): AsyncGenerator<BlockResult> {
  const own = new BlockMatcher(loaded.matcher);
  const waiting: (BlockResult | Promise<BlockResult>)[] = [];
  let helper: MatchHelper | undefined;
  let line = 1;
  let bytes = 0;
  try {
    for await (const block of blocks) {
      bytes += block.end - block.start;
      if (helper === undefined && bytes > HELPED_FROM_BYTES && MatchHelper.isOfUse()) {
        helper = new MatchHelper(task, loaded);
      }
      const result = helper?.isFree === true ? helper.match(block, line) : own.match(block, line);
      line += result instanceof Promise ? linesIn(block) : result.lines;
      waiting.push(result);
      while (waiting.length > MOST_WAITING || (waiting.length > 0 && !(waiting[0] instanceof Promise))) {
        const next = await waiting.shift();
        if (next !== undefined) yield next;
      }
    }
    for (const next of waiting) yield await next;
  } finally {
    await helper?.stop();
  }
}

/** With correlations events are needed whole, one after the other. */
async function* correlateBlocks(blocks: AsyncIterable<LineBlock>, loaded: Loaded): AsyncGenerator<BlockResult> {
  // Reading times takes a library that nothing else here needs.
  const { CorrelatedRun } = await import('./correlated-run.js');
  const run = new CorrelatedRun(loaded);
  for await (const block of blocks) yield run.block(block);
  yield run.finish();
}
