import { firstText, textOf, type JsonObject } from './read-json.js';
import { anyTime, recordTime } from './read-time.js';
import { programFields, type SyslogLine } from './syslog.js';

/** An entry of systemd's journal in JSON (`journalctl -o json`, systemd.journal-fields), also with `message` as shippers rename it. */
export function isJournald(record: JsonObject): boolean {
  const isEntry = 'SYSLOG_IDENTIFIER' in record || '__REALTIME_TIMESTAMP' in record;
  return isEntry && ('MESSAGE' in record || 'message' in record);
}

/** Its own members, and what syslog would say under syslog's names. */
export function parseJournald(record: JsonObject, zone: string | undefined): SyslogLine | undefined {
  const message = messageOf(record['MESSAGE'] ?? record['message']);
  if (message === undefined) return undefined;
  const fields: JsonObject = { ...record };
  const program = firstText(record, ['SYSLOG_IDENTIFIER', '_COMM']) ?? '';
  const host = firstText(record, ['_HOSTNAME', 'host']);
  if (host !== undefined) fields['host'] = host;
  addNumber(fields, 'pid', record['_PID'] ?? record['SYSLOG_PID']);
  addNumber(fields, 'severity', record['PRIORITY']);
  addNumber(fields, 'facility', record['SYSLOG_FACILITY']);
  const service = programFields(program, message, fields);
  return { timeMs: timeOf(record, zone), service, fields };
}

/** Bytes that are no UTF-8 come as a list of numbers. */
function messageOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return textOf(value);
  return value.every((byte) => typeof byte === 'number') ? Buffer.from(value).toString('utf8') : undefined;
}

function addNumber(fields: JsonObject, name: string, value: unknown): void {
  const text = textOf(value);
  if (text !== undefined && /^\d{1,10}$/.test(text)) fields[name] = Number(text);
}

function timeOf(record: JsonObject, zone: string | undefined): number {
  const written = anyTime(record['_SOURCE_REALTIME_TIMESTAMP'], zone);
  const received = Number.isNaN(written) ? anyTime(record['__REALTIME_TIMESTAMP'], zone) : written;
  return Number.isNaN(received) ? recordTime(record, zone) : received;
}
