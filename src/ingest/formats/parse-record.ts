import { isUtf8 } from 'node:buffer';
import { type EventLogsource } from '../../event/event.js';
import { WEBSERVER } from './access-fields.js';
import { type AuditdRecord, parseAuditd, parseAuditdMessage } from './auditd.js';
import { parseCaddy } from './caddy.js';
import { bothClaims, claimOfText, mayClaim, tenantClaim } from './claims.js';
import { cloudTrailFields } from './cloudtrail.js';
import { parseCombined } from './combined.js';
import { type Envelope, withEnvelope } from './envelope.js';
import { parseEnvoy } from './envoy.js';
import { finishEvent } from './event-time.js';
import { parseJournald } from './journald.js';
import { kubernetesFields } from './kubernetes-audit.js';
import { parseNginxJson } from './nginx-json.js';
import { isPacked, packedIn, recordWithin } from './packed.js';
import {
  MAX_RECORD_BYTES,
  type FormatName,
  type FormatSettings,
  type ParsedRecord,
  type RecordFault,
} from './parsed-record.js';
import { parsePostgresqlCsv, parsePostgresqlJson } from './postgresql.js';
import { LINE_MEMBERS, readJson, type JsonObject } from './read-json.js';
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

/** Records within a record's text are looked into for the tenant that they name, and records within those, so often. */
const MAX_WITHIN = 3;

interface Reading extends ParseOptions {
  readonly isReplaced: boolean;
  /** How many records this one is within. */
  readonly depth: number;
}

/** Turns a record's bytes into an event, or says why it cannot be used; never throws, whatever the bytes. */
export function parseRecord(bytes: Uint8Array, options: ParseOptions): ParsedRecord {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parsed = parseBytes(buffer, options);
  return options.envelope === undefined ? parsed : withEnvelope(parsed, options.envelope, options.arrivalMs);
}

function parseBytes(buffer: Buffer, options: ParseOptions): ParsedRecord {
  if (buffer.length > MAX_RECORD_BYTES) return fault('too_large', claimOfText(buffer));
  const text = buffer.toString('utf8');
  const isReplaced = text.includes('\uFFFD') && !isUtf8(buffer);
  const parsed = parseText(text, { ...options, isReplaced, depth: 0 });
  if (parsed.ok || parsed.claimedTenant !== undefined || !mayClaim(text)) return parsed;
  // Of another format than the one that is named, or no longer whole.
  return fault(parsed.reason, claimWithin(text, { ...options, isReplaced, depth: 0 }) ?? claimOfText(buffer));
}

/** What a text claims that may be a record, of whatever format. */
function claimWithin(text: unknown, { arrivalMs, isReplaced, depth }: Reading): string | undefined {
  if (typeof text !== 'string' || depth === MAX_WITHIN || !mayClaim(text)) return undefined;
  // JSON in syslog may be announced (CEE's log syntax).
  const parsed = parseText(text.replace(/^\s{0,8}@cee:/, ''), { arrivalMs, isReplaced, depth: depth + 1 });
  return parsed.ok ? parsed.event.claimedTenant : parsed.claimedTenant;
}

/** As {@link parseRecord}, for text that is already decoded. */
function parseText(raw: string, options: Reading): ParsedRecord {
  const text = trimmed(raw);
  if (text === '') return fault('empty');
  const name = options.format ?? options.settings?.format;
  const named = name === undefined ? undefined : formatNamed(name);
  if (name !== undefined && named === undefined) return fault('unknown_format');
  const shape = named ?? recogniseText(text);
  if (shape === 'combined') {
    const line = parseCombined(text, options.settings);
    if (line === undefined) return fault(named === undefined ? 'unrecognised' : 'malformed');
    return read('combined', WEBSERVER, line, options);
  }
  if (shape === 'auditd') {
    const record = parseAuditd(text);
    const line = record && { ...record, claimedTenant: tenantClaim(record.fields) };
    return read(shape, record && auditdSource(record), line, options);
  }
  if (shape === 'postgresql-csv') {
    return read(shape, POSTGRESQL, parsePostgresqlCsv(text, options.settings?.zone), options);
  }
  if (shape === 'syslog') return syslog(text, options, named !== undefined);
  const json = readJson(text);
  return json.ok ? fromJson(json.value, named, options) : json;
}

function fault(reason: RecordFault, claimedTenant?: string): ParsedRecord {
  return claimedTenant === undefined ? { ok: false, reason } : { ok: false, reason, claimedTenant };
}

/** Without a byte order mark, line ends and blanks around; most text has none and is returned as it is. */
function trimmed(text: string): string {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  return first <= 32 || first === 0xfeff || last <= 32 ? text.replace(/^\uFEFF/, '').trim() : text;
}

