import { type Bound } from '../parse/bounds.js';
import { placeOf } from './count.js';
import { forgetEpisodes, record } from './episodes.js';
import { type Measure, type MeasurePlan } from './plan.js';
import { type GroupState, NO_FIRINGS, type Stepped } from './state.js';

/**
 * Numbers that a group keeps for a measure. Up to here sums, averages and percentiles are exact; of more signals within
 * one window the newest this many are measured, so that a sum of positive numbers is never overstated.
 */
export const MAX_MEASURED = 1_024;

/** Measures the numbers in the window that ends with the signal; `numbers` belong to `times`. */
export function stepMeasure(
  plan: MeasurePlan,
  state: GroupState,
  number: number,
  timeMs: number,
  watermarkMs: number,
): Stepped {
  const at = placeOf(state.times, timeMs);
  const grownTimes = state.times.toSpliced(at, 0, timeMs);
  const grownNumbers = (state.numbers ?? []).toSpliced(at, 0, number);
  const expired = placeOf(grownTimes, Math.min(watermarkMs, timeMs) - plan.spanMs);
  const drop = Math.max(expired, grownTimes.length - MAX_MEASURED);
  const times = grownTimes.slice(drop);
  const numbers = grownNumbers.slice(drop);
  const episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const from = placeOf(times, timeMs - plan.spanMs);
  const to = placeOf(times, timeMs);
  const value = measure(plan.measure, plan.percentile, numbers.slice(from, to));
  const next = { times, numbers } as const;
  if (!plan.bounds.every((bound) => isWithin(value, bound)))
    return { state: { ...next, episodes }, firings: NO_FIRINGS };
  const recorded = record(episodes, plan.quietMs, timeMs, times[from] ?? timeMs, to - from);
  return { state: { ...next, episodes: recorded.episodes }, firings: [recorded.firing] };
}

export function measure(kind: Measure, percentile: number, numbers: readonly number[]): number {
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (kind === 'sum') return sum;
  return kind === 'average' ? sum / numbers.length : percentileOf(numbers, percentile);
}

/** Linear interpolation between the closest ranks, as the peers do; the median of two numbers is their mean. */
function percentileOf(numbers: readonly number[], percentile: number): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  const rank = (percentile / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? 0;
  const above = sorted[Math.ceil(rank)] ?? 0;
  return below + (above - below) * (rank - Math.floor(rank));
}

export function isWithin(value: number, { operator, value: bound }: Bound): boolean {
  switch (operator) {
    case 'gt':
      return value > bound;
    case 'gte':
      return value >= bound;
    case 'lt':
      return value < bound;
    case 'lte':
      return value <= bound;
    case 'eq':
      return value === bound;
    case 'neq':
      return value !== bound;
  }
}
