import type { SentSignal } from '../detect/signal-message.js';
import type { Consumer } from '../sigma/index.js';
import { type Group, type HeldSignal, MAX_KEPT_RAW, newGroup } from './group.js';

/** What is detected so long after it happened belongs to a backlog, or to a log that is replayed. */
const OLD_AFTER_MS = 2 * 60_000;
/** A flood beyond it is counted in the order in which it came. */
const MOST_HELD = 256;
/** Of those that are held first the raw records are kept too; the group writes all of them with each that comes. */
const HELD_WITH_RAW = 16;

/**
 * While a backlog is read, signals and the firings of other correlations reach a group in no order, hours of event time in a second. So a
 * group that others feed holds what is old until all that was detected by then is here, and takes it in the order in which it happened. What
 * comes as it happens is not held: firings are there within a second of it.
 */
export function isToHold(before: Group | undefined, { detectedMs, signal }: SentSignal): boolean {
  return before?.held !== undefined || detectedMs - signal.timeMs > OLD_AFTER_MS;
}

export function hold(consumer: Consumer, before: Group | undefined, message: HeldSignal): Group {
  const group = before ?? newGroup(consumer, message);
  const { held = [] } = group;
  return { ...group, held: [...held, slim(message, held.length < HELD_WITH_RAW ? MAX_KEPT_RAW : 0)] };
}

interface Now {
  /** Progress clocks: as it is read, and as far as it has passed (`Watermarks.passedMs`). */
  readonly clockMs: number;
  readonly passedMs: number;
  /** `Rules.depths` of the group's correlation. */
  readonly steps: number;
}

/**
 * The signals that wait no longer, in the order in which they happened, and the group without them. What has waited for the firings of one
 * depth waits from now on for those of the next, which are set off by what is counted now.
 */
export function release(
  group: Group,
  { clockMs, passedMs, steps }: Now,
): { readonly ready: readonly SentSignal[]; readonly rest: Group } {
  const { held: before = [], ...bare } = group;
  const held = before.map((one) =>
    one.detectedMs <= passedMs && one.step < steps ? { ...one, detectedMs: clockMs, step: one.step + 1 } : one,
  );
  const inOrder = held.toSorted((one, other) => one.signal.timeMs - other.signal.timeMs);
  const surplus = new Set(inOrder.slice(0, Math.max(0, held.length - MOST_HELD)));
  const isReady = (one: HeldSignal): boolean => one.detectedMs <= passedMs || surplus.has(one);
  const waiting = held.filter((one) => !isReady(one));
  return { ready: inOrder.filter(isReady), rest: waiting.length === 0 ? bare : { ...bare, held: waiting } };
}

const slim = (message: HeldSignal, mostRaw: number): HeldSignal => ({
  ...message,
  samples: message.samples.map((sample) => (sample.raw.length <= mostRaw ? sample : { ...sample, raw: '' })),
});
