import { isUtf8 } from 'node:buffer';
import { type EventLogsource } from '../../event/event.js';
import { WEBSERVER } from './access-fields.js';
import { parseAuditd } from './auditd.js';
import { parseCaddy } from './caddy.js';
import { cloudTrailFields } from './cloudtrail.js';
import { type AccessLine, parseCombined } from './combined.js';
import { type Envelope, withEnvelope } from './envelope.js';
import { parseEnvoy } from './envoy.js';
import { finishEvent } from './event-time.js';
import { parseJournald } from './journald.js';
import { kubernetesFields } from './kubernetes-audit.js';
import { parseNginxJson } from './nginx-json.js';
import { isPacked, recordWithin } from './packed.js';
import {
  MAX_RECORD_BYTES,
  type FormatName,
  type FormatSettings,
  type ParsedRecord,
  type RecordFault,
} from './parsed-record.js';
import { parsePostgresqlCsv, parsePostgresqlJson } from './postgresql.js';
import { readJson, type JsonObject } from './read-json.js';
import { recordTime } from './read-time.js';
import { formatNamed, recogniseJson, recogniseText } from './recognise.js';
import { keepsAuditContract } from './silowatch-audit.js';
import { parseSyslog, type SyslogLine } from './syslog.js';
import { parseTraefik } from './traefik.js';

export interface ParseOptions {
  /** The Kafka header `format`; left out, the silo's setting holds, and without one the format is recognised by shape. */
  readonly format?: string;
  /** What its carrier said besides the record itself. */
  readonly envelope?: Envelope | undefined;
  readonly arrivalMs: number;
  readonly settings?: FormatSettings;
}

const SILO_APP: EventLogsource = { product: 'silo', service: 'app' };
const CLOUDTRAIL: EventLogsource = { product: 'aws', service: 'cloudtrail' };
// Community rules name the category besides.
const KUBERNETES: EventLogsource = { category: 'application', product: 'kubernetes', service: 'audit' };
const POSTGRESQL: EventLogsource = { category: 'database', product: 'postgresql', service: 'audit' };
const AUDITD: EventLogsource = { product: 'linux', service: 'auditd' };
const PROCESS_START: EventLogsource = { category: 'process_creation', product: 'linux', service: 'auditd' };
const LINUX = new Map<string, EventLogsource>();

/** Turns a record's bytes into an event, or says why it cannot be used; never throws, whatever the bytes. */
export function parseRecord(bytes: Uint8Array, options: ParseOptions): ParsedRecord {
  if (bytes.byteLength > MAX_RECORD_BYTES) return fault('too_large');
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  const isReplaced = text.includes('\uFFFD') && !isUtf8(buffer);
  const parsed = parseText(text, options, isReplaced);
  return options.envelope === undefined ? parsed : withEnvelope(parsed, options.envelope, options.arrivalMs);
}

/** As {@link parseRecord}, for text that is already decoded. */
function parseText(raw: string, options: ParseOptions, isReplaced: boolean): ParsedRecord {
  const text = trimmed(raw);
  if (text === '') return fault('empty');
  const name = options.format ?? options.settings?.format;
  const named = name === undefined ? undefined : formatNamed(name);
  if (name !== undefined && named === undefined) return fault('unknown_format');
  const shape = named ?? recogniseText(text);
  if (shape === 'combined') {
    const line = parseCombined(text, options.settings);
    return line === undefined
      ? fault(named === undefined ? 'unrecognised' : 'malformed')
      : access('combined', line, options, isReplaced);
  }
  if (shape === 'auditd') {
    const record = parseAuditd(text);
    return read(shape, record?.isProcessStart === true ? PROCESS_START : AUDITD, record, options, isReplaced);
  }
  if (shape === 'postgresql-csv') {
    return read(shape, POSTGRESQL, parsePostgresqlCsv(text, options.settings?.zone), options, isReplaced);
  }
  if (shape === 'syslog') return syslog(text, options, isReplaced, named !== undefined);
  const json = readJson(text);
  return json.ok ? fromJson(json.value, named, options, isReplaced) : json;
}

