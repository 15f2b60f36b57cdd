import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The embedded log: topics, partitions, records and positions in Postgres, for installations without Kafka. These tables are the log
 * itself, under the tenants' rules and not subject to them: like the broker they are written and read by the pipeline for all silos, so
 * they have grants and no row-level security. Nothing that serves staff reads them.
 */
export class CreateEventLog1122200300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table event_log_topics (
        id integer primary key generated always as identity,
        name text not null unique,
        retention_ms bigint,
        max_message_bytes integer not null,
        created_at timestamptz not null
      )`);
    // The head of a partition: whoever appends holds its row until commit, so that offsets become visible in their order.
    await db.query(`
      create table event_log_partitions (
        topic_id integer not null references event_log_topics on delete cascade,
        partition integer not null,
        start_offset bigint not null default 0,
        end_offset bigint not null default 0,
        primary key (topic_id, partition)
      ) with (fillfactor = 50)`);
    await db.query(`
      create table event_log_records (
        topic_id integer not null,
        partition integer not null,
        "offset" bigint not null,
        at timestamptz not null,
        key bytea,
        value bytea,
        headers text,
        primary key (topic_id, partition, "offset")
      )`);
    // No foreign key there: the head row is locked by every writer anyway, and a check per record would cost a third of the speed. Values are compressed rarely to good effect and read once: speed of appending counts.
    await db.query(`alter table event_log_records alter column value set storage external`);
    await db.query(`
      create table event_log_positions (
        group_name text not null,
        topic_id integer not null,
        partition integer not null,
        position bigint not null,
        primary key (group_name, topic_id, partition),
        foreign key (topic_id, partition) references event_log_partitions on delete cascade
      )`);
    await db.query(`grant select, insert, update, delete on
      event_log_topics, event_log_partitions, event_log_records, event_log_positions to silowatch_service`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table event_log_positions, event_log_records, event_log_partitions, event_log_topics');
  }
}
