import { IANAZone } from 'luxon';

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DAY_MS = 24 * 3_600_000;

/** Month 0–11 of an English three-letter name at `at`, or -1. */
export function monthAt(text: string, at: number): number {
  const found = MONTHS.indexOf(text.slice(at, at + 3));
  return found >= 0 && found % 3 === 0 ? found / 3 : -1;
}

/** Two decimal digits at `at` (a leading space counts as zero), or NaN. */
export function twoDigits(text: string, at: number): number {
  const high = text.charCodeAt(at);
  const low = text.charCodeAt(at + 1) - 48;
  const tens = high === 32 ? 0 : high - 48;
  return tens >= 0 && tens <= 9 && low >= 0 && low <= 9 ? tens * 10 + low : NaN;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a month (0–11) of a year has that day; false for NaN. */
function hasDay(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (month === 1 && isLeap ? 29 : (DAYS[month] ?? 0));
}

/** A time of day in milliseconds, its last minute with a leap second; NaN when there is none such. */
function clockMs(hours: number, minutes: number, seconds: number): number {
  return hours <= 23 && minutes <= 59 && seconds <= 60 ? (hours * 3600 + minutes * 60 + seconds) * 1000 : NaN;
}

let lastText = '';
let lastMs = NaN;

const COMBINED = /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/;

/** Whether a time stands at `at` as {@link combinedTimeAt} reads it, even one that never was. */
export const isCombinedTimeAt = (text: string, at: number): boolean => COMBINED.test(text.slice(at, at + 26));

/** `17/May/2015:10:05:03 +0000` at `at` (26 characters) as epoch milliseconds, or NaN, also for a day or an hour that does not exist. */
export function combinedTimeAt(text: string, at: number): number {
  // Neighbouring lines mostly carry the same second.
  if (lastText !== '' && text.startsWith(lastText, at)) return lastMs;
  const year = twoDigits(text, at + 7) * 100 + twoDigits(text, at + 9);
  const month = monthAt(text, at + 3);
  const sign = signAt(text, at + 21);
  const offsetMs = sign * clockMs(twoDigits(text, at + 22), twoDigits(text, at + 24), 0);
  const day = twoDigits(text, at);
  if (month < 0 || !hasDay(year, month, day)) return NaN;
  const clock = clockMs(twoDigits(text, at + 12), twoDigits(text, at + 15), twoDigits(text, at + 18));
  const ms = Date.UTC(year, month, day) + clock - offsetMs;
  const own = text.slice(at, at + 26);
  // A copy, so that the cache does not keep a whole line alive. Only where it is the same text: it is shared by all silos.
  const copy = Buffer.from(own, 'latin1').toString('latin1');
  if (copy === own) {
    lastText = copy;
    lastMs = ms;
  }
  return ms;
}

/** 1 or -1 of a sign, or NaN. */
function signAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 43) return 1;
  return code === 45 ? -1 : NaN;
}

const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,12})?)?(?:Z|[+-]\d\d:?\d\d)?$/i;

/** Whether a text has the form that {@link isoTime} reads, even of a time that never was. */
export const isIsoTime = (text: string): boolean => text.length <= 40 && ISO.test(text);

/** An ISO 8601 or RFC 3339 text as epoch milliseconds; without an offset it is in `zone`. NaN when it is none, or of a day that does not exist. */
export function isoTime(text: string, zone: string | undefined): number {
  if (!isIsoTime(text)) return NaN;
  const day = twoDigits(text, 8);
  if (day > 28 && !hasDay(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5) - 1, day)) return NaN;
  const standard = text
    .replace(' ', 'T')
    .replace(',', '.')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
    .toUpperCase();
  const hasOffset = /(?:Z|[+-]\d\d:\d\d)$/.test(standard);
  const ms = Date.parse(hasOffset ? standard : `${standard}Z`);
  return hasOffset || Number.isNaN(ms) ? ms : fromLocal(ms, zone);
}

/** The latest instant that a date can be, in milliseconds (ECMA-262, "Time Values"). */
const LATEST_MS = 8.64e15;

