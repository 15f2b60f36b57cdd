import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { conflict } from '../platform/errors/domain-error.js';
import type { EscalationPolicy } from './escalation.js';
import type { Layer, Schedule } from './schedule.js';

export interface VersionedSchedule extends Schedule {
  readonly version: number;
  readonly overrideIds: readonly string[];
}

export interface NamedPolicy {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly version: number;
  readonly policy: EscalationPolicy;
}

interface ScheduleRow {
  id: string;
  name: string;
  time_zone: string;
  layers: Layer[];
  version: number;
}
interface OverrideRow {
  id: string;
  schedule_id: string;
  staff_id: string;
  starts_at: Date;
  ends_at: Date;
}
interface PolicyRow {
  id: string;
  name: string;
  is_default: boolean;
  version: number;
  definition: EscalationPolicy;
}

/** Rows of `schedules`, `schedule_overrides` and `escalation_policies`. */
@Injectable()
export class ScheduleRepository {
  /** With the overrides that end after `since`. */
  async schedules(tx: Tx, since: Date): Promise<readonly VersionedSchedule[]> {
    const rows = await tx.query<ScheduleRow[]>(
      `select id, name, time_zone, layers, version from schedules order by name`,
    );
    const overrides = await tx.query<OverrideRow[]>(
      `select id, schedule_id, staff_id, starts_at, ends_at from schedule_overrides where ends_at > $1 order by created_at, id`,
      [since],
    );
    return rows.map((row) => {
      const own = overrides.filter((override) => override.schedule_id === row.id);
      return {
        id: row.id,
        name: row.name,
        timeZone: row.time_zone,
        layers: row.layers,
        version: row.version,
        overrides: own.map(({ staff_id, starts_at, ends_at }) => ({ staffId: staff_id, from: starts_at, to: ends_at })),
        overrideIds: own.map(({ id }) => id),
      };
    });
  }

  async insertSchedule(tx: Tx, schedule: Omit<Schedule, 'overrides'>): Promise<void> {
    await tx.query(`insert into schedules (id, name, time_zone, layers) values ($1, $2, $3, $4)`, [
      schedule.id,
      schedule.name,
      schedule.timeZone,
      JSON.stringify(schedule.layers),
    ]);
  }

  async updateSchedule(tx: Tx, schedule: Omit<Schedule, 'overrides'>, version: number): Promise<void> {
    const rows = await tx.query<[unknown, number]>(
      `update schedules set name = $3, time_zone = $4, layers = $5, version = version + 1 where id = $1 and version = $2`,
      [schedule.id, version, schedule.name, schedule.timeZone, JSON.stringify(schedule.layers)],
    );
    if (rows[1] !== 1) throw conflict('The schedule was changed meanwhile: look again');
  }

  async deleteSchedule(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query<[unknown, number]>(`delete from schedules where id = $1`, [id]);
    return rows[1] > 0;
  }

  async insertOverride(
    tx: Tx,
    override: { id: string; scheduleId: string; staffId: string; from: Date; to: Date; createdAt: Date },
  ): Promise<void> {
    await tx.query(
      `insert into schedule_overrides (id, schedule_id, staff_id, starts_at, ends_at, created_at) values ($1, $2, $3, $4, $5, $6)`,
      [override.id, override.scheduleId, override.staffId, override.from, override.to, override.createdAt],
    );
  }

  async deleteOverride(tx: Tx, scheduleId: string, id: string): Promise<boolean> {
    const rows = await tx.query<[unknown, number]>(
      `delete from schedule_overrides where id = $1 and schedule_id = $2`,
      [id, scheduleId],
    );
    return rows[1] > 0;
  }

  async policies(tx: Tx): Promise<readonly NamedPolicy[]> {
    const rows = await tx.query<PolicyRow[]>(
      `select id, name, is_default, version, definition from escalation_policies order by is_default desc, name`,
    );
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      isDefault: row.is_default,
      version: row.version,
      policy: row.definition,
    }));
  }

  /** Makes it the default in place of the one before when `isDefault`. */
  async insertPolicy(tx: Tx, policy: Omit<NamedPolicy, 'version'>): Promise<void> {
    if (policy.isDefault) await this.#noDefault(tx);
    await tx.query(`insert into escalation_policies (id, name, definition, is_default) values ($1, $2, $3, $4)`, [
      policy.id,
      policy.name,
      JSON.stringify(policy.policy),
      policy.isDefault,
    ]);
  }

  async updatePolicy(tx: Tx, policy: NamedPolicy): Promise<void> {
    if (policy.isDefault) await this.#noDefault(tx, policy.id);
    const rows = await tx.query<[unknown, number]>(
      `update escalation_policies set name = $3, definition = $4, is_default = $5, version = version + 1
       where id = $1 and version = $2`,
      [policy.id, policy.version, policy.name, JSON.stringify(policy.policy), policy.isDefault],
    );
    if (rows[1] !== 1) throw conflict('The policy was changed meanwhile: look again');
  }

  async deletePolicy(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query<[unknown, number]>(`delete from escalation_policies where id = $1`, [id]);
    return rows[1] > 0;
  }

  async #noDefault(tx: Tx, exceptId?: string): Promise<void> {
    await tx.query(
      `update escalation_policies set is_default = false where is_default and ($1::uuid is null or id <> $1)`,
      [exceptId ?? null],
    );
  }
}
