import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { TrailRepository, type Actor } from '../access/trail.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import type { Scope } from '../platform/database/scope.js';
import { notFound, unmet } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import { announce } from '../platform/live/live.js';
import { policyFaults } from './escalation.js';
import { OnCallStaffRepository } from './on-call-staff.repository.js';
import type { overrideBody, policyBody, scheduleBody } from './paging.schema.js';
import { ScheduleRepository } from './schedule.repository.js';

/** Who changes settings: a signed-in administrator, or the operator's command line and the demo. */
export interface SettingsAuthor {
  readonly scope: Scope;
  readonly actor: Actor;
}

type ScheduleInput = z.output<typeof scheduleBody>;
type PolicyInput = z.output<typeof policyBody>;
type OverrideInput = z.output<typeof overrideBody>;

/** Changes schedules and escalation policies. What could page nobody is refused. */
@Injectable()
export class OnCallSettingsService {
  constructor(
    private readonly database: Database,
    private readonly schedules: ScheduleRepository,
    private readonly staff: OnCallStaffRepository,
    private readonly trail: TrailRepository,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** Makes one, or changes the one with `id`. Returns its id. */
  async saveSchedule(author: SettingsAuthor, input: ScheduleInput, id?: string): Promise<string> {
    return this.database.transaction(author.scope, async (tx) => {
      await this.#requirePeople(
        tx,
        input.layers.flatMap((layer) => layer.staffIds),
      );
      const schedule = { id: id ?? this.ids.uuid(), name: input.name, timeZone: input.timeZone, layers: input.layers };
      if (id === undefined) await this.schedules.insertSchedule(tx, schedule);
      else await this.schedules.updateSchedule(tx, schedule, input.version ?? 0);
      await this.#record(tx, author, 'schedule', id === undefined ? 'create' : 'change', schedule.id, input);
      return schedule.id;
    });
  }

  async deleteSchedule(author: SettingsAuthor, id: string): Promise<void> {
    await this.database.transaction(author.scope, async (tx) => {
      const users = (await this.schedules.policies(tx)).filter(({ policy }) =>
        policy.steps.some((step) => step.targets.some((target) => target.kind === 'schedule' && target.id === id)),
      );
      if (users.length > 0) {
        throw unmet(
          'SCHEDULE_IN_USE',
          `The schedule is used by the policy ${users.map(({ name }) => name).join(', ')}`,
        );
      }
      if (!(await this.schedules.deleteSchedule(tx, id))) throw notFound('The schedule');
      await this.#record(tx, author, 'schedule', 'delete', id);
    });
  }

  async addOverride(author: SettingsAuthor, scheduleId: string, input: OverrideInput): Promise<string> {
    return this.database.transaction(author.scope, async (tx) => {
      await this.#requirePeople(tx, [input.staffId]);
      const schedules = await this.schedules.schedules(tx, this.clock.now());
      if (!schedules.some(({ id }) => id === scheduleId)) throw notFound('The schedule');
      const id = this.ids.uuid();
      await this.schedules.insertOverride(tx, {
        id,
        scheduleId,
        staffId: input.staffId,
        from: new Date(input.from),
        to: new Date(input.to),
        createdAt: this.clock.now(),
      });
      await this.#record(tx, author, 'schedule', 'override', scheduleId, input);
      return id;
    });
  }

  async removeOverride(author: SettingsAuthor, scheduleId: string, id: string): Promise<void> {
    await this.database.transaction(author.scope, async (tx) => {
      if (!(await this.schedules.deleteOverride(tx, scheduleId, id))) throw notFound('The override');
      await this.#record(tx, author, 'schedule', 'override-end', scheduleId, { override: id });
    });
  }

  /** Throws POLICY_REACHES_NOBODY with the reasons. */
  async savePolicy(author: SettingsAuthor, input: PolicyInput, id?: string): Promise<string> {
    const { name, isDefault, version, ...policy } = input;
    return this.database.transaction(author.scope, async (tx) => {
      const responders = await this.staff.responders(tx);
      const schedules = await this.schedules.schedules(tx, this.clock.now());
      const missing = policyFaults(policy, {
        staffIds: new Set(responders.keys()),
        scheduleIds: new Set(
          schedules
            .filter(({ layers }) => layers.some((layer) => layer.staffIds.some((staffId) => responders.has(staffId))))
            .map((schedule) => schedule.id),
        ),
      });
      if (missing.length > 0) throw unmet('POLICY_REACHES_NOBODY', 'This policy could page nobody', { missing });
      const policyId = id ?? this.ids.uuid();
      if (id === undefined) await this.schedules.insertPolicy(tx, { id: policyId, name, isDefault, policy });
      else await this.schedules.updatePolicy(tx, { id, name, isDefault, policy, version: version ?? 0 });
      await this.#record(tx, author, 'escalation_policy', id === undefined ? 'create' : 'change', policyId, input);
      return policyId;
    });
  }

  async deletePolicy(author: SettingsAuthor, id: string): Promise<void> {
    await this.database.transaction(author.scope, async (tx) => {
      const policies = await this.schedules.policies(tx);
      if (policies.find((policy) => policy.id === id)?.isDefault === true && policies.length > 1) {
        throw unmet('POLICY_IS_DEFAULT', 'Make another policy the default before deleting this one');
      }
      if (!(await this.schedules.deletePolicy(tx, id))) throw notFound('The policy');
      await this.#record(tx, author, 'escalation_policy', 'delete', id);
    });
  }

  async #requirePeople(tx: Tx, staffIds: readonly string[]): Promise<void> {
    const responders = await this.staff.responders(tx);
    const unknown = staffIds.filter((id) => !responders.has(id));
    if (unknown.length > 0) {
      throw unmet('SCHEDULE_PERSON_UNKNOWN', 'Only active people who may acknowledge pages can be on call', {
        missing: [...new Set(unknown)],
      });
    }
  }

  async #record(
    tx: Tx,
    author: SettingsAuthor,
    type: 'schedule' | 'escalation_policy',
    verb: string,
    id: string,
    after?: unknown,
  ): Promise<void> {
    await this.trail.record(tx, { actor: author.actor, action: `${type}.${verb}`, object: { type, id }, after });
    await announce(tx, { topic: 'schedule', id, tenants: [] });
  }
}