/** Whether `timeMs` can be written as a date. */
export const isInstant = (timeMs: number): boolean => Math.abs(timeMs) <= LATEST_MS;

/** An epoch time in seconds, milliseconds, microseconds or nanoseconds, told apart by size, in milliseconds; NaN for what is no time. */
export function epochTime(value: number): number {
  if (!(value > 0) || !isInstant(value / 1e6)) return NaN;
  if (value < 1e11) return value * 1000;
  if (value < 1e14) return value;
  if (value < 1e17) return value / 1000;
  return value / 1e6;
}

/** A JSON member as a time: ISO text, digits or number. */
export function anyTime(value: unknown, zone: string | undefined): number {
  if (typeof value === 'number') return epochTime(value);
  if (typeof value !== 'string') return NaN;
  const iso = isoTime(value, zone);
  if (!Number.isNaN(iso)) return iso;
  return /^\d{9,19}(?:\.\d{1,9})?$/.test(value) ? epochTime(Number(value)) : NaN;
}

const zones = new Map<string, IANAZone>();

/** `wallMs`: a wall-clock time read as if it were UTC; gives the instant at which `zone` showed it. */
function fromLocal(wallMs: number, zone: string | undefined): number {
  if (zone === undefined || zone === 'UTC') return wallMs;
  let known = zones.get(zone);
  if (known === undefined) {
    known = IANAZone.create(zone);
    zones.set(zone, known);
  }
  if (!known.isValid) return wallMs;
  const guess = wallMs - known.offset(wallMs) * 60_000;
  return wallMs - known.offset(guess) * 60_000;
}

const BSD = /^[ \d]\d \d\d:\d\d:\d\d /;

/** Whether a time stands at `at` as {@link bsdTimeAt} reads it, even one that never was. */
export const isBsdTimeAt = (text: string, at: number): boolean =>
  monthAt(text, at) >= 0 && text.charCodeAt(at + 3) === 32 && BSD.test(text.slice(at + 4, at + 16));

/** So far back some year had every day that there is (1900 was no leap year). */
const YEARS_BACK = 8;

/**
 * `Mar  7 13:06:56` at `at` (15 characters) as epoch milliseconds, or NaN, also for a day or an hour that does not exist. The year it lacks is `year`, else the
 * latest that has the day and in which the time is not more than a day after `arrivalMs`.
 */
export function bsdTimeAt(
  text: string,
  at: number,
  arrivalMs: number,
  zone: string | undefined,
  year: number | undefined,
): number {
  const month = monthAt(text, at);
  const day = twoDigits(text, at + 4);
  if (month < 0 || text.charCodeAt(at + 3) !== 32 || text.charCodeAt(at + 9) !== 58) return NaN;
  const clock = clockMs(twoDigits(text, at + 7), twoDigits(text, at + 10), twoDigits(text, at + 13));
  const inYear = (y: number): number =>
    hasDay(y, month, day) ? fromLocal(Date.UTC(y, month, day) + clock, zone) : NaN;
  if (year !== undefined) return inYear(year);
  const arrivalYear = new Date(arrivalMs).getUTCFullYear();
  for (let candidate = arrivalYear + 1; candidate >= arrivalYear - YEARS_BACK; candidate -= 1) {
    const ms = inYear(candidate);
    if (ms <= arrivalMs + DAY_MS) return ms;
  }
  return NaN;
}

const TIME_MEMBERS = [
  '@timestamp',
  'timestamp',
  'time',
  'ts',
  'eventTime',
  'requestReceivedTimestamp',
  'datetime',
  'date',
];

/** The time of a JSON record under one of the usual names, or NaN. */
export function recordTime(record: Readonly<Record<string, unknown>>, zone: string | undefined): number {
  for (const name of TIME_MEMBERS) {
    if (!(name in record)) continue;
    const timeMs = anyTime(record[name], zone);
    if (!Number.isNaN(timeMs)) return timeMs;
  }
  return NaN;
}
