import type { OutgoingMessage } from '../../../src/platform/event-log/event-log.js';

/** A line of an access log in the combined format. */
export function accessLine(time: Date, path: string, ip = '203.0.113.7', status = 404): string {
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(time.getUTCDate())}/${months[time.getUTCMonth()] ?? ''}/${time.getUTCFullYear()}`;
  const at = `${day}:${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} +0000`;
  return `${ip} - - [${at}] "GET ${path} HTTP/1.1" ${status} 512 "-" "curl/8.5.0"`;
}

let count = 0;

export interface AuditOptions {
  readonly time: Date;
  readonly action?: string;
  readonly outcome?: 'success' | 'failure' | 'denied';
  readonly ip?: string;
  readonly id?: string;
  readonly tenant?: string;
  readonly session?: string;
}

/** An audit record of an application. */
export function auditRecord({ time, action, outcome, ip, id, tenant, session }: AuditOptions): string {
  count += 1;
  return JSON.stringify({
    v: 1,
    id: id ?? `record-${process.pid}-${count}`,
    time: time.toISOString(),
    action: action ?? 'session.login',
    outcome: outcome ?? 'failure',
    actor: { type: 'user', id: 'u-1', email: 'ada@example.test', ...(session === undefined ? {} : { session }) },
    ip: ip ?? '203.0.113.7',
    ...(tenant === undefined ? {} : { tenant }),
  });
}

export const onStream = (
  tenant: string,
  stream: 'access' | 'audit',
  lines: readonly (string | Buffer)[],
): OutgoingMessage[] => lines.map((value) => ({ topic: `silo.${tenant}.${stream}`, partition: 0, key: null, value }));
