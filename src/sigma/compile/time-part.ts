import { type TimePart } from '../modifiers/value-test.js';

const WRITTEN = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?/;
/** Numbers from here on are milliseconds, below they are seconds since 1970. */
const FIRST_MILLISECONDS = 100_000_000_000;

/** The part of a date, as it is written: no time zone is applied (Sigma spec 2.1). Epoch numbers are read as UTC. */
export function timePartOf(text: string, part: TimePart): number | undefined {
  const written = WRITTEN.exec(text);
  if (written !== null) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = written.slice(1).map((digits) => Number(digits || 0));
    return partOf({ year, month, day, hour, minute }, part);
  }
  if (!/^\d{9,14}(\.\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  const date = new Date(number < FIRST_MILLISECONDS ? number * 1000 : number);
  const parts = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  return partOf({ ...parts, hour: date.getUTCHours(), minute: date.getUTCMinutes() }, part);
}

type Parts = Readonly<Record<Exclude<TimePart, 'week'>, number>>;

function partOf(parts: Parts, part: TimePart): number {
  return part === 'week' ? weekOf(parts) : parts[part];
}

/** ISO 8601: the week of the year's first Thursday is number 1. */
function weekOf({ year, month, day }: Parts): number {
  const date = Date.UTC(year, month - 1, day);
  const weekday = (new Date(date).getUTCDay() + 6) % 7;
  const thursday = date + (3 - weekday) * 86_400_000;
  const firstDay = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return 1 + Math.floor((thursday - firstDay) / (7 * 86_400_000));
}
