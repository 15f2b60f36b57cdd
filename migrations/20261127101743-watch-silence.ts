import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a silent silo is told by: when records of each stream arrived, the gaps that it is used to, and the silences that were noticed. */
export class WatchSilence2026112710174 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // Arrivals by the log's clock. `quiet_from`: since then nothing came, and we would have known; an outage of our own begins it anew.
    await db.query(`
      alter table stream_statistics
        add column first_arrival_at timestamptz,
        add column last_arrival_at timestamptz,
        add column read_up_to timestamptz,
        add column quiet_from timestamptz`);
    // The longest stretch without a record that ended in each hour; short ones are not kept, so that a busy stream has no row.
    await db.query(`
      create table stream_gaps (
        tenant_id text not null,
        stream text not null check (stream in ('access', 'audit')),
        hour timestamptz not null,
        started_at timestamptz not null,
        ended_at timestamptz not null,
        primary key (tenant_id, stream, hour)
      )`);
    await db.query(`create index stream_gaps_hour on stream_gaps (hour)`);
    await db.query(`select silowatch.protect('stream_gaps', array['correlate', 'operator'])`);
    await db.query(`
      create table stream_silences (
        tenant_id text not null,
        stream text not null check (stream in ('access', 'audit')),
        since timestamptz not null,
        allowed_ms bigint not null,
        noticed_at timestamptz not null,
        alert_id uuid not null,
        ended_at timestamptz,
        primary key (tenant_id, stream, since)
      )`);
    await db.query(
      `create unique index stream_silences_open on stream_silences (tenant_id, stream) where ended_at is null`,
    );
    await db.query(`select silowatch.protect('stream_silences', array['correlate', 'incident-sweep', 'operator'])`);
    // Records put aside, by reason and by the format that their header names; the place is that of the latest.
    await db.query(`
      create table dead_letter_counts (
        tenant_id text not null,
        stream text not null check (stream in ('access', 'audit')),
        reason text not null,
        format text not null,
        records bigint not null,
        last_at timestamptz not null,
        last_partition integer not null,
        last_offset bigint not null,
        primary key (tenant_id, stream, reason, format)
      )`);
    await db.query(`select silowatch.protect('dead_letter_counts', array['correlate', 'operator'])`);
    // What an alert was about is over by itself: it stays to be judged.
    await db.query(`alter table alerts add column resolved_at timestamptz`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`alter table alerts drop column resolved_at`);
    await db.query(`drop table dead_letter_counts, stream_silences, stream_gaps`);
    await db.query(`
      alter table stream_statistics
        drop column first_arrival_at, drop column last_arrival_at, drop column read_up_to, drop column quiet_from`);
  }
}
