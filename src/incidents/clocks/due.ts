import { DateTime } from 'luxon';

/** How long a clock runs. Hours are exact; the others follow the calendar of a time zone. */
export type Length =
  | { readonly unit: 'hours'; readonly count: number }
  | { readonly unit: 'days'; readonly count: number }
  | { readonly unit: 'months'; readonly count: number }
  | { readonly unit: 'working_days'; readonly count: number };

export interface Calendar {
  /** IANA time zone, e.g. `Europe/Zurich`. */
  readonly zone: string;
  /** Days off besides Saturday and Sunday, `YYYY-MM-DD`. */
  readonly holidays: ReadonlySet<string>;
}

const isWorkingDay = (day: DateTime, calendar: Calendar): boolean =>
  day.weekday <= 5 && !calendar.holidays.has(day.toISODate() ?? '');

/** A year of holidays would be a fault of the data; without a bound it would be an endless loop. */
const MAX_DAYS_LOOKED_AT = 3_660;

/**
 * When a clock that started at `start` is due. Hours count seconds, so daylight saving does not move them. Days and months keep the local time of
 * the zone (a month from 31 January ends on the last day of February). Working days end with the last second of the last one; the day of the
 * start does not count.
 */
export function dueAt(start: Date, length: Length, calendar: Calendar): Date {
  const local = DateTime.fromJSDate(start, { zone: calendar.zone });
  switch (length.unit) {
    case 'hours':
      return new Date(start.getTime() + length.count * 3_600_000);
    case 'days':
      return local.plus({ days: length.count }).toJSDate();
    case 'months':
      return local.plus({ months: length.count }).toJSDate();
    case 'working_days': {
      let day = local.startOf('day');
      let left = length.count;
      for (let i = 0; left > 0 && i < MAX_DAYS_LOOKED_AT; i += 1) {
        day = day.plus({ days: 1 });
        if (isWorkingDay(day, calendar)) left -= 1;
      }
      return day.endOf('day').toJSDate();
    }
  }
}

/** `72 hours`, `1 month`, `4 working days`. */
export function describeLength(length: Length): string {
  const noun = length.unit.replace('_', ' ');
  return `${length.count} ${length.count === 1 ? noun.replace(/s$/, '') : noun}`;
}
