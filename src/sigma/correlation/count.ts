import { forgetEpisodes, isWithinEpisode, record } from './episodes.js';
import { type CountPlan } from './plan.js';
import { type Firing, type GroupState, NO_FIRINGS, NO_NUMBERS, type Stepped } from './state.js';

/**
 * Counts signals in a sliding window. A signal fires when the window that ends with it holds enough; a late one can
 * also make later ones fire. Only times that can still decide are kept, so that memory is bounded by the threshold.
 */
export function stepCount(plan: CountPlan, state: GroupState, timeMs: number, watermarkMs: number): Stepped {
  const kept = stillCounting(plan, state.times, watermarkMs);
  let episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const at = placeOf(kept, timeMs);
  const times = kept.toSpliced(at, 0, timeMs);
  let firings: Firing[] | undefined;
  for (let index = at; index < times.length; index++) {
    const time = times[index] ?? 0;
    if (time >= timeMs + plan.spanMs) break;
    if (index > at && isWithinEpisode(episodes, time)) continue;
    const oldest = index - plan.atLeast + 1;
    const since = times[oldest];
    if (since === undefined || since <= time - plan.spanMs) continue;
    const recorded = record(episodes, plan.quietMs, time, since, plan.atLeast);
    episodes = recorded.episodes;
    (firings ??= []).push(recorded.firing);
  }
  const thinned = thin(plan, times, at);
  return { state: { times: withoutEarlier(plan, thinned, watermarkMs), episodes }, firings: firings ?? NO_FIRINGS };
}

/** How many times a group keeps at most; a flood of late signals beyond it is counted short. */
function limitOf(plan: CountPlan): number {
  return 16 * plan.atLeast + 64;
}

/** The index after all times up to `timeMs`. */
export function placeOf(times: readonly number[], timeMs: number): number {
  let at = times.length;
  while (at > 0 && (times[at - 1] ?? 0) > timeMs) at--;
  return at;
}

/**
 * Without the times that no window ending after the watermark needs: those that have left every such window, and those
 * with enough later ones that also lie before the watermark, for every window that holds the one holds the others.
 */
export function stillCounting(plan: CountPlan, times: readonly number[], watermarkMs: number): readonly number[] {
  const needed = withoutEarlier(plan, times, watermarkMs);
  let from = 0;
  while (from < needed.length && (needed[from] ?? 0) <= watermarkMs - plan.spanMs) from++;
  if (from === 0) return needed;
  return from === needed.length ? NO_NUMBERS : needed.slice(from);
}

/** Of the times up to the watermark only the latest, which with one more are as many as are counted to. */
function withoutEarlier(plan: CountPlan, times: readonly number[], watermarkMs: number): readonly number[] {
  const from = placeOf(times, watermarkMs) - (plan.atLeast - 1);
  if (from <= 0) return times;
  return from === times.length ? NO_NUMBERS : times.slice(from);
}

/** Takes out a time that can decide nothing any more, among those that the one at `at` may have made redundant. */
function thin(plan: CountPlan, times: readonly number[], at: number): readonly number[] {
  const reach = plan.atLeast - 1;
  for (const index of [at - reach, at, at + reach]) {
    if (isRedundant(plan, times, index)) return times.length === 1 ? NO_NUMBERS : times.toSpliced(index, 1);
  }
  return times.length > limitOf(plan) ? times.slice(1) : times;
}

/** Whether every window that holds the time at `index` holds `atLeast` - 1 others. */
function isRedundant(plan: CountPlan, times: readonly number[], index: number): boolean {
  const others = plan.atLeast - 1;
  if (index < 0 || index >= times.length) return false;
  for (let left = 0; left < others; left++) {
    // A window that reaches `left` others to the left and the rest, less one, to the right: does it miss both next ones?
    const before = times[index - left - 1];
    const after = times[index + others - left];
    if (before === undefined || after === undefined || after - before > plan.spanMs) return false;
  }
  return true;
}
