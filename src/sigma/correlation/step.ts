import { closeAbsence, learnedUntil, stepAbsence } from './absence.js';
import { closeWindows, stepClosing } from './closing.js';
import { type Consumer, type Signal } from './consumer.js';
import { stepCount, stillCounting } from './count.js';
import { stepDistinct } from './distinct.js';
import { episodesEnd, forgetEpisodes } from './episodes.js';
import { stepMeasure } from './measure.js';
import { stepNovel } from './novel.js';
import { stepOrdered } from './ordered.js';
import { type WindowPlan } from './plan.js';
import { stepRate } from './rate.js';
import { stepTravel } from './travel.js';
import { type Firing, type GroupState, NEW_GROUP, NO_FIRINGS, type Stepped } from './state.js';

/** The reference of correlation: what a signal makes of a group's state; pure. `state` undefined is a new group. */
export function step(consumer: Consumer, state: GroupState | undefined, signal: Signal, watermarkMs: number): Stepped {
  const plan = consumer.window;
  const { timeMs } = signal;
  const known = state ?? NEW_GROUP;
  switch (plan.kind) {
    case 'count':
      return stepCount(plan, known, timeMs, watermarkMs);
    case 'distinct':
      return stepDistinct(plan, known, plan.of === 'rules' ? signal.rule : (signal.value ?? ''), timeMs, watermarkMs);
    case 'ordered':
      return stepOrdered(plan, known, signal.rule, timeMs, watermarkMs);
    case 'measure':
      return stepMeasure(plan, known, Number(signal.value), timeMs, watermarkMs);
    case 'novel':
      return stepNovel(plan, known, signal.value ?? '', timeMs, watermarkMs);
    case 'absence':
      return stepAbsence(plan, known, signal.rule, timeMs, watermarkMs);
    case 'travel':
      return stepTravel(plan, known, signal.place ?? NOWHERE, timeMs, watermarkMs);
    case 'rate':
      return stepRate(plan, known, timeMs, watermarkMs);
    case 'closing': {
      const value = plan.of === 'rules' ? signal.rule : (signal.value ?? '');
      return stepClosing(plan, known, { timeMs, value, number: Number(signal.value) }, watermarkMs);
    }
  }
}

/** Signals without a place are never made for such a window. */
const NOWHERE = { latitude: 0, longitude: 0 };

/** Decides windows that ended and frees what no later signal can need, once the watermark passed `deadlineOf`. */
export function close(
  consumer: Consumer,
  state: GroupState,
  watermarkMs: number,
): { readonly state: GroupState | undefined; readonly firings: readonly Firing[] } {
  const plan = consumer.window;
  if (plan.kind === 'closing' || plan.kind === 'absence') {
    const closed =
      plan.kind === 'closing' ? closeWindows(plan, state, watermarkMs) : closeAbsence(plan, state, watermarkMs);
    const { times, numbers = [], episodes } = closed.state;
    const isEmpty = times.length === 0 && episodes.length === 0 && (plan.kind === 'closing' || numbers.length === 0);
    const learned = plan.kind === 'absence' ? learnedUntil(plan, closed.state) : undefined;
    return {
      state: isEmpty && (learned ?? -Infinity) <= watermarkMs ? undefined : closed.state,
      firings: closed.firings,
    };
  }
  const episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const times = plan.kind === 'count' ? stillCounting(plan, state.times, watermarkMs) : state.times;
  const newest = times.at(-1);
  const isOver = newest === undefined || newest + lifeOf(plan) <= watermarkMs;
  if (isOver && episodes.length === 0) return { state: undefined, firings: NO_FIRINGS };
  return { state: { ...state, times, episodes }, firings: NO_FIRINGS };
}

/** The watermark at which `close` next has something to do. */
export function deadlineOf(consumer: Consumer, state: GroupState): number | undefined {
  const plan = consumer.window;
  const quiet = episodesEnd(state.episodes, plan.quietMs);
  const isWaiting = plan.kind === 'closing' || plan.kind === 'absence';
  const remembered = plan.kind === 'absence' ? state.numbers?.at(-1) : undefined;
  const deciding = isWaiting ? (state.times[0] ?? remembered) : state.times.at(-1);
  const learned = plan.kind === 'absence' ? learnedUntil(plan, state) : undefined;
  if (deciding === undefined) return learned === undefined ? quiet : Math.max(learned, quiet ?? learned);
  const end = deciding + lifeOf(plan);
  return isWaiting && state.times.length > 0 ? end : Math.max(end, quiet ?? end);
}

/** How long after its last signal a group still matters. */
export function lifeOf(plan: WindowPlan): number {
  return plan.kind === 'rate' ? plan.spanMs * (plan.windows + 1) : plan.spanMs;
}
