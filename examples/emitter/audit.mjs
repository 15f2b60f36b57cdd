// An application's audit emitter: one line of JSON per record, each carrying the hash of the one before. A shipper takes the file from here.
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

let previous;

/** audit('session.login', 'success', { type: 'user', id: 'u-42', email: 'ada@example.com', session: 's-1', mfa: true }, { ip: '203.0.113.9' }) */
export function audit(action, outcome, actor, more = {}) {
  const record = JSON.stringify({
    v: 1,
    id: randomUUID(),
    time: new Date().toISOString(),
    action,
    outcome,
    actor,
    ...more,
    ...(previous && { prev: previous }),
  });
  previous = createHash('sha256').update(record).digest('hex');
  appendFileSync(process.env.AUDIT_FILE ?? '/var/log/app/audit.ndjson', record + '\n');
}
