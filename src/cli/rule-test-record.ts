import { type Event } from '../event/event.js';
import { parseRecord } from '../ingest/formats/parse-record.js';
import { type TestRecord } from './rule-test-file.js';

/** When the first record of a test happens: a working day. */
const START_MS = Date.parse('2026-03-03T10:00:00Z');

export interface TestEvent {
  readonly event: Event;
  /** The record as it would stand in a log. */
  readonly raw: string;
}

/** The events of a test in order, each through the parser that reads real logs. Throws on a record nobody could read. */
export function eventsOf(records: readonly TestRecord[]): TestEvent[] {
  const events: TestEvent[] = [];
  let nextMs = START_MS;
  for (const record of records) {
    const fromMs = record.at === undefined ? nextMs : START_MS + record.at;
    for (let i = 0; i < record.repeat; i += 1) {
      const timeMs = fromMs + i * record.every;
      events.push(eventOf(record, timeMs, i + 1));
      nextMs = timeMs + 1000;
    }
  }
  return events.sort((a, b) => a.event.timeMs - b.event.timeMs);
}

function eventOf(record: TestRecord, timeMs: number, n: number): TestEvent {
  if (record.event !== undefined) {
    const { logsource, fields } = JSON.parse(numbered(JSON.stringify(record.event), n)) as typeof record.event;
    const event: Event = { timeMs, timeSource: 'record', format: 'json', logsource, fields };
    return { event, raw: JSON.stringify(fields) };
  }
  const raw = numbered(rawOf(record, timeMs, n), n);
  const parsed = parseRecord(Buffer.from(raw), { arrivalMs: timeMs + 60_000 });
  if (!parsed.ok) throw new Error(`the record cannot be read (${parsed.reason}): ${raw.slice(0, 200)}`);
  return { event: parsed.event, raw };
}

function numbered(text: string, n: number): string {
  return text.replaceAll('{n}', String(n));
}

function rawOf({ raw, access, audit, syslog }: TestRecord, timeMs: number, n: number): string {
  if (access !== undefined) {
    const { ip, method, uri, status, bytes, referer, agent } = access;
    const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    return `${ip} - - [${combinedTime(timeMs)}] "${method} ${quoted(uri)} HTTP/1.1" ${status} ${bytes} "${quoted(referer)}" "${quoted(agent)}"`;
  }
  if (audit !== undefined) {
    const actor = { type: 'user', id: 'u-42', email: 'ada@acme.example' };
    const time = new Date(timeMs).toISOString();
    return JSON.stringify({
      v: 1,
      id: `test-${timeMs}-${n}`,
      time,
      outcome: 'success',
      actor,
      ip: '198.51.100.7',
      ...audit,
    });
  }
  if (syslog !== undefined) {
    return `${new Date(timeMs).toISOString()} ${syslog.host} ${syslog.program}[4711]: ${syslog.message}`;
  }
  return raw ?? '';
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function combinedTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
