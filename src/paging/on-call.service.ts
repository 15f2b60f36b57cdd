import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { notFound } from '../platform/errors/domain-error.js';
import { listPage, readCursor, type ListPage } from '../platform/http/list-page.js';
import type { Target } from './escalation.js';
import { OnCallStaffRepository } from './on-call-staff.repository.js';
import { pageView } from './page-view.js';
import type { Page } from './page.js';
import { PageRepository } from './page.repository.js';
import type { OnCallView, PageView } from './paging.schema.js';
import { ScheduleRepository, type NamedPolicy, type VersionedSchedule } from './schedule.repository.js';
import { gaps, onCallAt, shifts } from './shifts.js';

const DAY_MS = 86_400_000;
const SHOWN_DAYS = 14;

/** What people see of on-call and of pages. */
@Injectable()
export class OnCallService {
  constructor(
    private readonly database: Database,
    private readonly schedules: ScheduleRepository,
    private readonly staff: OnCallStaffRepository,
    private readonly pages: PageRepository,
    private readonly clock: Clock,
  ) {}

  async overview(staff: Staff): Promise<OnCallView> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const now = this.clock.now();
      const names = await this.staff.names(tx);
      const nameOf = (id: string): string => names.get(id) ?? 'someone who left';
      const schedules = await this.schedules.schedules(tx, new Date(now.getTime() - SHOWN_DAYS * DAY_MS));
      const policies = await this.schedules.policies(tx);
      return {
        now: schedules.flatMap((schedule) => onCallNow(schedule, now, nameOf)),
        schedules: schedules.map((schedule) => scheduleView(schedule, now, nameOf)),
        policies: policies.map((policy) => policyView(policy, schedules, nameOf)),
        pages: await this.#views(tx, await this.pages.list(tx, { limit: 20 })),
      };
    });
  }

  /** Newest first; those of one incident when it is named. */
  async list(
    staff: Staff,
    query: { readonly incident?: string | undefined; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<ListPage<PageView>> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const filter = { incidentId: query.incident, before: readCursor(query.cursor), limit: query.limit + 1 };
      const page = listPage(await this.pages.list(tx, filter), query.limit, ({ startedAt, id }) => ({
        at: startedAt,
        id,
      }));
      return { ...page, items: await this.#views(tx, page.items) };
    });
  }

  async find(staff: Staff, pageId: string): Promise<PageView> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const page = await this.pages.find(tx, pageId);
      if (page === undefined) throw notFound('The page');
      return pageView(page, await this.pages.attempts(tx, [page.id]));
    });
  }

  async #views(tx: Tx, pages: readonly Page[]): Promise<PageView[]> {
    const attempts = await this.pages.attempts(
      tx,
      pages.map(({ id }) => id),
    );
    return pages.map((page) => pageView(page, attempts));
  }
}

type NameOf = (id: string) => string;

function onCallNow(schedule: VersionedSchedule, now: Date, nameOf: NameOf): OnCallView['now'] {
  const found = onCallAt(schedule, now);
  if (found === undefined) return [];
  return [
    {
      schedule: schedule.name,
      staff: nameOf(found.staffId),
      until: found.until.toISOString(),
      next: found.nextStaffId === null ? null : nameOf(found.nextStaffId),
    },
  ];
}

function scheduleView(schedule: VersionedSchedule, now: Date, nameOf: NameOf): OnCallView['schedules'][number] {
  const from = new Date(now.getTime() - SHOWN_DAYS * DAY_MS);
  const to = new Date(now.getTime() + SHOWN_DAYS * DAY_MS);
  return {
    id: schedule.id,
    name: schedule.name,
    timeZone: schedule.timeZone,
    version: schedule.version,
    layers: schedule.layers.map((layer) => ({
      ...layer,
      staffIds: [...layer.staffIds],
      restrictions: layer.restrictions.map((restriction) => ({ ...restriction, weekdays: [...restriction.weekdays] })),
    })),
    overrides: schedule.overrides.map((override, index) => ({
      id: schedule.overrideIds[index] ?? '',
      staffId: override.staffId,
      from: override.from.toISOString(),
      to: override.to.toISOString(),
    })),
    finalShifts: shifts(schedule, from, to).map((shift) => ({
      staffId: shift.staffId,
      staffName: nameOf(shift.staffId),
      from: shift.from.toISOString(),
      to: shift.to.toISOString(),
    })),
    gaps: gaps(schedule, now, to).map((gap) => ({ from: gap.from.toISOString(), to: gap.to.toISOString() })),
  };
}

function policyView(
  { id, name, isDefault, version, policy }: NamedPolicy,
  schedules: readonly VersionedSchedule[],
  nameOf: NameOf,
): OnCallView['policies'][number] {
  const inWords = (target: Target): string =>
    target.kind === 'staff'
      ? nameOf(target.id)
      : (schedules.find((schedule) => schedule.id === target.id)?.name ?? 'a schedule that was deleted');
  return {
    id,
    name,
    isDefault,
    version,
    repeat: policy.repeats,
    steps: policy.steps.map((step) => ({ delayMinutes: step.waitMinutes, targets: step.targets.map(inWords) })),
    lastResort: { everyMinutes: policy.lastResort.everyMinutes, targets: policy.lastResort.staffIds.map(nameOf) },
    definition: {
      steps: policy.steps.map((step) => ({ waitMinutes: step.waitMinutes, targets: [...step.targets] })),
      repeats: policy.repeats,
      lastResort: { staffIds: [...policy.lastResort.staffIds], everyMinutes: policy.lastResort.everyMinutes },
      noProgressMinutes: policy.noProgressMinutes,
    },
  };
}
