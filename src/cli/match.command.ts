import { type Command } from 'commander';
import { recordTime } from '../ingest/formats/read-time.js';
import { type Loaded, type Rule } from '../sigma/index.js';
import { CliError, systemReason } from './cli-error.js';
import { EventTimeCorrelator } from './event-time-correlator.js';
import { loadRules } from './load-rules.js';
import { logLines, type LogLine } from './log-lines.js';
import { jsonLine, printable } from './printable.js';
import { splitPlaces } from './rule-files.js';
import { Output } from './write-out.js';

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
    for await (const lines of logLines(file, () => undefined)) {
      run.batch(lines);
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

interface Read {
  readonly line: number;
  readonly bytes: Buffer;
  readonly fields: Readonly<Record<string, unknown>>;
}

class MatchRun {
  readonly output = new Output();
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

  batch(lines: readonly LogLine[]): void {
    if (this.#correlator === undefined) this.#matchBytes(lines);
    else for (const event of this.#read(lines)) this.#correlate(event, this.#correlator);
  }

  /** Without correlations nobody needs an event's time: the engine reads of the bytes what its rules ask for, and no more. */
  #matchBytes(lines: readonly LogLine[]): void {
    const { matcher } = this.#loaded;
    const found: [number, readonly Rule[]][] = [];
    const startedMs = performance.now();
    for (const line of lines) {
      const rules = line.bytes === undefined ? undefined : matcher.matchJson(line.bytes, 0, line.bytes.length);
      if (rules === undefined) this.#passOver(line);
      else {
        this.events += 1;
        if (rules.length > 0) found.push([line.number, rules]);
      }
    }
    this.matchMs += performance.now() - startedMs;
    for (const [line, rules] of found) this.#tell(line, rules);
  }

  finish(): void {
    this.#correlator?.finish(this.#line);
  }

  #correlate(event: Read, correlator: EventTimeCorrelator<number>): void {
    const startedMs = performance.now();
    const known = recordTime(event.fields, undefined);
    const timeMs = Number.isNaN(known) ? Date.now() : known;
    this.#line = event.line;
    correlator.advance(timeMs, event.line);
    const rules = this.#loaded.matcher.matchJson(event.bytes, 0, event.bytes.length) ?? [];
    this.#tell(event.line, rules);
    for (const rule of rules) correlator.match(rule, timeMs, event.fields, event.line);
    this.matchMs += performance.now() - startedMs;
  }

  #tell(line: number, rules: readonly Rule[]): void {
    this.matches += rules.length;
    for (const rule of rules) this.output.push(jsonLine({ line, rule: rule.id }));
  }

  #read(lines: readonly LogLine[]): Read[] {
    const events: Read[] = [];
    for (const line of lines) {
      const { bytes } = line;
      const fields = bytes === undefined ? undefined : jsonObject(bytes);
      if (bytes === undefined || fields === undefined) this.#passOver(line);
      else events.push({ line: line.number, bytes, fields });
    }
    this.events += events.length;
    return events;
  }

  #passOver({ number, bytes }: LogLine): void {
    if (bytes?.toString('utf8').trim() === '') return;
    this.unreadable += 1;
    if (this.namedUnreadable.length < MOST_NAMED) this.namedUnreadable.push(number);
  }
}

function jsonObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
