import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The correlator's state and position, its marks and outbox, and what it found: all written in one transaction per batch. */
export class CreateCorrelate1122200500000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await this.createAlerts(db);
    await this.createState(db);
  }

  private async createAlerts(db: QueryRunner): Promise<void> {
    await db.query(`
      create table alerts (
        id uuid primary key,
        identity text not null unique,
        tenant_id text not null,
        rule_id text not null,
        rule_title text not null,
        level text not null check (level in ('informational', 'low', 'medium', 'high', 'critical')),
        status text not null,
        tags text[] not null,
        promises text[] not null,
        entities jsonb not null,
        grouping text[] not null,
        first_event_at timestamptz not null,
        last_event_at timestamptz not null,
        count bigint not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        incident_id uuid,
        verdict text check (verdict in ('true_positive', 'false_positive', 'benign')),
        verdict_reason text,
        verdict_by uuid,
        verdict_at timestamptz,
        respond text,
        grouping_ms bigint not null,
        containment text[] not null,
        playbook text,
        opens_incident boolean not null,
        is_late boolean not null,
        samples jsonb not null
      )`);
    await db.query(`create index alerts_created on alerts (created_at desc, id desc)`);
    await db.query(`create index alerts_tenant on alerts (tenant_id, created_at desc)`);
    await db.query(`create index alerts_incident on alerts (incident_id) where incident_id is not null`);
    await db.query(`create index alerts_promises on alerts using gin (promises)`);
    const jobs = `array['correlate', 'ingest', 'incident-sweep', 'containment', 'paging', 'notices', 'disclosure', 'operator']`;
    await db.query(`select silowatch.protect('alerts', ${jobs})`);
    await db.query(`
      create table alert_entities (
        alert_id uuid not null references alerts on delete cascade,
        tenant_id text not null,
        kind text not null,
        value text not null,
        primary key (alert_id, kind, value)
      )`);
    await db.query(`create index alert_entities_value on alert_entities (tenant_id, kind, value)`);
    await db.query(`select silowatch.protect('alert_entities', ${jobs})`);
    // Entities whose events are being watched: alerts put them here, and so may whoever waits for events to stop (containment).
    await db.query(`
      create table entity_activity (
        tenant_id text not null,
        entity_kind text not null,
        entity_value text not null,
        last_event_at timestamptz,
        count bigint not null default 0,
        watched_until timestamptz not null,
        primary key (tenant_id, entity_kind, entity_value)
      )`);
    await db.query(`select silowatch.protect('entity_activity', ${jobs})`);
  }

  private async createState(db: QueryRunner): Promise<void> {
    // None of these is a silo's: they are the correlator's own books, keyed by hashes and offsets, and only it reads them.
    await db.query(`
      create table correlate_partitions (
        partition integer primary key,
        epoch bigint not null default 0,
        position bigint not null default 0,
        outbox_sequence bigint not null default 0,
        clock_ms bigint not null default 0,
        watermarks json not null default '{}'
      )`);
    await db.query(
      `create table correlate_log (only_row boolean primary key default true check (only_row), signals_partitions integer not null)`,
    );
    await db.query(`
      create table correlate_marks (
        partition integer not null,
        incarnation bigint not null,
        source text not null,
        hash text not null,
        record_offset bigint not null,
        ordinal integer not null,
        primary key (partition, incarnation, source, hash)
      )`);
    await db.query(`
      create table correlate_groups (
        partition integer not null,
        key text not null,
        consumer text not null,
        state json not null,
        due_ms bigint,
        primary key (partition, key)
      )`);
    await db.query(
      `create index correlate_groups_due on correlate_groups (partition, due_ms) where due_ms is not null`,
    );
    await db.query(`
      create table correlate_outbox (
        partition integer not null,
        sequence bigint not null,
        target_partition integer not null,
        message text not null,
        primary key (partition, sequence)
      )`);
    // Rule texts by content, so that a signal made under rules that have changed since is still understood.
    await db.query(
      `create table rule_sets (sha256 text primary key, files jsonb not null, loaded_at timestamptz not null)`,
    );
    await db.query(
      `create table rule_set_consumers (hash text primary key, rule_set text not null references rule_sets)`,
    );
    await db.query(`grant select, insert, update, delete on correlate_partitions, correlate_log, correlate_marks, correlate_groups,
      correlate_outbox, rule_sets, rule_set_consumers to silowatch_service`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table rule_set_consumers, rule_sets, correlate_outbox, correlate_groups, correlate_marks, correlate_log,
      correlate_partitions, entity_activity, alert_entities, alerts`);
  }
}
