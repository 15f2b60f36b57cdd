import { DateTime } from 'luxon';

/** A stretch in which nothing reached a stream's log. */
export interface Gap {
  readonly startMs: number;
  readonly endMs: number;
}

/** What is known of a stream's past. */
export interface Past {
  /** Arrival of its first record. */
  readonly firstMs: number;
  /** Its longer gaps of the last weeks. */
  readonly gaps: readonly Gap[];
  /** IANA zone in which its people keep their days and weeks. */
  readonly timeZone: string;
}

export interface Allowed {
  readonly ms: number;
  /** The longest gap that is usual at this hour of the week; null while that is still being learned. */
  readonly usualMs: number | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Weeks that are looked back on. */
export const HABIT_WEEKS = 5;
/** How many of them must be known before the hours of the week are told apart. */
const LEARNED_WEEKS = 2;
/** Nobody is silent before this, however busy the stream. */
export const LEAST_SILENCE_MS = 10 * MINUTE_MS;
/** And everybody after this. */
const MOST_SILENCE_MS = 14 * 24 * HOUR_MS;
/** A stream whose weeks are not known yet may rest over a long weekend. */
const LEARNING_MS = 72 * HOUR_MS;
/** A habit is kept within this much of an hour. */
const AROUND_MS = HOUR_MS;

/**
 * For how long nothing may come at `nowMs` before that is unlike the stream: one and a half times the longest gap that is usual at this hour
 * of the week, and five minutes. Usual is the second longest of what the last weeks had around the hour, so that one outage does not become a
 * habit, and two do.
 */
export function allowedSilence(nowMs: number, past: Past): Allowed {
  const longest: number[] = [];
  for (let week = 1; week <= HABIT_WEEKS; week += 1) {
    // The same time by the wall clock, also where daylight saving came between.
    const then = DateTime.fromMillis(nowMs, { zone: past.timeZone }).minus({ weeks: week }).toMillis();
    if (past.firstMs > then - AROUND_MS) break;
    longest.push(longestAround(past.gaps, then - AROUND_MS, then + AROUND_MS));
  }
  if (longest.length < LEARNED_WEEKS) {
    const known = past.gaps.reduce((most, gap) => Math.max(most, gap.endMs - gap.startMs), 0);
    return { ms: Math.min(Math.max(LEARNING_MS, 2 * known), MOST_SILENCE_MS), usualMs: null };
  }
  longest.sort((a, b) => b - a);
  const usualMs = (longest.length > LEARNED_WEEKS ? longest[1] : longest[0]) ?? 0;
  const ms = Math.min(Math.max(1.5 * usualMs + 5 * MINUTE_MS, LEAST_SILENCE_MS), MOST_SILENCE_MS);
  return { ms, usualMs };
}

function longestAround(gaps: readonly Gap[], fromMs: number, toMs: number): number {
  let longest = 0;
  for (const { startMs, endMs } of gaps) {
    if (endMs > fromMs && startMs < toMs) longest = Math.max(longest, endMs - startMs);
  }
  return longest;
}

/** Told as people say it, rounded: `4 minutes`, `3 hours`, `2 days`. */
export function spell(ms: number): string {
  const [count, unit] =
    ms < 2 * HOUR_MS
      ? [ms / MINUTE_MS, 'minute']
      : ms < 48 * HOUR_MS
        ? [ms / HOUR_MS, 'hour']
        : [ms / (24 * HOUR_MS), 'day'];
  const whole = Math.round(count);
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}
