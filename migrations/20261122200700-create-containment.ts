import type { MigrationInterface, QueryRunner } from 'typeorm';

const JOBS = `array['correlate', 'incident-sweep', 'containment', 'notices', 'silo-directory', 'operator']`;

/** Containment actions with who approved what bytes, the agents' pinned keys, and what is being watched for proof. */
export class CreateContainment1122200700000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await this.createActions(db);
    await this.createProof(db);
    for (const table of [
      'containment_actions',
      'containment_approvals',
      'containment_watches',
      'silo_agents',
      'agent_results',
    ])
      await db.query(`select silowatch.protect('${table}', ${JOBS})`);
  }

  private async createActions(db: QueryRunner): Promise<void> {
    await db.query(`
      create table containment_actions (
        id uuid primary key,
        incident_id uuid not null references incidents (id),
        tenant_id text not null,
        identity text not null,
        kind text not null,
        target jsonb not null,
        command text not null,
        command_hash text not null,
        needs text not null check (needs in ('none', 'responder', 'commander', 'two_people')),
        state text not null check (state in ('proposed', 'approved', 'sent', 'acknowledged', 'verified', 'rejected', 'expired',
          'failed', 'undone', 'done_by_hand')),
        is_automatic boolean not null default false,
        proposer_kind text not null,
        proposer_id text not null,
        proposer_name text not null,
        proposed_at timestamptz not null,
        approved_at timestamptz,
        sent_at timestamptz,
        expires_at timestamptz,
        attempts integer not null default 0,
        silence_noted_at timestamptz,
        acknowledged_at timestamptz,
        result jsonb,
        verified_at timestamptz,
        verification text,
        evidence jsonb not null default '[]',
        reason text,
        by_hand jsonb,
        undoes uuid references containment_actions (id),
        updated_at timestamptz not null,
        version integer not null default 1
      )`);
    await db.query(`create index containment_actions_by_incident on containment_actions (incident_id, proposed_at)`);
    await db.query(`create index containment_actions_by_state on containment_actions (state, sent_at)`);
    // One running action per target: proposing twice, by two alerts or a repeated job, is one proposal.
    await db.query(`create unique index containment_actions_once on containment_actions (incident_id, identity)
      where state in ('proposed', 'approved', 'sent', 'acknowledged', 'verified', 'done_by_hand')`);
    await db.query(`
      create table containment_approvals (
        action_id uuid not null references containment_actions (id),
        tenant_id text not null,
        staff_id uuid not null,
        staff_name text not null,
        is_commander boolean not null,
        command_hash text not null,
        approved_at timestamptz not null,
        primary key (action_id, staff_id)
      )`);
  }

  private async createProof(db: QueryRunner): Promise<void> {
    // Where reading of the silo's own audit records for proof goes on, and what was found.
    await db.query(`
      create table containment_watches (
        action_id uuid primary key references containment_actions (id),
        tenant_id text not null,
        started_at timestamptz not null,
        positions jsonb not null,
        proof jsonb,
        contradiction jsonb,
        look_at timestamptz,
        until timestamptz not null
      )`);
    await db.query(`create index containment_watches_due on containment_watches (look_at) where look_at is not null`);
    await db.query(`
      create table silo_agents (
        tenant_id text not null,
        kid text not null,
        public_key jsonb not null,
        enrolled_at timestamptz not null,
        enrolled_by text not null,
        retired_at timestamptz,
        last_seen_at timestamptz,
        primary key (tenant_id, kid)
      )`);
    await db.query(`
      create table agent_results (
        tenant_id text not null,
        jti text not null,
        received_at timestamptz not null,
        primary key (tenant_id, jti)
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      `drop table agent_results, silo_agents, containment_watches, containment_approvals, containment_actions`,
    );
  }
}
