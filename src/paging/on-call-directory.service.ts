import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import type { EscalationPolicy } from './escalation.js';
import { OnCallStaffRepository, type Responder } from './on-call-staff.repository.js';
import { ScheduleRepository } from './schedule.repository.js';
import { onCallAt } from './shifts.js';

/** Where no policy was set up yet: everybody who may acknowledge, every five minutes. A page is never without a reader. */
const EVERYBODY: EscalationPolicy = {
  steps: [],
  repeats: 0,
  lastResort: { staffIds: [], everyMinutes: 5 },
  noProgressMinutes: 30,
};

/** Turns policies and schedules into people. */
@Injectable()
export class OnCallDirectory {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly staff: OnCallStaffRepository,
    private readonly clock: Clock,
  ) {}

  async policyInForce(tx: Tx): Promise<EscalationPolicy> {
    const policies = await this.schedules.policies(tx);
    return (policies.find((policy) => policy.isDefault) ?? policies[0])?.policy ?? EVERYBODY;
  }

  /**
   * Who a step pages now; empty where a schedule has a gap or people left. The last resort (step null) falls back to everybody who may
   * acknowledge, so that it is only empty when there is no such person at all.
   */
  async targets(tx: Tx, policy: EscalationPolicy, step: number | null): Promise<readonly Responder[]> {
    const responders = await this.staff.responders(tx);
    const ids = step === null ? policy.lastResort.staffIds : await this.#idsOf(tx, policy, step);
    const found = [...new Set(ids)].map((id) => responders.get(id)).filter((responder) => responder !== undefined);
    return step === null && found.length === 0 ? [...responders.values()] : found;
  }

  async #idsOf(tx: Tx, policy: EscalationPolicy, step: number): Promise<readonly string[]> {
    const now = this.clock.now();
    const schedules = await this.schedules.schedules(tx, now);
    return (policy.steps[step]?.targets ?? []).flatMap((target) => {
      if (target.kind === 'staff') return [target.id];
      const schedule = schedules.find(({ id }) => id === target.id);
      const onCall = schedule === undefined ? undefined : onCallAt(schedule, now, 1);
      return onCall === undefined ? [] : [onCall.staffId];
    });
  }
}
