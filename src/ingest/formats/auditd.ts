import { MAX_FIELDS } from './parsed-record.js';
import { recordTypeName } from './record-types.js';
import { systemCallName } from './system-calls.js';

export interface AuditdRecord {
  readonly timeMs: number;
  /** Whether it tells of a program that was started, with its arguments. */
  readonly isProcessStart: boolean;
  readonly fields: Record<string, unknown>;
}

type Value = string | string[];

const HEAD = /^(?:node=(\S{1,255}) )?type=([\w[\]]{1,64}) msg=audit\((\d{1,12})\.(\d{3}):(\d{1,20})\): ?/;
/** Separates what the kernel wrote from auditd's own reading of it (`log_format = ENRICHED`). */
const ENRICHED = '\x1d';
/** Fields that the kernel writes in hexadecimal when they hold a blank, a quote or a byte that does not print (linux-audit field dictionary). */
const ENCODED: ReadonlySet<string> = new Set(
  'acct cmd comm cwd data dir exe file grp key name new_group ocomm op path proctitle sw unit vm watch'.split(' '),
);
const HEX = /^(?:[0-9A-F]{2})+$/;
const ARGUMENT = /^a\d{1,5}(?:\[\d{1,5}\])?$/;

/** Whether a line begins as auditd writes it. */
export function isAuditd(text: string): boolean {
  return (text.startsWith('type=') || text.startsWith('node=')) && HEAD.test(text);
}

/**
 * Records of auditd under its own field names, as community rules read them. A record may hold all lines of one event (same serial): a field
 * that several have is then the list of its values. Undefined when a line is none, or of another event.
 */
export function parseAuditd(text: string): AuditdRecord | undefined {
  const fields: Record<string, Value> = Object.create(null) as Record<string, Value>;
  let event: string | undefined;
  let timeMs = NaN;
  let left = MAX_FIELDS;
  let commandLine: string | undefined;
  for (const line of text.split('\n')) {
    if (line === '' || line === '----') continue;
    const head = HEAD.exec(line);
    if (head === null) return undefined;
    const [start, node, type = '', seconds = '', millis = '', serial = ''] = head;
    event ??= serial;
    if (event !== serial) return undefined;
    timeMs = Number(seconds) * 1000 + Number(millis);
    if (node !== undefined) add(fields, 'node', node);
    add(fields, 'type', type);
    left = readPairs(line.slice(start.length), type, fields, left);
    if (left <= 0) return undefined;
    if (type === 'EXECVE') commandLine = argumentsOf(line.slice(start.length));
  }
  if (event === undefined) return undefined;
  const started = commandLine === undefined ? {} : processStart(fields, commandLine);
  return {
    timeMs,
    isProcessStart: commandLine !== undefined,
    fields: { ...fields, ...callName(fields), serial: event, ...whoAndHow(fields), ...started },
  };
}

