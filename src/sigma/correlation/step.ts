import { closeWindows, stepClosing } from './closing.js';
import { type Consumer, type Signal } from './consumer.js';
import { stepCount, stillCounting } from './count.js';
import { stepDistinct } from './distinct.js';
import { episodesEnd, forgetEpisodes } from './episodes.js';
import { stepMeasure } from './measure.js';
import { stepOrdered } from './ordered.js';
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
    case 'closing': {
      const value = plan.of === 'rules' ? signal.rule : (signal.value ?? '');
      return stepClosing(plan, known, { timeMs, value, number: Number(signal.value) }, watermarkMs);
    }
  }
}

/** Decides windows that ended and frees what no later signal can need, once the watermark passed `deadlineOf`. */
export function close(
  consumer: Consumer,
  state: GroupState,
  watermarkMs: number,
): { readonly state: GroupState | undefined; readonly firings: readonly Firing[] } {
  const plan = consumer.window;
  if (plan.kind === 'closing') {
    const closed = closeWindows(plan, state, watermarkMs);
    const isEmpty = closed.state.times.length === 0 && closed.state.episodes.length === 0;
    return { state: isEmpty ? undefined : closed.state, firings: closed.firings };
  }
  const episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const times = plan.kind === 'count' ? stillCounting(plan, state.times, watermarkMs) : state.times;
  const newest = times.at(-1);
  const isOver = newest === undefined || newest + plan.spanMs <= watermarkMs;
  if (isOver && episodes.length === 0) return { state: undefined, firings: NO_FIRINGS };
  return { state: { ...state, times, episodes }, firings: NO_FIRINGS };
}

/** The watermark at which `close` next has something to do. */
export function deadlineOf(consumer: Consumer, state: GroupState): number | undefined {
  const plan = consumer.window;
  const quiet = episodesEnd(state.episodes, plan.quietMs);
  const deciding = plan.kind === 'closing' ? state.times[0] : state.times.at(-1);
  if (deciding === undefined) return quiet;
  const end = deciding + plan.spanMs;
  return plan.kind === 'closing' ? end : Math.max(end, quiet ?? end);
}
