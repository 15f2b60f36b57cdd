import { forgetEpisodes, record } from './episodes.js';
import { type RatePlan } from './plan.js';
import { type GroupState, NO_FIRINGS, type Stepped } from './state.js';

/**
 * Fires when the signals of a time slot are `factor` times the mean of the `windows` slots before it. Slots have the
 * span's length and begin at whole multiples of it, so that a replay sees the same; a group must have lived through all
 * of them. `times` are the first slot and the latest one, `numbers` the counts of the latest slots, oldest first.
 */
export function stepRate(plan: RatePlan, state: GroupState, timeMs: number, watermarkMs: number): Stepped {
  const slot = Math.floor(timeMs / plan.spanMs);
  const [first = slot * plan.spanMs, latestMs = slot * plan.spanMs] = state.times;
  const latest = Math.max(Math.floor(latestMs / plan.spanMs), slot);
  const counts = advance(state.numbers ?? [], latest - Math.floor(latestMs / plan.spanMs), plan.windows + 1);
  const at = counts.length - 1 - (latest - slot);
  if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
  const episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const times = [Math.min(first, slot * plan.spanMs), latest * plan.spanMs];
  const next = { times, numbers: counts } as const;
  const past = counts.slice(0, -1);
  const count = counts.at(-1) ?? 0;
  const mean = past.reduce((sum, part) => sum + part, 0) / plan.windows;
  const hasLearned = (times[0] ?? 0) <= (latest - plan.windows) * plan.spanMs;
  const isFiring = slot === latest && hasLearned && count >= plan.atLeast && count >= plan.factor * mean;
  if (!isFiring) return { state: { ...next, episodes }, firings: NO_FIRINGS };
  const recorded = record(episodes, plan.quietMs, timeMs, slot * plan.spanMs, count);
  return { state: { ...next, episodes: recorded.episodes }, firings: [recorded.firing] };
}

/** The counts moved on by some slots, always `size` of them. */
function advance(counts: readonly number[], slots: number, size: number): number[] {
  const moved = slots >= size ? [] : [...counts.slice(slots), ...new Array<number>(Math.min(slots, size)).fill(0)];
  return [...new Array<number>(Math.max(0, size - moved.length)).fill(0), ...moved].slice(-size);
}