/** As the kernel's own log has it, which knows types by number. */
const OF_KERNEL = /^(?:\[ {0,12}\d{1,12}\.\d{1,9}\] )?(?:audit: )?type=(\d{1,5}) (?:msg=)?audit\(/;

/** The message of a line of syslog in which a dispatcher or the kernel passes a record on; undefined for any other. */
export function parseAuditdMessage(message: string): AuditdRecord | undefined {
  const kernel = OF_KERNEL.exec(message);
  if (kernel === null) return isAuditd(message) ? parseAuditd(message) : undefined;
  const [start, number = ''] = kernel;
  return parseAuditd(`type=${recordTypeName(number)} msg=audit(${message.slice(start.length)}`);
}

/** What was run, as one line. */
function argumentsOf(text: string): string {
  const words: string[] = [];
  for (const [, name = '', quoted, nested, bare = ''] of text.matchAll(PAIR)) {
    if (ARGUMENT.test(name)) words.push(quoted ?? nested ?? decoded(name, bare, 'EXECVE'));
  }
  return words.join(' ');
}

/** The names of Sigma's category process_creation, as far as the event's lines say it. */
function processStart(fields: Readonly<Record<string, Value>>, commandLine: string): Record<string, string> {
  const named: Record<string, string> = { CommandLine: commandLine };
  const image = textOf(fields['exe']);
  if (image !== undefined) named['Image'] = image;
  const folder = textOf(fields['cwd']);
  if (folder !== undefined) named['CurrentDirectory'] = folder;
  // Enriched logs say the name besides the number.
  const user = textOf(fields['UID']) ?? textOf(fields['uid']);
  if (user !== undefined) named['User'] = user;
  return named;
}

/** `SYSCALL`, which auditd writes itself only with `log_format = ENRICHED`. */
function callName(fields: Readonly<Record<string, Value>>): Record<string, string> {
  const [arch, number] = [textOf(fields['arch']), textOf(fields['syscall'])];
  if (arch === undefined || number === undefined || fields['SYSCALL'] !== undefined) return {};
  const name = systemCallName(arch, number);
  return name === undefined ? {} : { SYSCALL: name };
}

/** A name begins where no other goes on, so that a long run of letters is tried once and not at each of its letters. */
const PAIR = /(?<![\w-])([A-Za-z][\w-]{0,63}(?:\[\d{1,5}\])?)=(?:"([^"]*)"|'([^']*)'|([^\s,]*))/g;

/** Reads `name=value` pairs, those inside `msg='…'` too; gives how many more may come, 0 when there were too many. */
function readPairs(text: string, type: string, fields: Record<string, Value>, limit: number): number {
  const enrichedAt = text.indexOf(ENRICHED);
  if (enrichedAt < 0) return readPart(text, type, fields, limit, false);
  const left = readPart(text.slice(0, enrichedAt), type, fields, limit, false);
  return readPart(text.slice(enrichedAt + 1), type, fields, left, true);
}

function readPart(
  text: string,
  type: string,
  fields: Record<string, Value>,
  limit: number,
  isEnriched: boolean,
): number {
  let left = limit;
  for (const [, name = '', quoted, nested, bare = ''] of text.matchAll(PAIR)) {
    left -= 1;
    if (left <= 0) return 0;
    if (nested !== undefined && name === 'msg') left = readPart(nested, type, fields, left, isEnriched);
    else if (quoted !== undefined || nested !== undefined) add(fields, name, quoted ?? nested ?? '');
    else if (bare !== '' && bare !== '?' && bare !== '(null)') {
      add(fields, name, isEnriched ? bare : decoded(name, bare, type));
    }
  }
  return left;
}

function decoded(name: string, value: string, type: string): string {
  // A system call's a0 to a3 are numbers; a program's arguments are texts.
  const isText = ENCODED.has(name) || (type === 'EXECVE' && ARGUMENT.test(name));
  if (!isText || !HEX.test(value)) return value;
  const text = Buffer.from(value, 'hex').toString('utf8');
  return name === 'proctitle' ? text.replaceAll('\0', ' ').trimEnd() : text;
}

function add(fields: Record<string, Value>, name: string, value: string): void {
  const known = fields[name];
  if (known === undefined) fields[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else if (known !== value) fields[name] = [known, value];
}

/** The names that the other formats use for who came from where and whether it went well. */
function whoAndHow(fields: Readonly<Record<string, Value>>): Record<string, string> {
  const named: Record<string, string> = {};
  const result = textOf(fields['res']) ?? textOf(fields['success']);
  if (result !== undefined) named['outcome'] = ['success', 'yes', '1'].includes(result) ? 'success' : 'failure';
  const user = textOf(fields['acct']);
  if (user !== undefined) named['user'] = user;
  const address = textOf(fields['addr']);
  if (address !== undefined) named['src_ip'] = address;
  return named;
}

const textOf = (value: Value | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
