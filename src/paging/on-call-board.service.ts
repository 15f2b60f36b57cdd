import { Injectable } from '@nestjs/common';
import { OnCallBoard } from '../incidents/on-call-board.js';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { OnCallStaffRepository } from './on-call-staff.repository.js';
import { ScheduleRepository } from './schedule.repository.js';
import { onCallAt } from './shifts.js';

/** Who is on call now, for the page of what happens now. */
@Injectable()
export class PagingOnCallBoard extends OnCallBoard {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly staff: OnCallStaffRepository,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async now(tx: Tx): ReturnType<OnCallBoard['now']> {
    const now = this.clock.now();
    const names = await this.staff.names(tx);
    const schedules = await this.schedules.schedules(tx, now);
    return schedules.flatMap((schedule) => {
      const found = onCallAt(schedule, now);
      if (found === undefined) return [];
      const staffName = names.get(found.staffId) ?? 'someone who left';
      return [{ schedule: schedule.name, staffName, until: found.until.toISOString() }];
    });
  }
}
