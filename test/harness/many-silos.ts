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
         lag_records, lag_seconds, dead_letters, parse_failures, updated_at, batches, match_seconds, send_seconds,
         latest_match_seconds, latest_send_seconds, rebalances, rebalanced_at)
       select 'silo-' || lpad(n::text, 3, '0'), s, $2::timestamptz - make_interval(secs => n % 90), $2::timestamptz - interval '60 days',
         $2::timestamptz - make_interval(secs => n % 90), n * 100, case when n % 3 = 0 then 0.2 else n % 97 end,
         case when n % 10 = 0 then n * 3 else 0 end, case when n % 10 = 0 then n / 2.0 else 0 end, n % 7, n % 5, $2,
         (n + 1) * 2, (n + 1) * 0.004, (n + 1) * 0.002, 0.003, 0.001, 2, $2::timestamptz - interval '3 hours'
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
    await tx.query(
      `insert into silo_state_sizes (tenant_id, groups, bytes, measured_at)
       select 'silo-' || lpad(n::text, 3, '0'), n + 1, (n + 1) * 1024, $2::timestamptz from generate_series(0, $1::int - 1) as g (n)
       union all select '', 500, 512000, $2`,
      [count, now],
    );
    await tx.query(
      `insert into intake_counts (tenant_id, outcome, reason, count, last_at)
       values ('silo-000', 'accepted', 'none', 48211, $1), ('silo-000', 'put_aside', 'malformed', 1204, $1),
         ('silo-000', 'rejected', 'body_invalid', 3, $1::timestamptz - interval '2 days'), ('silo-000', 'throttled', 'silo_rate', 17, $1)`,
      [now],
    );
    await tx.query(
      `insert into silo_credentials (tenant_id, kind, principal, issued_at)
       values ('silo-000', 'shipper', 'silo-000.shipper', $1::timestamptz - interval '200 days')`,
      [now],
    );
    await tx.query(
      `insert into silo_intake_tokens (id, tenant_id, token_hash, issued_at, expires_at, last_used_at)
       select lpad(n::text, 32, '0'), 'silo-000', lpad(n::text, 64, 'a'), $1::timestamptz - make_interval(days => 90 - n),
         case n when 1 then $1::timestamptz - interval '9 days' when 2 then $1::timestamptz + interval '20 hours' end,
         case when n < 3 then $1::timestamptz - interval '40 seconds' end
       from generate_series(1, 3) as g (n)`,
      [now],
    );
    await tx.query(
      `insert into stage_work (stage, step, times, seconds, latest_seconds, latest_at)
       select stage, step, times, seconds, seconds / times * 1.3, $1
       from (values ('detect', 'batch', 1000, 6.2), ('detect', 'match', 1000, 3.1), ('detect', 'send', 400, 2.9),
         ('detect', 'rebalance', 2, 0.9), ('correlate', 'batch', 600, 5.4), ('correlate', 'commit', 200, 4.6),
         ('correlate', 'relay', 200, 0.2), ('correlate', 'rebalance', 2, 1.1)) as w (stage, step, times, seconds)`,
      [now],
    );
  });
  await db.database.transaction(system('correlate'), (tx) =>
    tx.query(
      `insert into silo_signal_work (tenant_id, signals, seconds, latest_seconds, latest_at)
       values ('silo-000', 18400, 2.3, 0.00019, $1), ('silo-020', 84, 0.0126, 0.00021, $1)`,
      [now],
    ),
  );
}
