import { bothClaims, mayClaim, TENANT_MEMBER, tenantClaim } from './claims.js';
import { type FormatSettings } from './parsed-record.js';
import { bsdTimeAt, isBsdTimeAt, isIsoTime, isoTime } from './read-time.js';
import { messageFields } from './syslog-message.js';

export interface SyslogLine {
  readonly timeMs: number;
  readonly service: string;
  /** What the structured data says; what the message says is for who can read it. */
  readonly claimedTenant?: string | undefined;
  readonly fields: Record<string, unknown>;
}

/** Longest syslog priority: facility 23, severity 7. */
const MAX_PRIORITY = 191;

const SERVICES: Readonly<Record<string, string>> = {
  sshd: 'sshd',
  'sshd-session': 'sshd',
  'sshd-auth': 'sshd',
  sudo: 'sudo',
  cron: 'cron',
  crond: 'cron',
  crontab: 'cron',
  anacron: 'cron',
  su: 'auth',
  login: 'auth',
  passwd: 'auth',
  chpasswd: 'auth',
  useradd: 'auth',
  userdel: 'auth',
  usermod: 'auth',
  groupadd: 'auth',
  groupmod: 'auth',
  gpasswd: 'auth',
  chage: 'auth',
  pkexec: 'auth',
  polkitd: 'auth',
  'systemd-logind': 'auth',
  vsftpd: 'vsftpd',
  clamd: 'clamav',
  freshclam: 'clamav',
  clamscan: 'clamav',
  guacd: 'guacamole',
  auditd: 'auditd',
  audisp: 'auditd',
  'audisp-syslog': 'auditd',
  audispd: 'auditd',
};

/** The Sigma service of a program's lines; `syslog` for programs without one of their own. */
function serviceOf(program: string): string {
  const name = program.toLowerCase();
  return Object.hasOwn(SERVICES, name) ? (SERVICES[name] ?? 'syslog') : 'syslog';
}

const COUNT = /^[1-9]\d{0,6} (?=<)/;

/** Whether the length of the message stands before it, as forwarders over TCP write it (RFC 6587 §3.4.1). */
export function isOctetCounted(text: string): boolean {
  const first = text.charCodeAt(0);
  return first > 48 && first <= 57 && COUNT.test(text);
}

/** Syslog as in RFC 3164 (with or without priority, as in files), RFC 5424, or with an RFC 3339 time as rsyslog writes it. */
export function parseSyslog(
  text: string,
  arrivalMs: number,
  settings: FormatSettings | undefined,
): SyslogLine | undefined {
  const fields: Record<string, unknown> = {};
  const line = isOctetCounted(text) ? text.replace(COUNT, '') : text;
  const start = readPriority(line, fields);
  if (start < 0) return undefined;
  if (line.startsWith('1 ', start) && start > 0) return parse5424(line, start + 2, fields, settings);
  const isoEnd = line.indexOf(' ', start);
  let timeMs = bsdTimeAt(line, start, arrivalMs, settings?.zone, settings?.year);
  let at = start + 16;
  // A time that never was is none, which is no reason to leave the line unread.
  if (Number.isNaN(timeMs) && !isBsdTimeAt(line, start)) {
    const time = line.slice(start, isoEnd);
    if (isoEnd - start <= 18 || !isIsoTime(time)) return undefined;
    timeMs = isoTime(time, settings?.zone);
    at = isoEnd + 1;
  }
  HOSTLESS.lastIndex = at;
  if (HOSTLESS.test(line)) return finish(timeMs, fields, line.slice(at));
  const hostEnd = line.indexOf(' ', at);
  if (hostEnd <= at) return undefined;
  fields['host'] = line.slice(at, hostEnd);
  return finish(timeMs, fields, line.slice(hostEnd + 1));
}

/** Where the text after `<PRI>` begins; 0 without one, -1 when it is broken. */
function readPriority(line: string, fields: Record<string, unknown>): number {
  if (line.charCodeAt(0) !== 60) return 0;
  const end = line.indexOf('>');
  const priority = end > 1 && end <= 4 ? Number(line.slice(1, end)) : NaN;
  if (!Number.isInteger(priority) || priority < 0 || priority > MAX_PRIORITY) return -1;
  fields['facility'] = Math.floor(priority / 8);
  fields['severity'] = priority % 8;
  return end + 1;
}

/** A program where the host should be, as in what it writes to the local socket. */
const HOSTLESS = /[\w./@()+-]{1,64}(?:\[\d{1,10}\])?:(?: |$)/y;
const TAG = /^([\w./@()+-]{1,64}?)(?:\[(\d{1,10})\])?: ?/;