/** What a format read, as an event; undefined means that it could not. */
function read(
  format: FormatName,
  logsource: EventLogsource | undefined,
  line: Read | undefined,
  { arrivalMs, isReplaced }: Reading,
): ParsedRecord {
  if (line === undefined) return fault('malformed');
  const { fields, timeMs, claimedTenant } = line;
  const draft = { format, logsource, fields, timeMs, claimedTenant };
  return { ok: true, event: finishEvent(draft, arrivalMs, isReplaced) };
}

interface Read {
  readonly fields: Record<string, unknown>;
  readonly timeMs: number;
  readonly claimedTenant?: string | undefined;
}

interface Sourced extends Read {
  readonly logsource: EventLogsource | undefined;
}

function syslog(text: string, options: Reading, isNamed: boolean): ParsedRecord {
  const line = parseSyslog(text, options.arrivalMs, options.settings);
  if (line === undefined) return fault(isNamed ? 'malformed' : 'unrecognised');
  const { logsource, ...said } = programLine(line);
  const claimedTenant = bothClaims(said.claimedTenant, claimWithin(line.fields['message'], options));
  return read('syslog', logsource, { ...said, claimedTenant }, options);
}

/** The line of a program on a host; one that passes a record of auditd on says what that says, under its names. */
function programLine({ timeMs, service, fields, claimedTenant }: SyslogLine): Sourced {
  const { program, message } = fields;
  const mayPassOn = service === 'auditd' || program === 'kernel' || program === 'audit';
  const record = mayPassOn && typeof message === 'string' ? parseAuditdMessage(message) : undefined;
  if (record === undefined) return { timeMs, fields, claimedTenant, logsource: programSource(service) };
  return {
    timeMs: record.timeMs,
    fields: { ...fields, ...record.fields },
    claimedTenant: bothClaims(claimedTenant, tenantClaim(record.fields)),
    logsource: auditdSource(record),
  };
}

const auditdSource = ({ isProcessStart }: AuditdRecord): EventLogsource => (isProcessStart ? PROCESS_START : AUDITD);

function programSource(service: string): EventLogsource {
  let logsource = LINUX.get(service);
  if (logsource === undefined) {
    logsource = { product: 'linux', service };
    LINUX.set(service, logsource);
  }
  return logsource;
}

/** A record of any JSON format; the tenant that it names is read here for all of them, whatever the format makes of its members. */
function fromJson(outer: JsonObject, named: FormatName | undefined, options: Reading): ParsedRecord {
  if (isPacked(outer, named))
    return fault('send_singly', [outer, ...packedIn(outer)].map(tenantClaim).reduce(bothClaims));
  const record = recordWithin(outer);
  const format = named ?? recogniseJson(record);
  const members = bothClaims(tenantClaim(outer), tenantClaim(record));
  if (format === 'silowatch-audit' && !keepsAuditContract(record)) return fault('invalid', members);
  const line = jsonLine(format, record, options.settings);
  if (line === undefined) return fault('malformed', members);
  const { logsource, ...said } = line;
  const within = bothClaims(said.claimedTenant, claimOfLines(format, said.fields, options));
  const claimedTenant = bothClaims(members, within);
  return read(format, logsource, { ...said, claimedTenant }, options);
}

/** What records claim that a shipper's JSON or the journal carries as text. */
function claimOfLines(format: FormatName, record: JsonObject, options: Reading): string | undefined {
  if (format !== 'json' && format !== 'journald') return undefined;
  return LINE_MEMBERS.map((member) => claimWithin(record[member], options)).reduce(bothClaims);
}

function jsonLine(format: FormatName, record: JsonObject, settings: FormatSettings | undefined): Sourced | undefined {
  const from = (logsource: EventLogsource | undefined, line: Read | undefined) => line && { ...line, logsource };
  const plain = (logsource: EventLogsource | undefined, fields: JsonObject) => ({
    logsource,
    fields,
    timeMs: recordTime(fields, settings?.zone),
  });
  switch (format) {
    case 'nginx-json':
      return from(WEBSERVER, parseNginxJson(record, settings));
    case 'caddy':
      return from(WEBSERVER, parseCaddy(record, settings));
    case 'traefik':
      return from(WEBSERVER, parseTraefik(record, settings));
    case 'envoy':
      return from(WEBSERVER, parseEnvoy(record, settings));
    case 'silowatch-audit':
      return plain(SILO_APP, record);
    case 'cloudtrail':
      return plain(CLOUDTRAIL, cloudTrailFields(record));
    case 'kubernetes-audit':
      return plain(KUBERNETES, kubernetesFields(record));
    case 'postgresql-json':
      return from(POSTGRESQL, parsePostgresqlJson(record, settings?.zone));
    case 'journald': {
      const line = parseJournald(record, settings?.zone);
      return line && programLine(line);
    }
    default:
      return plain(undefined, record);
  }
}
