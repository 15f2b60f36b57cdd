import { holds } from '../condition/condition.js';
import { isMetBy } from './alternatives.js';
import { placeOf } from './count.js';
import { forgetEpisodes, record } from './episodes.js';
import { isWithin, measure, MAX_MEASURED } from './measure.js';
import { type ClosingPlan } from './plan.js';
import { type Firing, type GroupState, NO_FIRINGS, type Stepped } from './state.js';

interface Entries {
  readonly times: readonly number[];
  readonly values: readonly string[];
  readonly numbers: readonly number[];
}

/**
 * Puts a signal into the windows that wait for their end: the first signal opens one of the span's length, the first
 * after it opens the next. Of one window no more is kept than can change what it decides.
 */
export function stepClosing(
  plan: ClosingPlan,
  state: GroupState,
  signal: { readonly timeMs: number; readonly value: string; readonly number: number },
  watermarkMs: number,
): Stepped {
  const closed = closeWindows(plan, state, watermarkMs);
  const entries = insert(plan, entriesOf(closed.state), signal);
  return { state: { ...entries, episodes: closed.state.episodes }, firings: closed.firings };
}

function entriesOf({ times, values = [], numbers = [] }: GroupState): Entries {
  return { times, values, numbers };
}

function insert(
  plan: ClosingPlan,
  entries: Entries,
  { timeMs, value, number }: { readonly timeMs: number; readonly value: string; readonly number: number },
): Entries {
  const [from, to] = windowAround(entries.times, timeMs, plan.spanMs);
  if (plan.alternatives !== undefined) return insertInSequence(plan, entries, { timeMs, value }, [from, to]);
  const isDistinct = plan.of === 'values' || plan.of === 'rules';
  if (isDistinct && entries.values.slice(from, to).includes(value)) return entries;
  if (to - from >= plan.saturation || entries.times.length >= 4 * MAX_MEASURED + plan.saturation) return entries;
  const at = placeOf(entries.times, timeMs);
  const isMeasured = plan.of === 'sum' || plan.of === 'average' || plan.of === 'percentile';
  return {
    times: entries.times.toSpliced(at, 0, timeMs),
    values: isDistinct ? entries.values.toSpliced(at, 0, value) : entries.values,
    numbers: isMeasured ? entries.numbers.toSpliced(at, 0, number) : entries.numbers,
  };
}

/**
 * Of a sequence each change of rule counts. Where one rule comes again and again, the middle ones go: its first and last
 * ones matter most. So a sequence that goes to and fro without end may be missed, and nothing is found that was not there.
 */
function insertInSequence(
  plan: ClosingPlan,
  entries: Entries,
  { timeMs, value }: { readonly timeMs: number; readonly value: string },
  [from, to]: readonly [number, number],
): Entries {
  const at = placeOf(entries.times, timeMs);
  const times = entries.times.toSpliced(at, 0, timeMs);
  const values = entries.values.toSpliced(at, 0, value);
  const same: number[] = [];
  for (let index = from; index <= to; index++) if (values[index] === value) same.push(index);
  const surplus = same.length > plan.saturation ? same[same.length >> 1] : undefined;
  if (surplus === undefined) return { ...entries, times, values };
  return { ...entries, times: times.toSpliced(surplus, 1), values: values.toSpliced(surplus, 1) };
}

/** The entries of the window, as it stands, that the time would fall into. */
function windowAround(times: readonly number[], timeMs: number, spanMs: number): readonly [number, number] {
  let from = 0;
  while (from < times.length && (times[from] ?? 0) + spanMs <= timeMs) {
    from = placeOf(times, (times[from] ?? 0) + spanMs - 1);
  }
  const opened = Math.min(times[from] ?? timeMs, timeMs);
  return [from, placeOf(times, opened + spanMs - 1)];
}

/** Decides every window that ended by the watermark, in order. A firing has the time of the window's end. */
export function closeWindows(plan: ClosingPlan, state: GroupState, watermarkMs: number): Stepped {
  let { times, values, numbers } = entriesOf(state);
  let { episodes } = state;
  const firings: Firing[] = [];
  for (let [opened] = times; opened !== undefined && opened + plan.spanMs <= watermarkMs; [opened] = times) {
    const end = opened + plan.spanMs;
    const size = placeOf(times, end - 1);
    const held = values.slice(0, size);
    if (isMet(plan, times.slice(0, size), held, numbers.slice(0, size))) {
      const matches = plan.alternatives === undefined ? size : new Set(held).size;
      const recorded = record(episodes, plan.quietMs, end, opened, matches);
      episodes = recorded.episodes;
      firings.push(recorded.firing);
    }
    times = times.slice(size);
    values = values.slice(size);
    numbers = numbers.slice(size);
  }
  episodes = forgetEpisodes(episodes, plan.quietMs, watermarkMs);
  return { state: { times, values, numbers, episodes }, firings: firings.length === 0 ? NO_FIRINGS : firings };
}

function isMet(
  plan: ClosingPlan,
  times: readonly number[],
  values: readonly string[],
  numbers: readonly number[],
): boolean {
  if (plan.alternatives !== undefined) return plan.alternatives.some((way) => isMetBy(way, times, values));
  if (plan.expression !== undefined) return holds(plan.expression, new Set(values));
  const isCounting = plan.of === 'signals' || plan.of === 'values' || plan.of === 'rules';
  const value = isCounting ? times.length : measure(plan.of, plan.percentile, numbers);
  return plan.bounds.every((bound) => isWithin(value, bound));
}
