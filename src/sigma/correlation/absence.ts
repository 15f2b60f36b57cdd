import { placeOf } from './count.js';
import { forgetEpisodes, record } from './episodes.js';
import { type AbsencePlan } from './plan.js';
import { type Firing, type GroupState, NO_FIRINGS, type Stepped } from './state.js';

/** Signals that wait for what is expected, and expected ones remembered for signals that come late. */
const MAX_WAITING = 64;

/**
 * Fires for a signal that the expected one does not follow within the span: `times` wait for it, `numbers` are the
 * latest times it came. Where a rule expects itself, each signal waits for the next: a due event that did not come. Where
 * the group learns first, `values` are the times of its first and its latest signal.
 */
export function stepAbsence(
  plan: AbsencePlan,
  state: GroupState,
  rule: string,
  timeMs: number,
  watermarkMs: number,
): Stepped {
  const closed = closeAbsence(plan, state, watermarkMs);
  let { times, numbers: arrivals = [] } = closed.state;
  if (rule === plan.expected) {
    arrivals = arrivals.toSpliced(placeOf(arrivals, timeMs), 0, timeMs).slice(-MAX_WAITING);
    times = times.filter((start) => !isMet(plan, start, timeMs));
  }
  if (plan.opening.includes(rule) && !arrivals.some((arrival) => isMet(plan, timeMs, arrival))) {
    const waiting = times.toSpliced(placeOf(times, timeMs), 0, timeMs);
    // The oldest of a flood stands for those that are let go.
    times = waiting.length > MAX_WAITING ? waiting.toSpliced(1, 1) : waiting;
  }
  const next = { times, numbers: arrivals, episodes: closed.state.episodes } as const;
  if (plan.learnMs === 0) return { state: next, firings: closed.firings };
  const [first = timeMs, latest = timeMs] = seenOf(state);
  const values = [Math.min(first, timeMs), Math.max(latest, timeMs)].map(String);
  return { state: { ...next, values }, firings: closed.firings };
}

/** Equal times count as followed, except where a rule expects itself. */
function isMet(plan: AbsencePlan, start: number, arrival: number): boolean {
  const isAfter = plan.opening.includes(plan.expected) ? arrival > start : arrival >= start;
  return isAfter && arrival < start + plan.spanMs;
}

/** When the group's first and latest signals came, where it learns. */
function seenOf({ values = [] }: GroupState): readonly number[] {
  return values.map(Number);
}

/** Until when a group that learns is remembered though nothing waits in it: forgotten, it would learn anew. */
export function learnedUntil(plan: AbsencePlan, state: GroupState): number | undefined {
  const [, latest] = seenOf(state);
  return latest === undefined ? undefined : latest + plan.spanMs + plan.learnMs;
}

/** Decides over the signals whose time to wait ended by the watermark. */
export function closeAbsence(plan: AbsencePlan, state: GroupState, watermarkMs: number): Stepped {
  const over = placeOf(state.times, watermarkMs - plan.spanMs);
  let { episodes } = state;
  const firings: Firing[] = [];
  const [first = -Infinity] = seenOf(state);
  for (const start of state.times.slice(0, over)) {
    if (start < first + plan.learnMs) continue;
    const recorded = record(episodes, plan.quietMs, start + plan.spanMs, start, 1);
    episodes = recorded.episodes;
    firings.push(recorded.firing);
  }
  const arrivals = state.numbers ?? [];
  const numbers = arrivals.slice(placeOf(arrivals, watermarkMs - plan.spanMs));
  const next = {
    times: state.times.slice(over),
    numbers,
    ...(state.values === undefined ? {} : { values: state.values }),
    episodes: forgetEpisodes(episodes, plan.quietMs, watermarkMs),
  } as const;
  return { state: next, firings: firings.length === 0 ? NO_FIRINGS : firings };
}