function finish(timeMs: number, fields: Record<string, unknown>, content: string): SyslogLine {
  const tag = TAG.exec(content);
  const program = tag?.[1] ?? '';
  const message = tag === null ? content : content.slice(tag[0].length);
  if (tag?.[2] !== undefined) fields['pid'] = Number(tag[2]);
  return { timeMs, service: programFields(program, message, fields), fields };
}

/** Adds what a program's message says; gives the Sigma service of its lines. */
export function programFields(program: string, message: string, fields: Record<string, unknown>): string {
  if (program !== '') fields['program'] = program;
  fields['message'] = message;
  const service = serviceOf(program);
  messageFields(service, program, message, fields);
  return service;
}

/** From after `<PRI>1 `: time, host, program, process, message id, structured data, message (RFC 5424 §6). */
function parse5424(
  line: string,
  from: number,
  fields: Record<string, unknown>,
  settings: FormatSettings | undefined,
): SyslogLine | undefined {
  const parts: string[] = [];
  let at = from;
  while (parts.length < 5) {
    const end = line.indexOf(' ', at);
    if (end < 0) return undefined;
    parts.push(line.slice(at, end));
    at = end + 1;
  }
  const [time = '-', host = '-', program = '-', process = '-', messageId = '-'] = parts;
  const dataEnd = structuredDataEnd(line, at);
  if (dataEnd < 0) return undefined;
  let claimedTenant: string | undefined;
  if (dataEnd > at + 1) {
    const data = line.slice(at, dataEnd);
    fields['structured_data'] = data;
    addParameters(data.slice(0, MAX_PARAMETER_CHARS), fields);
    if (mayClaim(data)) claimedTenant = dataClaim(data);
  }
  const message = line.slice(dataEnd + 1).replace(/^\uFEFF/, '');
  if (host !== '-') fields['host'] = host;
  if (process !== '-') fields['pid'] = /^\d{1,10}$/.test(process) ? Number(process) : process;
  if (messageId !== '-') fields['message_id'] = messageId;
  const service = programFields(program === '-' ? '' : program, message, fields);
  return { timeMs: time === '-' ? NaN : isoTime(time, settings?.zone), service, fields, claimedTenant };
}

const MAX_PARAMETERS = 100;
/** Structured data beyond this is kept as a whole alone. */
const MAX_PARAMETER_CHARS = 8192;
/** An element's name behind its bracket, or a parameter with its value (RFC 5424 §6.3). A name begins where no other goes on. */
const ELEMENT_OR_PARAMETER = /\[([^\s=\]"]{1,64})|(?<![^\s=\]"])([^\s=\]"]{1,64})="((?:[^"\\]|\\.)*)"/gs;

/** Structured data as fields `sd.<element>.<parameter>`; the first hundred parameters. */
function addParameters(data: string, fields: Record<string, unknown>): void {
  let element = '';
  let left = MAX_PARAMETERS;
  for (const [, begun, name = '', value = ''] of data.matchAll(ELEMENT_OR_PARAMETER)) {
    if (begun !== undefined) {
      element = begun;
      continue;
    }
    left -= 1;
    if (left < 0) return;
    fields[`sd.${element}.${name}`] = unescaped(value);
  }
}

const unescaped = (value: string): string => value.replace(/\\(["\\\]])/g, '$1');

/** The tenants that the parameters name, wherever they stand. */
function dataClaim(data: string): string | undefined {
  let claim: string | undefined;
  for (const [, , name = '', value = ''] of data.matchAll(ELEMENT_OR_PARAMETER))
    if (name === TENANT_MEMBER) claim = bothClaims(claim, tenantClaim({ [TENANT_MEMBER]: unescaped(value) }));
  return claim;
}

/** Where structured data that begins at `from` ends, or -1; `]` counts outside quoted values only. */
function structuredDataEnd(line: string, from: number): number {
  if (line.charCodeAt(from) === 45) return from + 1;
  let isQuoted = false;
  let at = from;
  while (line.charCodeAt(at) === 91) {
    for (at += 1; at < line.length; at += 1) {
      const code = line.charCodeAt(at);
      if (isQuoted && code === 92) at += 1;
      else if (code === 34) isQuoted = !isQuoted;
      else if (code === 93 && !isQuoted) break;
    }
    if (at >= line.length) return -1;
    at += 1;
  }
  return at === from ? -1 : at;
}
