import { fieldTexts } from '../event/read-field.js';
import { type Event } from '../event/event.js';
import { type Correlation, type Firing, type Level, type Rule } from '../sigma/index.js';

/** What a rule found for one group: the row of the table and the line of the NDJSON. */
export interface Alert {
  readonly kind: 'rule' | 'correlation';
  readonly rule: string;
  readonly title: string;
  readonly level: Level;
  readonly group: Readonly<Record<string, string>>;
  count: number;
  first: string;
  last: string;
  /** The addresses, accounts and so on that it is about; at most {@link MAX_WHO}. */
  readonly who: string[];
  readonly example: { readonly file: string; readonly line: number; readonly text: string };
  readonly tags: readonly string[];
  readonly respond?: string;
}

interface Row {
  readonly alert: Alert;
  /** Matches of the episodes before the current one. */
  before: number;
  sequence: number;
  current: number;
  firstMs: number;
  lastMs: number;
}

/** Where a firing was seen. */
export interface Seen {
  readonly file: string;
  readonly line: number;
  readonly event: Event;
}

/** Alerts beyond this are counted and not kept, so that a hostile log cannot fill the memory. */
const MAX_ALERTS = 10_000;
export const MAX_WHO = 100;

const WHO_ELSE = ['c-ip', 'src_ip', 'actor.email', 'actor.id', 'ip', 'user', 'host'];

/** Collects firings into alerts: one for each rule and group, however often it fires. */
export class AlertBook {
  /** Firings of groups that found no place. */
  overflow = 0;
  readonly #rows = new Map<string, Row>();

  add(source: Rule | Correlation, group: Readonly<Record<string, string>>, firing: Firing, seen: Seen): void {
    const key = `${source.id}\0${Object.values(group).join('\0')}`;
    const known = this.#rows.get(key);
    if (known !== undefined) {
      this.#count(known, firing);
      addWho(known.alert.who, source, group, seen.event);
    } else if (this.#rows.size < MAX_ALERTS) {
      this.#rows.set(key, newRow(source, group, firing, seen));
    } else if (!firing.continues) {
      this.overflow += 1;
    }
  }

  /** The gravest first, then the most frequent. */
  alerts(): Alert[] {
    const rows = [...this.#rows.values()];
    for (const row of rows) {
      row.alert.count = row.before + row.current;
      row.alert.first = new Date(row.firstMs).toISOString();
      row.alert.last = new Date(row.lastMs).toISOString();
    }
    return rows
      .map(({ alert }) => alert)
      .sort((a, b) => rank(b.level) - rank(a.level) || b.count - a.count || a.title.localeCompare(b.title));
  }

  #count(row: Row, firing: Firing): void {
    if (firing.sequence !== row.sequence) {
      row.before += row.current;
      row.sequence = firing.sequence;
    }
    row.current = firing.count;
    row.firstMs = Math.min(row.firstMs, firing.firstMs);
    row.lastMs = Math.max(row.lastMs, firing.timeMs);
  }
}

export const LEVELS: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];

export function rank(level: Level): number {
  return LEVELS.indexOf(level);
}

function newRow(source: Rule | Correlation, group: Readonly<Record<string, string>>, firing: Firing, seen: Seen): Row {
  const { kind, id, title, level, tags, silowatch } = source;
  const example = { file: seen.file, line: seen.line, text: exampleOf(seen.event) };
  const alert: Alert = {
    kind,
    rule: id,
    title,
    level,
    group,
    count: 0,
    first: '',
    last: '',
    who: [],
    example,
    tags,
    ...(silowatch.respond === undefined ? {} : { respond: silowatch.respond }),
  };
  addWho(alert.who, source, group, seen.event);
  const { sequence, count, firstMs, timeMs } = firing;
  return { alert, before: 0, sequence, current: count, firstMs, lastMs: timeMs };
}

function addWho(
  who: string[],
  source: Rule | Correlation,
  group: Readonly<Record<string, string>>,
  event: Event,
): void {
  if (who.length >= MAX_WHO) return;
  const values = Object.values(group);
  const named = values.length > 0 ? values : entityTexts(source, event);
  for (const text of named) if (text !== '' && who.length < MAX_WHO && !who.includes(text)) who.push(text);
}

function entityTexts(source: Rule | Correlation, event: Event): string[] {
  const entities = source.silowatch.incident?.entities ?? [];
  const found = entities.flatMap((name) => fieldTexts(event.fields, name, 5));
  if (found.length > 0) return found;
  for (const name of WHO_ELSE) {
    const texts = fieldTexts(event.fields, name, 1);
    if (texts.length > 0) return texts;
  }
  return [];
}

const MAX_EXAMPLE_CHARS = 300;

/** The part of an event that shows a person what happened. */
function exampleOf(event: Event): string {
  const text = (name: string): string => fieldTexts(event.fields, name, 1)[0] ?? '';
  const access = [text('cs-method'), text('c-uri'), text('sc-status')];
  const audit = [text('action'), text('outcome'), text('target.type'), text('target.id')];
  const parts =
    event.logsource?.category === 'webserver' ? access : event.format === 'silowatch-audit' ? audit : [text('message')];
  const joined = parts.filter((part) => part !== '').join(' ');
  return (joined === '' ? JSON.stringify(event.fields) : joined).slice(0, MAX_EXAMPLE_CHARS);
}
