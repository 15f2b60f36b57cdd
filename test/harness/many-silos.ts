import { system } from '../../src/platform/database/scope.js';
import type { TestDatabase } from './database.js';

/** Silos `silo-000`, `silo-001`, … with figures of both streams: each third speaks slowly, each tenth is behind, each twentieth is silent. */
export async function manySilos(db: TestDatabase, count: number, now: Date): Promise<void> {
  await db.database.transaction(system('operator'), async (tx) => {
    await tx.query(
      `insert into silos (tenant_id, name, state, incarnation, time_zone, language, jurisdictions, notice_hours, created_at)
       select 'silo-' || lpad(n::text, 3, '0'), 'Customer ' || lpad(n::text, 3, '0'), 'active', 1000 + n, 'UTC', 'en', '{}', 72, $2
       from generate_series(0, $1::int - 1) as g (n)`,
      [count, now],
    );
    await tx.query(
      `insert into stream_statistics (tenant_id, stream, last_event_at, first_arrival_at, last_arrival_at, events, events_per_second,
         lag_records, lag_seconds, dead_letters, parse_failures, updated_at)
       select 'silo-' || lpad(n::text, 3, '0'), s, $2::timestamptz - make_interval(secs => n % 90), $2::timestamptz - interval '60 days',
         $2::timestamptz - make_interval(secs => n % 90), n * 100, case when n % 3 = 0 then 0.2 else n % 97 end,
         case when n % 10 = 0 then n * 3 else 0 end, case when n % 10 = 0 then n / 2.0 else 0 end, n % 7, n % 5, $2
       from generate_series(0, $1::int - 1) as g (n), unnest(array['access', 'audit']) as s`,
      [count, now],
    );
    await tx.query(
      `insert into event_minutes (tenant_id, minute, events)
       select 'silo-' || lpad(n::text, 3, '0'), date_trunc('minute', $2::timestamptz) - make_interval(mins => m),
         (n % 97) * 60 * (1.2 + sin(n + m / 7.0)) from generate_series(0, $1::int - 1) as g (n), generate_series(1, 180) as k (m)`,
      [count, now],
    );
    await tx.query(
      `insert into stream_silences (tenant_id, stream, since, allowed_ms, noticed_at, alert_id)
       select 'silo-' || lpad(n::text, 3, '0'), 'audit', $2::timestamptz - interval '50 minutes', 600000, $2, gen_random_uuid()
       from generate_series(0, $1::int - 1, 20) as g (n)`,
      [count, now],
    );
    await tx.query(
      `insert into dead_letter_counts (tenant_id, stream, reason, format, records, last_at, last_partition, last_offset)
       values ('silo-000', 'access', 'malformed', 'none', 1204, $1, 0, 88123), ('silo-000', 'audit', 'unrecognised', 'auditd', 3, $1, 0, 512)`,
      [now],
    );
  });
}
