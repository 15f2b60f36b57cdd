import { placeOf } from './count.js';
import { forgetEpisodes, record } from './episodes.js';
import { type NovelPlan } from './plan.js';
import { type GroupState, NO_FIRINGS, type Stepped } from './state.js';

/**
 * Fires for a value that its group has not shown within the span. A group learns for a while from its first signal. It
 * remembers no more than `cap` values: reaching that fires once, and until values expire nothing in it counts as new,
 * since what was forgotten would. `numbers` are the start of learning and whether it is saturated.
 */
export function stepNovel(
  plan: NovelPlan,
  state: GroupState,
  value: string,
  timeMs: number,
  watermarkMs: number,
): Stepped {
  const expired = placeOf(state.times, watermarkMs - plan.spanMs);
  const times = state.times.slice(expired);
  const values = (state.values ?? []).slice(expired);
  const [started = timeMs, wasSaturated = 0] = state.numbers ?? [];
  const known = values.indexOf(value);
  const isNew = known === -1 || (times[known] ?? 0) <= timeMs - plan.spanMs;
  if (known !== -1) values.splice(known, 1);
  const seenMs = known === -1 ? timeMs : Math.max(timeMs, times.splice(known, 1)[0] ?? timeMs);
  const at = placeOf(times, seenMs);
  times.splice(at, 0, seenMs);
  values.splice(at, 0, value);
  const isOver = times.length > plan.cap;
  if (isOver) {
    times.shift();
    values.shift();
  }
  const isSaturated = isOver || (wasSaturated === 1 && times.length >= plan.cap);
  const numbers = [Math.min(started, timeMs), isSaturated ? 1 : 0];
  const episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const next = { times, values, numbers } as const;
  const isFiring = isSaturated ? wasSaturated === 0 : isNew && timeMs >= (numbers[0] ?? timeMs) + plan.learnMs;
  if (!isFiring) return { state: { ...next, episodes }, firings: NO_FIRINGS };
  const recorded = record(episodes, plan.quietMs, timeMs, timeMs, 1);
  const firing = isSaturated ? { ...recorded.firing, reason: 'saturated' as const } : recorded.firing;
  return { state: { ...next, episodes: recorded.episodes }, firings: [firing] };
}
