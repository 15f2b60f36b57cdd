import { Tooltip } from '@mantine/core';
import type { OnCall } from '../api/types';
import { localTime, useNow } from '../ui/time';

const DAY_MS = 86_400_000;
const DAYS = 14;
/** Two days back: who had it when it began. */
const BACK = 2;
const HUES = 5;

type Schedule = OnCall['schedules'][number];

const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric' });

function startOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

interface Bar {
  key: string;
  left: number;
  width: number;
  name: string;
  from: string;
  to: string;
  isGap: boolean;
}

function barsOf(schedule: Schedule, from: number): Bar[] {
  const to = from + DAYS * DAY_MS;
  const all = [
    ...schedule.finalShifts.map((shift) => ({ name: shift.staffName, from: shift.from, to: shift.to, isGap: false })),
    ...schedule.gaps.map((gap) => ({ name: 'Nobody', from: gap.from, to: gap.to, isGap: true })),
  ];
  return all
    .filter((shift) => Date.parse(shift.to) > from && Date.parse(shift.from) < to)
    .map((shift) => {
      const start = Math.max(from, Date.parse(shift.from));
      const end = Math.min(to, Date.parse(shift.to));
      return {
        ...shift,
        key: `${shift.from} ${shift.name}`,
        left: ((start - from) / (to - from)) * 100,
        width: ((end - start) / (to - from)) * 100,
      };
    });
}

/** Who has it when: two weeks, one row a schedule. */
export function ShiftCalendar({ schedules }: { schedules: readonly Schedule[] }) {
  const now = useNow();
  const from = startOfDay(now) - BACK * DAY_MS;
  const names = [...new Set(schedules.flatMap((schedule) => schedule.finalShifts.map((shift) => shift.staffName)))];
  const nowLeft = ((now - from) / (DAYS * DAY_MS)) * 100;
  return (
    <div className="sw-scroll" tabIndex={0} role="region" aria-label="Shifts of the next two weeks">
      <div className="sw-shifts">
        <span />
        <div className="sw-shifts-days" aria-hidden>
          {Array.from({ length: DAYS }, (_, i) => (
            <span key={i} data-today={i === BACK || undefined}>
              {weekday.format(new Date(from + i * DAY_MS + DAY_MS / 2))}
            </span>
          ))}
        </div>
        {schedules.map((schedule) => (
          <Row key={schedule.id} schedule={schedule} from={from} nowLeft={nowLeft} names={names} />
        ))}
      </div>
    </div>
  );
}

function Row({
  schedule,
  from,
  nowLeft,
  names,
}: {
  schedule: Schedule;
  from: number;
  nowLeft: number;
  names: readonly string[];
}) {
  return (
    <>
      <span className="sw-shifts-name">{schedule.name}</span>
      <div className="sw-shifts-row">
        <span className="sw-now-line" style={{ left: `${nowLeft}%` }} />
        {barsOf(schedule, from).map((bar) => (
          <Tooltip key={bar.key} label={`${bar.name}: ${localTime(bar.from)} to ${localTime(bar.to)}`}>
            <span
              className="sw-shift"
              data-gap={bar.isGap || undefined}
              data-hue={bar.isGap ? undefined : names.indexOf(bar.name) % HUES}
              style={{ left: `${bar.left}%`, width: `calc(${bar.width}% - 2px)` }}
            >
              {bar.name}
            </span>
          </Tooltip>
        ))}
      </div>
    </>
  );
}
