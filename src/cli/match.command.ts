import { type Command } from 'commander';
import { MAX_RECORD_BYTES } from '../ingest/formats/parsed-record.js';
import { recordTime } from '../ingest/formats/read-time.js';
import { type Loaded, type Rule } from '../sigma/index.js';
import { CliError, systemReason } from './cli-error.js';
import { EventTimeCorrelator } from './event-time-correlator.js';
import { loadRules } from './load-rules.js';
import { fileBlocks, type LineBlock } from './line-blocks.js';
import { lineEnd } from './log-lines.js';
import { MatchOutput } from './match-output.js';
import { jsonLine, printable } from './printable.js';
import { splitPlaces } from './rule-files.js';

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
  const loaded = await loadRules(options.rules, { ignoreLogsource: options.allRules === true }, Infinity);
  const loadedMs = performance.now();
  const run = new MatchRun(loaded);
  try {
    for await (const block of fileBlocks(file, () => undefined)) {
      run.block(block);
      await run.output.flush();
    }
  } catch (error) {
    throw new CliError(`cannot read ${printable(file)}: ${systemReason(error)}`);
  }
  run.finish();
  await run.output.flush();
  if (run.unreadable > 0) {
    const more = run.unreadable - run.namedUnreadable.length;
    const named = `${run.namedUnreadable.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    process.stderr.write(`silowatch: ${run.unreadable} lines are no JSON objects: ${named}\n`);
  }
  const rulesFailed = new Set(loaded.faults.map(({ at }) => at.file)).size;
  if (options.stats === true) {
    const { events, matches, matchMs } = run;
    const rulesLoaded = loaded.rules.length + loaded.correlations.length;
    const times = { loadMs: loadedMs - startedMs, matchMs, wallMs: performance.now() - loadedMs };
    process.stderr.write(`${JSON.stringify({ events, matches, rulesLoaded, rulesFailed, ...times })}\n`);
  }
  return options.strict === true && (rulesFailed > 0 || run.unreadable > 0) ? 2 : 0;
}

class MatchRun {
  readonly output = new MatchOutput();
  events = 0;
  matches = 0;
  matchMs = 0;
  unreadable = 0;
  /** Numbers of the first of them. */
  readonly namedUnreadable: number[] = [];
  readonly #loaded: Loaded;
  readonly #correlator: EventTimeCorrelator<number> | undefined;
  #line = 0;

  constructor(loaded: Loaded) {
    this.#loaded = loaded;
    if (loaded.correlations.length === 0) return;
    this.#correlator = new EventTimeCorrelator<number>(
      loaded.consumers,
      (consumer, group, firing, line) => {
        const { correlation } = consumer;
        if (correlation.kind === 'rule' || firing.continues) return;
        this.matches += 1;
        this.output.push(jsonLine({ line, correlation: correlation.id, group: consumer.fieldsOf(group) }));
      },
      true,
    );
  }

  block(block: LineBlock): void {
    if (block.isAfterOverlong) this.#passOver(++this.#line);
    if (this.#correlator === undefined) this.#matchLines(block);
    else this.#correlateLines(block, this.#correlator);
  }

  /** Without correlations nobody needs an event's time: the engine reads of the bytes what its rules ask for, and no more. */
  #matchLines({ bytes, start, end }: LineBlock): void {
    const { matcher } = this.#loaded;
    const lines: number[] = [];
    const found: (readonly Rule[])[] = [];
    const startedMs = performance.now();
    for (let from = start; from < end;) {
      const to = lineEnd(bytes, from, end);
      this.#line += 1;
      const rules = to - from > MAX_RECORD_BYTES ? undefined : matcher.matchJson(bytes, from, to);
      if (rules === undefined) this.#passOverText(bytes, from, to);
      else {
        this.events += 1;
        if (rules.length > 0) {
          lines.push(this.#line);
          found.push(rules);
        }
      }
      from = to + 1;
    }
    this.matchMs += performance.now() - startedMs;
    for (const [index, rules] of found.entries()) this.#tell(lines[index] ?? 0, rules);
  }

  finish(): void {
    this.#correlator?.finish(this.#line);
  }

  #correlateLines({ bytes, start, end }: LineBlock, correlator: EventTimeCorrelator<number>): void {
    for (let from = start; from < end;) {
      const to = lineEnd(bytes, from, end);
      this.#line += 1;
      const fields = to - from > MAX_RECORD_BYTES ? undefined : jsonObject(bytes.toString('utf8', from, to));
      if (fields === undefined) this.#passOverText(bytes, from, to);
      else {
        this.events += 1;
        const startedMs = performance.now();
        this.#correlate(fields, this.#loaded.matcher.matchJson(bytes, from, to) ?? [], correlator);
        this.matchMs += performance.now() - startedMs;
      }
      from = to + 1;
    }
  }

  #correlate(
    fields: Readonly<Record<string, unknown>>,
    rules: readonly Rule[],
    correlator: EventTimeCorrelator<number>,
  ): void {
    const known = recordTime(fields, undefined);
    const timeMs = Number.isNaN(known) ? Date.now() : known;
    correlator.advance(timeMs, this.#line);
    this.#tell(this.#line, rules);
    for (const rule of rules) correlator.match(rule, timeMs, fields, this.#line);
  }

  #tell(line: number, rules: readonly Rule[]): void {
    this.matches += rules.length;
    for (const rule of rules) this.output.match(line, rule);
  }

  #passOverText(bytes: Buffer, from: number, to: number): void {
    const isLong = to - from > MAX_RECORD_BYTES;
    if (isLong || bytes.toString('utf8', from, to).trim() !== '') this.#passOver(this.#line);
  }

  #passOver(line: number): void {
    this.unreadable += 1;
    if (this.namedUnreadable.length < MOST_NAMED) this.namedUnreadable.push(line);
  }
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
