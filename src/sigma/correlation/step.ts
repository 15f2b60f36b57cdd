import { type Consumer, type Signal } from './consumer.js';
import { type Firing, type GroupState } from './state.js';

/** The reference of correlation: what a signal makes of a group's state; pure. `state` undefined is a new group. */
export function step(
  consumer: Consumer,
  state: GroupState | undefined,
  signal: Signal,
  watermarkMs: number,
): { readonly state: GroupState; readonly firings: readonly Firing[] } {
  void consumer;
  void watermarkMs;
  return { state: { v: 1, times: [...(state?.times ?? []), signal.timeMs], episodes: [] }, firings: [] };
}

/** Decides windows that end and frees what no later signal can need, once the watermark passes `deadlineOf(state)`. */
export function close(
  consumer: Consumer,
  state: GroupState,
  watermarkMs: number,
): { readonly state: GroupState | undefined; readonly firings: readonly Firing[] } {
  void consumer;
  void watermarkMs;
  return { state, firings: [] };
}

/** The watermark at which `close` next has something to do. */
export function deadlineOf(consumer: Consumer, state: GroupState): number | undefined {
  void consumer;
  void state;
  return undefined;
}
