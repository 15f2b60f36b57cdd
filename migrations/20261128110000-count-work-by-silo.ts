import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each silo costs the stages, what it keeps in the state, and what became of what it sent over HTTP. */
export class CountWorkBySilo2026112811000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // Seconds of all its batches; `latest_…`: of one batch, on average of those that were told last.
    await db.query(`
      alter table stream_statistics
        add column batches bigint not null default 0,
        add column match_seconds double precision not null default 0,
        add column send_seconds double precision not null default 0,
        add column latest_match_seconds double precision,
        add column latest_send_seconds double precision,
        add column rebalances bigint not null default 0,
        add column rebalanced_at timestamptz`);
    // Of all instances together, and of no silo: a batch of correlate carries the signals of many.
    await db.query(`
      create table stage_work (
        stage text not null check (stage in ('detect', 'correlate')),
        step text not null,
        times bigint not null,
        seconds double precision not null,
        latest_seconds double precision not null,
        latest_at timestamptz not null,
        primary key (stage, step)
      )`);
    await db.query(`grant select, insert, update on stage_work to silowatch_service`);
    // The empty tenant has what reaches across silos and belongs to none: only who may see all of them sees it.
    await db.query(`
      create table silo_state_sizes (
        tenant_id text primary key,
        groups bigint not null,
        bytes bigint not null,
        measured_at timestamptz not null
      )`);
    await db.query(`select silowatch.protect('silo_state_sizes', array['correlate', 'operator'])`);
    await db.query(`
      create table intake_counts (
        tenant_id text not null,
        outcome text not null check (outcome in ('accepted', 'put_aside', 'left_out', 'rejected', 'throttled')),
        reason text not null,
        count bigint not null,
        last_at timestamptz not null,
        primary key (tenant_id, outcome, reason)
      )`);
    await db.query(`select silowatch.protect('intake_counts', array['intake', 'operator'])`);
    await db.query(`alter table silo_intake_tokens add column last_used_at timestamptz`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`alter table silo_intake_tokens drop column last_used_at`);
    await db.query(`drop table intake_counts, silo_state_sizes, stage_work`);
    await db.query(`
      alter table stream_statistics
        drop column batches, drop column match_seconds, drop column send_seconds, drop column latest_match_seconds,
        drop column latest_send_seconds, drop column rebalances, drop column rebalanced_at`);
  }
}
