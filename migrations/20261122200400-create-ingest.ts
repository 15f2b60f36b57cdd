import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is known of each silo's streams, for the Silos page, and the two small tables by which detect survives a record that kills it. */
export class CreateIngest1122200400000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table stream_statistics (
        tenant_id text not null,
        stream text not null check (stream in ('access', 'audit')),
        last_event_at timestamptz,
        events bigint not null default 0,
        events_per_second double precision not null default 0,
        lag_records bigint not null default 0,
        lag_seconds double precision not null default 0,
        dead_letters bigint not null default 0,
        parse_failures bigint not null default 0,
        updated_at timestamptz not null,
        primary key (tenant_id, stream)
      )`);
    await db.query(
      `select silowatch.protect('stream_statistics', array['ingest', 'correlate', 'incident-sweep', 'operator'])`,
    );
    // One row a silo and minute; kept for two days (the page of what happens now shows an hour).
    await db.query(`
      create table event_minutes (
        tenant_id text not null,
        minute timestamptz not null,
        events bigint not null default 0,
        primary key (tenant_id, minute)
      )`);
    await db.query(`create index event_minutes_minute on event_minutes (minute)`);
    await db.query(
      `select silowatch.protect('event_minutes', array['ingest', 'correlate', 'incident-sweep', 'operator'])`,
    );
    // Written at the first batch of a partition after a start, and removed when that batch is done: what stays there killed the process.
    await db.query(`
      create table read_attempts (
        stage text not null,
        topic text not null,
        partition integer not null,
        position bigint not null,
        deaths integer not null,
        is_single boolean not null,
        at timestamptz not null,
        primary key (stage, topic, partition)
      )`);
    await db.query(`grant select, insert, update, delete on read_attempts to silowatch_service`);
    // Replaying a dead letter twice would count its event twice.
    await db.query(`
      create table dead_letter_replays (
        topic text not null,
        partition integer not null,
        record_offset bigint not null,
        arrival_ms bigint not null,
        replayed_at timestamptz not null,
        primary key (topic, partition, record_offset, arrival_ms)
      )`);
    await db.query(`grant select, insert on dead_letter_replays to silowatch_service`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table dead_letter_replays, read_attempts, event_minutes, stream_statistics`);
  }
}
