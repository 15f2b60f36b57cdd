import Table from 'cli-table3';
import path from 'node:path';
import { styleText } from 'node:util';
import { type Alert, LEVELS, rank } from './alert-book.js';
import { type LogSource } from './log-source.js';
import { printable } from './printable.js';

const MAX_TABLE_ROWS = 200;
const NARROWEST = 100;

type Style = Parameters<typeof styleText>[0];
const COLOURS: Readonly<Record<Alert['level'], Style>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  informational: 'dim',
};

/** How the alerts of a scan look to a person. `columns`: width of the terminal. */
export function alertTable(alerts: readonly Alert[], columns: number): string {
  const wide = Math.max(columns, NARROWEST);
  const times = 21;
  const rest = wide - 15 - 9 - times * 2 - 10;
  const [ruleWidth, whoWidth, exampleWidth] = [
    Math.floor(rest * 0.34),
    Math.floor(rest * 0.26),
    Math.floor(rest * 0.4),
  ];
  const table = new Table({
    head: ['rule', 'level', 'count', 'first', 'last', 'who', 'example'],
    colWidths: [ruleWidth, 15, 9, times, times, whoWidth, exampleWidth],
    style: { head: [], border: [] },
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  const rows = joined(alerts);
  for (const alert of rows.slice(0, MAX_TABLE_ROWS)) {
    table.push([
      wrapped(printable(alert.title, 120), ruleWidth - 2),
      coloured(alert.level, alert.level),
      String(alert.count),
      time(alert.first),
      time(alert.last),
      whoText(alert),
      `${printable(alert.example.text, 120)}\n${printable(path.basename(alert.example.file), 60)}:${alert.example.line}`,
    ]);
  }
  const more = rows.length - MAX_TABLE_ROWS;
  return `${table.toString()}\n${more > 0 ? `… and ${more} more alerts (all of them with --json)\n` : ''}`;
}

/** One row for what one rule found at many places; what correlations found stays apart. */
function joined(alerts: readonly Alert[]): Alert[] {
  const rows = new Map<string, Alert>();
  for (const alert of alerts) {
    const key = alert.kind === 'rule' ? alert.rule : JSON.stringify([alert.rule, alert.group]);
    const row = rows.get(key);
    if (row === undefined) {
      rows.set(key, { ...alert, who: [...alert.who] });
      continue;
    }
    row.count += alert.count;
    if (alert.first < row.first) row.first = alert.first;
    if (alert.last > row.last) row.last = alert.last;
    row.who.push(...alert.who.filter((text) => !row.who.includes(text)));
  }
  return [...rows.values()].sort((a, b) => rank(b.level) - rank(a.level) || b.count - a.count);
}

function coloured(level: Alert['level'], text: string): string {
  return styleText(COLOURS[level], text, { stream: process.stdout });
}

/** Lines of at most `width` characters, broken between words where there are any. */
function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line !== '') lines.push(line);
    line = longer.length > width ? word : longer;
  }
  return [...lines, line].join('\n');
}

function time(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

function whoText({ who }: Alert): string {
  const shown = who.slice(0, 2).map((text) => printable(text, 60));
  const more = who.length - shown.length;
  return more > 0 ? `${shown.join('\n')}\n+ ${more} more` : shown.join('\n');
}

export interface ScanFacts {
  readonly sources: readonly LogSource[];
  readonly alerts: readonly Alert[];
  readonly alertsNotKept: number;
  readonly rules: number;
  readonly rulesFailed: number;
  readonly seconds: number;
}

/** What was read, what was not, and what was found. */
export function summary(facts: ScanFacts): string {
  const { sources, alerts, alertsNotKept, rules, rulesFailed, seconds } = facts;
  const lines = sources.reduce((sum, source) => sum + source.lines, 0);
  const parsed = sources.reduce((sum, source) => sum + source.parsed, 0);
  const failed = rulesFailed > 0 ? `, ${rulesFailed} could not be loaded` : '';
  const out = [
    `Read ${number(parsed)} record${parsed === 1 ? '' : 's'} from ${number(lines)} lines in ${sources.length} file${sources.length === 1 ? '' : 's'} in ${seconds.toFixed(1)} s with ${rules} rules${failed}.`,
    ...sources.flatMap(notRead),
  ];
  const byLevel = LEVELS.toReversed()
    .map((level) => ({ level, count: alerts.filter((alert) => alert.level === level).length }))
    .filter(({ count }) => count > 0)
    .map(({ level, count }) => `${count} ${level}`);
  out.push(
    alerts.length === 0
      ? 'Found nothing.'
      : `Found ${alerts.length} alert${alerts.length === 1 ? '' : 's'}: ${byLevel.join(', ')}.`,
  );
  if (alertsNotKept > 0)
    out.push(`${number(alertsNotKept)} more firings were counted and not kept: too many different groups.`);
  return `${out.join('\n')}\n`;
}

function notRead(source: LogSource): string[] {
  const name = printable(source.file);
  const out: string[] = [];
  const faults = [...source.unreadable].filter(([reason]) => reason !== 'empty');
  const total = faults.reduce((sum, [, { count }]) => sum + count, 0);
  if (total > 0) {
    const reasons = faults.map(
      ([reason, { count, firstLine }]) => `${number(count)} ${WORDS[reason] ?? reason} (first: line ${firstLine})`,
    );
    out.push(`Could not be read in ${name}: ${number(total)} of ${number(source.lines)} lines: ${reasons.join('; ')}.`);
  }
  if (source.failure !== undefined)
    out.push(`Stopped reading ${name} after line ${source.lines}: ${printable(source.failure)}.`);
  return out;
}

const WORDS: Readonly<Record<string, string>> = {
  too_large: 'over 1 MiB',
  too_deep: 'nested over 64 levels',
  too_many_fields: 'with over 2,000 fields',
  malformed: 'broken',
  invalid: 'against the audit contract',
  send_singly: 'several in one that cannot be taken apart',
  unrecognised: 'in no known format',
};

function number(value: number): string {
  return value.toLocaleString('en-US');
}
