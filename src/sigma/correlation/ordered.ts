import { forgetEpisodes, record } from './episodes.js';
import { type OrderedPlan } from './plan.js';
import { type GroupState, NO_FIRINGS, type Stepped } from './state.js';

const NEVER = -1;

/**
 * For each prefix of the rules the latest start it can have and when it was complete, and when each rule was last seen:
 * `numbers` is start, end, last for every rule in turn. Exact for signals in order; a late one is used where what is
 * kept allows it. One signal serves one place, also when a rule is named twice.
 */
export function stepOrdered(
  plan: OrderedPlan,
  state: GroupState,
  rule: string,
  timeMs: number,
  watermarkMs: number,
): Stepped {
  const numbers = [...(state.numbers ?? plan.rules.flatMap(() => [NEVER, NEVER, NEVER]))];
  const episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const final = (plan.rules.length - 1) * 3;
  const before = numbers[final + 1] ?? NEVER;
  let isFiring = false;
  for (let index = plan.rules.length - 1; index >= 0; index--) {
    if (plan.rules[index] !== rule) continue;
    numbers[index * 3 + 2] = Math.max(numbers[index * 3 + 2] ?? NEVER, timeMs);
    if (extend(numbers, index, timeMs, plan.spanMs)) isFiring = carryOn(plan, numbers, index) || isFiring;
  }
  const [start = NEVER, end = NEVER] = numbers.slice(final, final + 2);
  const times = [Math.max(timeMs, state.times[0] ?? timeMs)];
  const next = { v: 1, times, numbers } as const;
  if (!isFiring || end < before || start <= end - plan.spanMs)
    return { state: { ...next, episodes }, firings: NO_FIRINGS };
  const recorded = record(episodes, plan.quietMs, end, start, plan.rules.length);
  return { state: { ...next, episodes: recorded.episodes }, firings: [recorded.firing] };
}

/** Lets a signal of the rule at `index` complete the prefix that ends there; whether the prefix got newer. */
function extend(numbers: number[], index: number, timeMs: number, spanMs: number): boolean {
  const start = index === 0 ? timeMs : (numbers[index * 3 - 3] ?? NEVER);
  const ready = index === 0 ? timeMs : (numbers[index * 3 - 2] ?? NEVER);
  if (start === NEVER || ready > timeMs || start <= timeMs - spanMs) return false;
  const known = numbers[index * 3] ?? NEVER;
  if (start < known || (start === known && timeMs <= (numbers[index * 3 + 1] ?? NEVER) && index === 0)) return false;
  numbers[index * 3] = start;
  numbers[index * 3 + 1] = timeMs;
  return true;
}

/** Goes on from a prefix that got newer through signals that were seen already; whether that reaches the last rule. */
function carryOn(plan: OrderedPlan, numbers: number[], from: number): boolean {
  let index = from;
  while (index + 1 < plan.rules.length) {
    const last = numbers[(index + 1) * 3 + 2] ?? NEVER;
    const isSame = plan.rules[index + 1] === plan.rules[index];
    if (last < (numbers[index * 3 + 1] ?? NEVER) || isSame || !extend(numbers, index + 1, last, plan.spanMs))
      return false;
    index++;
  }
  return true;
}
