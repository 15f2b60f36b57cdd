import { type Command } from 'commander';
import { type ParseOptions } from '../ingest/formats/parse-record.js';
import { formatNamed } from '../ingest/formats/recognise.js';
import { FORMAT_NAMES } from '../ingest/formats/parsed-record.js';
import { type Loaded } from '../sigma/index.js';
import { AlertBook, type Seen } from './alert-book.js';
import { CliError } from './cli-error.js';
import { EventTimeCorrelator } from './event-time-correlator.js';
import { loadRules } from './load-rules.js';
import { LogSource, mergeByTime } from './log-source.js';
import { printable, jsonLine } from './printable.js';
import { progressOver } from './progress.js';
import { SHIPPED_RULES, splitPlaces } from './rule-files.js';
import { alertTable, summary } from './scan-report.js';
import { Output } from './write-out.js';

interface ScanOptions {
  readonly json?: true;
  readonly matches?: true;
  readonly rules?: string[];
  readonly onlyRules?: true;
  readonly format?: string;
  readonly zone?: string;
  readonly year?: string;
}

const FLUSH_CHARS = 64 * 1024;

export function register(program: Command): void {
  program
    .command('scan')
    .description('run the rules over log files (plain, .gz or stdin) and show what they find; needs no server')
    .argument('[file...]', 'log files; - or none for stdin')
    .option('--json', 'alerts as NDJSON instead of a table')
    .option('--matches', 'one NDJSON line for each single match instead of alerts')
    .option('--rules <dir...>', 'rules besides the shipped ones')
    .option('--only-rules', 'the rules of --rules in place of the shipped ones')
    .option('--format <name>', `format of the logs (${FORMAT_NAMES.join(', ')}); else recognised line by line`)
    .option('--zone <name>', 'IANA time zone of times that carry none', 'UTC')
    .option('--year <yyyy>', 'year of times that carry none (syslog); else the latest that fits')
    .addHelpText(
      'after',
      '\nExit status: 0 nothing found, 1 alerts found, 2 error.\n\nExamples:\n  silowatch scan /var/log/nginx/access.log* /var/log/auth.log\n  zcat audit.ndjson.gz | silowatch scan --json',
    )
    .action(async (files: string[], options: ScanOptions) => {
      const { rules, logs } = await splitPlaces(options.rules ?? []);
      const all = [...files, ...logs];
      process.exitCode = await scan(all.length === 0 ? ['-'] : all, { ...options, rules });
    });
}

async function scan(files: readonly string[], options: ScanOptions): Promise<number> {
  const parsing = parseOptions(options);
  const loaded = await loadRules(rulePlaces(options));
  const startedMs = performance.now();
  const progress = await progressOver(files);
  const sources = files.map((file) => new LogSource(file, parsing, (bytes) => progress.add(bytes)));
  try {
    return options.matches === true
      ? await printMatches(sources, loaded)
      : await printAlerts(sources, loaded, options, () => progress.stop(), startedMs);
  } finally {
    progress.stop();
    for (const source of sources) await source.close();
  }
}

function rulePlaces({ rules = [], onlyRules }: ScanOptions): string[] {
  if (onlyRules !== true) return [SHIPPED_RULES, ...rules];
  if (rules.length === 0) throw new CliError('--only-rules needs --rules <dir> to say which');
  return rules;
}

function parseOptions({ format, zone, year }: ScanOptions): ParseOptions {
  if (format !== undefined && formatNamed(format) === undefined) {
    throw new CliError(`unknown format ${format}; known are ${FORMAT_NAMES.join(', ')}`);
  }
  if (year !== undefined && !/^(?:19|20)\d\d$/.test(year)) throw new CliError('--year takes a year such as 2026');
  if (zone !== undefined && !isZone(zone)) throw new CliError(`unknown time zone ${zone}; an example is Europe/Berlin`);
  const settings = { ...(zone === undefined ? {} : { zone }), ...(year === undefined ? {} : { year: Number(year) }) };
  return { arrivalMs: Date.now(), settings, ...(format === undefined ? {} : { format }) };
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Tells which files could not be read to their end; one is enough for exit status 2. */
function failures(sources: readonly LogSource[]): number {
  const failed = sources.filter((source) => source.failure !== undefined);
  for (const { file, failure } of failed) {
    process.stderr.write(`silowatch: cannot read ${printable(file)}: ${printable(failure ?? '')}\n`);
  }
  return failed.length;
}

async function printMatches(sources: readonly LogSource[], { matcher }: Loaded): Promise<number> {
  const output = new Output();
  const found = new Set<string>();
  await mergeByTime(
    sources,
    ({ file }, { line, event }) => {
      for (const rule of matcher.match(event)) {
        // A rule that only feeds a correlation says nothing by itself.
        if (!rule.alertsAlone) continue;
        found.add(rule.id);
        const time = new Date(event.timeMs).toISOString();
        output.push(jsonLine({ file, line, rule: rule.id, level: rule.level, time }));
      }
    },
    async () => output.flush(FLUSH_CHARS),
  );
  await output.flush();
  if (failures(sources) > 0) return 2;
  return found.size > 0 ? 1 : 0;
}

async function printAlerts(
  sources: readonly LogSource[],
  loaded: Loaded,
  options: ScanOptions,
  stopProgress: () => void,
  startedMs: number,
): Promise<number> {
  const book = await collect(sources, loaded);
  stopProgress();
  const alerts = book.alerts();
  const output = new Output();
  const text = summary({
    sources,
    alerts,
    alertsNotKept: book.overflow,
    rules: loaded.rules.length + loaded.correlations.length,
    rulesFailed: new Set(loaded.faults.map(({ at }) => at.file)).size,
    seconds: (performance.now() - startedMs) / 1000,
  });
  if (options.json === true) {
    for (const alert of alerts) output.push(jsonLine(alert));
    process.stderr.write(text);
  } else {
    if (alerts.length > 0) output.push(alertTable(alerts, process.stdout.isTTY ? process.stdout.columns : 160));
    output.push(text);
  }
  await output.flush();
  if (failures(sources) > 0) return 2;
  return alerts.length > 0 ? 1 : 0;
}

async function collect(sources: readonly LogSource[], { matcher, feeders, consumers }: Loaded): Promise<AlertBook> {
  const book = new AlertBook();
  const correlator = new EventTimeCorrelator<Seen>(consumers, (consumer, group, firing, seen) => {
    book.add(consumer.correlation, consumer.fieldsOf(group), firing, seen);
  });
  let last: Seen | undefined;
  await mergeByTime(
    sources,
    ({ file }, { line, event }) => {
      last = { file, line, event };
      correlator.advance(event.timeMs, last);
      for (const one of feeders(matcher.match(event))) correlator.match(one, event.timeMs, event.fields, last);
    },
    async () => undefined,
  );
  if (last !== undefined) correlator.finish(last);
  return book;
}
