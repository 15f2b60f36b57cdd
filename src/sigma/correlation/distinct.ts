import { holds } from '../condition/condition.js';
import { placeOf } from './count.js';
import { forgetEpisodes, record } from './episodes.js';
import { type DistinctPlan } from './plan.js';
import { type GroupState, NO_FIRINGS, type Stepped } from './state.js';

/**
 * Counts different values, or rules, by keeping when each was last seen, as many as the threshold asks for: exact for
 * signals in order; a late one can be counted short, never double.
 */
export function stepDistinct(
  plan: DistinctPlan,
  state: GroupState,
  value: string,
  timeMs: number,
  watermarkMs: number,
): Stepped {
  const { times, values } = see(plan, state, value, timeMs, watermarkMs);
  const episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const next = { times, values } as const;
  for (let index = placeOf(times, timeMs - 1); index < times.length; index++) {
    const time = times[index] ?? 0;
    if (time >= timeMs + plan.spanMs) break;
    const from = placeOf(times, time - plan.spanMs);
    const to = placeOf(times, time);
    if (!isReached(plan, values, from, to)) continue;
    const recorded = record(episodes, plan.quietMs, time, times[from] ?? time, to - from);
    return { state: { ...next, episodes: recorded.episodes }, firings: [recorded.firing] };
  }
  return { state: { ...next, episodes }, firings: NO_FIRINGS };
}

function isReached(plan: DistinctPlan, values: readonly string[], from: number, to: number): boolean {
  if (plan.expression === undefined) return to - from >= plan.atLeast;
  return holds(plan.expression, new Set(values.slice(from, to)));
}

/** The values with the time each was last seen, this signal's among them, oldest first. */
function see(
  plan: DistinctPlan,
  state: GroupState,
  value: string,
  timeMs: number,
  watermarkMs: number,
): { readonly times: readonly number[]; readonly values: readonly string[] } {
  const { times: oldTimes, values: oldValues = [] } = state;
  const known = oldValues.indexOf(value);
  const seenMs = Math.max(timeMs, known === -1 ? timeMs : (oldTimes[known] ?? timeMs));
  const times = known === -1 ? [...oldTimes] : oldTimes.toSpliced(known, 1);
  const values = known === -1 ? [...oldValues] : oldValues.toSpliced(known, 1);
  const at = placeOf(times, seenMs);
  times.splice(at, 0, seenMs);
  values.splice(at, 0, value);
  const expired = placeOf(times, watermarkMs - plan.spanMs);
  const surplus = plan.expression === undefined ? times.length - plan.atLeast : 0;
  const from = Math.max(expired, surplus, 0);
  return from === 0 ? { times, values } : { times: times.slice(from), values: values.slice(from) };
}