function fault(reason: RecordFault): ParsedRecord {
  return { ok: false, reason };
}

/** Without a byte order mark, line ends and blanks around; most text has none and is returned as it is. */
function trimmed(text: string): string {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  return first <= 32 || first === 0xfeff || last <= 32 ? text.replace(/^\uFEFF/, '').trim() : text;
}

function access(
  format: FormatName,
  line: AccessLine | undefined,
  options: ParseOptions,
  isReplaced: boolean,
): ParsedRecord {
  return read(format, WEBSERVER, line, options, isReplaced);
}

/** What a format read, as an event; undefined means that it could not. */
function read(
  format: FormatName,
  logsource: EventLogsource,
  line: { readonly fields: Record<string, unknown>; readonly timeMs: number } | undefined,
  options: ParseOptions,
  isReplaced: boolean,
): ParsedRecord {
  if (line === undefined) return fault('malformed');
  const { fields, timeMs } = line;
  return { ok: true, event: finishEvent({ format, logsource, fields, timeMs }, options.arrivalMs, isReplaced) };
}

function syslog(text: string, options: ParseOptions, isReplaced: boolean, isNamed: boolean): ParsedRecord {
  const line = parseSyslog(text, options.arrivalMs, options.settings);
  return line === undefined
    ? fault(isNamed ? 'malformed' : 'unrecognised')
    : linux('syslog', line, options, isReplaced);
}

/** The line of a program on a host. */
function linux(format: FormatName, line: SyslogLine, options: ParseOptions, isReplaced: boolean): ParsedRecord {
  let logsource = LINUX.get(line.service);
  if (logsource === undefined) {
    logsource = { product: 'linux', service: line.service };
    LINUX.set(line.service, logsource);
  }
  const { fields, timeMs } = line;
  return {
    ok: true,
    event: finishEvent({ format, logsource, fields, timeMs }, options.arrivalMs, isReplaced),
  };
}

function fromJson(
  outer: JsonObject,
  named: FormatName | undefined,
  options: ParseOptions,
  isReplaced: boolean,
): ParsedRecord {
  const { settings } = options;
  if (isPacked(outer)) return fault('send_singly');
  const record = recordWithin(outer);
  const format = named ?? recogniseJson(record);
  switch (format) {
    case 'nginx-json':
      return access(format, parseNginxJson(record, settings), options, isReplaced);
    case 'caddy':
      return access(format, parseCaddy(record, settings), options, isReplaced);
    case 'traefik':
      return access(format, parseTraefik(record, settings), options, isReplaced);
    case 'envoy':
      return access(format, parseEnvoy(record, settings), options, isReplaced);
    case 'silowatch-audit':
      if (!keepsAuditContract(record)) return fault('invalid');
      return plain(format, SILO_APP, record, options, isReplaced);
    case 'cloudtrail':
      return plain(format, CLOUDTRAIL, cloudTrailFields(record), options, isReplaced);
    case 'kubernetes-audit':
      return plain(format, KUBERNETES, kubernetesFields(record), options, isReplaced);
    case 'postgresql-json':
      return read(format, POSTGRESQL, parsePostgresqlJson(record, settings?.zone), options, isReplaced);
    case 'journald': {
      const line = parseJournald(record, settings?.zone);
      return line === undefined ? fault('malformed') : linux(format, line, options, isReplaced);
    }
    default:
      return plain(format, undefined, record, options, isReplaced);
  }
}

function plain(
  format: FormatName,
  logsource: EventLogsource | undefined,
  fields: JsonObject,
  options: ParseOptions,
  isReplaced: boolean,
): ParsedRecord {
  const timeMs = recordTime(fields, options.settings?.zone);
  const { tenant } = fields;
  const claimedTenant = typeof tenant === 'string' && tenant !== '' ? tenant : undefined;
  return {
    ok: true,
    event: finishEvent({ format, logsource, fields, timeMs, claimedTenant }, options.arrivalMs, isReplaced),
  };
}
