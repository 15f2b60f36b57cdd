import { firstText, type JsonObject } from './read-json.js';
import { isoTime } from './read-time.js';

export interface PostgresqlLine {
  readonly timeMs: number;
  readonly fields: Record<string, unknown>;
}

/** csvlog's columns under the names that jsonlog gives them (PostgreSQL 18, "Error Reporting and Logging"). */
const COLUMNS = [
  'timestamp',
  'user',
  'dbname',
  'pid',
  'connection_from',
  'session_id',
  'line_num',
  'ps',
  'session_start',
  'vxid',
  'txid',
  'error_severity',
  'state_code',
  'message',
  'detail',
  'hint',
  'internal_query',
  'internal_position',
  'context',
  'statement',
  'cursor_position',
  'location',
  'application_name',
  'backend_type',
  'leader_pid',
  'query_id',
] as const;
/** Columns of a row: of PostgreSQL 9 to 12; later versions add up to three. */
export const CSVLOG_COLUMNS = { fewest: 23, most: COLUMNS.length } as const;

const CSV_START = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Za-z0-9+:-]{1,10},/;

export const isPostgresqlCsv = (text: string): boolean => text.charCodeAt(4) === 45 && CSV_START.test(text);

/** Bytes that hold a record's time. */
const TIME_BYTES = 40;

/** Whether the line at `at` begins as a record of csvlog does. */
export const beginsCsvlog = (bytes: Buffer, at: number): boolean =>
  bytes[at + 4] === 45 && CSV_START.test(bytes.toString('latin1', at, at + TIME_BYTES));

export const isPostgresqlJson = (record: JsonObject): boolean =>
  'error_severity' in record && 'timestamp' in record && 'session_id' in record;

export function parsePostgresqlJson(record: JsonObject, zone: string | undefined): PostgresqlLine | undefined {
  const time = record['timestamp'];
  if (typeof time !== 'string') return undefined;
  return finish(record, time, zone);
}

export function parsePostgresqlCsv(text: string, zone: string | undefined): PostgresqlLine | undefined {
  const cells = readCsv(text, COLUMNS.length);
  if (cells === undefined || cells.length < CSVLOG_COLUMNS.fewest) return undefined;
  const fields: JsonObject = {};
  for (const [index, cell] of cells.entries()) {
    const name = COLUMNS[index];
    if (name !== undefined && cell !== '') fields[name] = cell;
  }
  const from = fields['connection_from'];
  if (typeof from === 'string') {
    const colonAt = from.lastIndexOf(':');
    const hasPort = colonAt > 0 && /^\d{1,5}$/.test(from.slice(colonAt + 1));
    fields['remote_host'] = hasPort ? from.slice(0, colonAt) : from;
    if (hasPort) fields['remote_port'] = Number(from.slice(colonAt + 1));
  }
  const pid = Number(fields['pid']);
  if (Number.isInteger(pid)) fields['pid'] = pid;
  return finish(fields, cells[0] ?? '', zone);
}

function finish(fields: JsonObject, time: string, zone: string | undefined): PostgresqlLine {
  const peer = fields['remote_host'];
  if (typeof peer === 'string' && peer !== '' && peer !== '[local]') fields['src_ip'] = peer;
  const message = firstText(fields, ['message']) ?? '';
  if (message.startsWith(AUDIT)) readPgAudit(message.slice(AUDIT.length), fields);
  else readSignIn(message, fields);
  return { timeMs: timeOf(time, zone), fields };
}

/** `2026-03-01 09:30:00.123 UTC`: the zone is log_timezone's; an abbreviation other than UTC and GMT means the silo's own zone. */
function timeOf(text: string, zone: string | undefined): number {
  const blankAt = text.lastIndexOf(' ');
  const suffix = text.slice(blankAt + 1);
  const wall = text.slice(0, blankAt);
  if (suffix === 'UTC' || suffix === 'GMT') return isoTime(`${wall}Z`, undefined);
  if (/^[+-]\d\d$/.test(suffix)) return isoTime(`${wall}${suffix}:00`, undefined);
  if (/^[+-]\d\d:?\d\d$/.test(suffix)) return isoTime(`${wall}${suffix}`, undefined);
  return isoTime(wall, zone);
}

const AUDIT = 'AUDIT: ';
/** pgAudit's columns (pgaudit README, "Format"); `rows` only with `pgaudit.log_rows`. */
const AUDIT_COLUMNS = [
  'type',
  'statement_id',
  'substatement_id',
  'class',
  'command',
  'object_type',
  'object_name',
  'statement',
  'parameter',
  'rows',
] as const;

function readPgAudit(text: string, fields: JsonObject): void {
  const cells = readCsv(text, AUDIT_COLUMNS.length);
  if (cells === undefined || cells.length < 5) return;
  const audit: JsonObject = {};
  for (const [index, name] of AUDIT_COLUMNS.entries()) {
    const cell = cells[index];
    if (cell !== undefined && cell !== '' && cell !== '<not logged>' && cell !== '<none>') audit[name] = cell;
  }
  fields['pgaudit'] = audit;
}

const REFUSED = /^(?:password|\S{1,32}) authentication failed for user "(.{0,200})"$/s;
const LET_IN = /^connection authorized: user=(.{1,200}?)(?: database=| application_name=| SSL enabled|$)/s;

function readSignIn(message: string, fields: JsonObject): void {
  const refused = REFUSED.exec(message);
  const found = refused ?? LET_IN.exec(message);
  if (found === null) return;
  fields['action'] = 'database.login';
  fields['outcome'] = refused === null ? 'success' : 'failure';
  fields['user'] = found[1];
}

/** The cells of one CSV row (RFC 4180); undefined when a quote stays open or there are more than `limit` cells. */
function readCsv(text: string, limit: number): string[] | undefined {
  const cells: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (cells.length === limit) return undefined;
    if (text.charCodeAt(at) === 34) {
      const end = closingQuote(text, at + 1);
      if (end < 0) return undefined;
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
      if (at < text.length && text.charCodeAt(at) !== 44) return undefined;
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      cells.push(text.slice(at, end));
      at = end;
    }
    at += 1;
  }
  return cells;
}

/** A doubled quote is part of the text. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text.charCodeAt(at + 1) === 34) at = text.indexOf('"', at + 2);
  return at;
}
