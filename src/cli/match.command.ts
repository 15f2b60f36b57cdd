import { type Command } from 'commander';
import { createReadStream } from 'node:fs';
import { recordTime } from '../ingest/formats/read-time.js';
import { type Loaded, type Logsource, type MatchEvent, type Rule } from '../sigma/index.js';
import { CliError, systemReason } from './cli-error.js';
import { EventTimeCorrelator } from './event-time-correlator.js';
import { loadRules } from './load-rules.js';
import { splitLines, type LogLine } from './log-lines.js';
import { jsonLine, printable } from './printable.js';
import { splitPlaces } from './rule-files.js';
import { Output } from './write-out.js';

interface MatchOptions {
  readonly rules: string[];
  readonly allRules?: true;
  readonly strict?: true;
  readonly stats?: true;
}

const CHUNK_BYTES = 256 * 1024;

export function register(program: Command): void {
  program
    .command('match')
    .description('the bare engine: NDJSON events in, one NDJSON line for each match out')
    .argument('[file]', 'NDJSON events; - or none for stdin')
    .requiredOption('--rules <dir...>', 'folders of rules')
    .option('--all-rules', 'try every rule on every event, whatever its log source')
    .option('--strict', 'exit status 2 when a rule cannot be loaded')
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
  const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  try {
    for await (const lines of splitLines(source as AsyncIterable<Buffer>)) {
      run.batch(lines);
      await run.output.flush();
    }
  } catch (error) {
    throw new CliError(`cannot read ${printable(file)}: ${systemReason(error)}`);
  }
  run.finish();
  await run.output.flush();
  if (run.unreadable > 0) {
    process.stderr.write(
      `silowatch: ${run.unreadable} lines are no JSON objects (first: line ${run.firstUnreadable})\n`,
    );
  }
  const rulesFailed = new Set(loaded.faults.map(({ at }) => at.file)).size;
  if (options.stats === true) {
    const { events, matches, matchMs } = run;
    const rulesLoaded = loaded.rules.length + loaded.correlations.length;
    const times = { loadMs: loadedMs - startedMs, matchMs, wallMs: performance.now() - loadedMs };
    process.stderr.write(`${JSON.stringify({ events, matches, rulesLoaded, rulesFailed, ...times })}\n`);
  }
  return options.strict === true && rulesFailed > 0 ? 2 : 0;
}

interface Read extends MatchEvent {
  readonly line: number;
}

class MatchRun {
  readonly output = new Output();
  events = 0;
  matches = 0;
  matchMs = 0;
  unreadable = 0;
  firstUnreadable = 0;
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
    const events = this.#read(lines);
    this.events += events.length;
    if (this.#correlator !== undefined) {
      for (const event of events) this.#correlate(event, this.#correlator);
      return;
    }
    const { matcher } = this.#loaded;
    const found: [number, readonly Rule[]][] = [];
    const startedMs = performance.now();
    for (const event of events) {
      const rules = matcher.match(event);
      if (rules.length > 0) found.push([event.line, rules]);
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
    const rules = this.#loaded.matcher.match(event);
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
    for (const { number, bytes } of lines) {
      const value = bytes === undefined ? undefined : jsonObject(bytes);
      if (value !== undefined) {
        events.push({ line: number, ...eventOf(value) });
      } else if (bytes === undefined || bytes.toString('utf8').trim() !== '') {
        this.unreadable += 1;
        if (this.firstUnreadable === 0) this.firstUnreadable = number;
      }
    }
    return events;
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

const PARTS = ['category', 'product', 'service'] as const;

function eventOf(value: Record<string, unknown>): MatchEvent {
  if (!('logsource' in value)) return { logsource: undefined, fields: value };
  const { logsource: given, ...fields } = value;
  const parts = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  const logsource: Logsource = Object.fromEntries(
    PARTS.flatMap((part) => (typeof parts[part] === 'string' ? [[part, parts[part]]] : [])),
  );
  return { logsource, fields };
}
