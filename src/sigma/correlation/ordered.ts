import { forgetEpisodes, record } from './episodes.js';
import { type OrderedPlan } from './plan.js';
import { type GroupState, NO_FIRINGS, type Stepped } from './state.js';

const NEVER = -1;

/**
 * For each prefix of each chain the latest start it can have and when it was complete, and when each rule was last seen:
 * `numbers` is start, end, last for every rule in turn. Exact for signals in order; a late one is used where what is
 * kept allows it. One signal serves one place of a chain, also when a rule is named twice.
 */
export function stepOrdered(
  plan: OrderedPlan,
  state: GroupState,
  rule: string,
  timeMs: number,
  watermarkMs: number,
): Stepped {
  const numbers: number[] = [];
  let fired: { readonly start: number; readonly end: number; readonly size: number } | undefined;
  for (const chain of plan.chains) {
    const from = numbers.length;
    const known = state.numbers?.slice(from, from + chain.length * 3) ?? chain.flatMap(() => [NEVER, NEVER, NEVER]);
    const reached = stepChain(chain, known, rule, timeMs, plan.spanMs);
    numbers.push(...known);
    // Of chains that end together the longest says most.
    if (reached !== undefined && chain.length > (fired?.size ?? 0)) fired = { ...reached, size: chain.length };
  }
  const episodes = forgetEpisodes(state.episodes, plan.quietMs, watermarkMs);
  const next = { times: [Math.max(timeMs, state.times[0] ?? timeMs)], numbers } as const;
  if (fired === undefined) return { state: { ...next, episodes }, firings: NO_FIRINGS };
  const recorded = record(episodes, plan.quietMs, fired.end, fired.start, fired.size);
  return { state: { ...next, episodes: recorded.episodes }, firings: [recorded.firing] };
}

/** Moves one chain's numbers on; where it is now complete, from when to when it reaches. */
function stepChain(
  chain: readonly string[],
  numbers: number[],
  rule: string,
  timeMs: number,
  spanMs: number,
): { readonly start: number; readonly end: number } | undefined {
  const final = (chain.length - 1) * 3;
  const before = numbers[final + 1] ?? NEVER;
  let isFiring = false;
  for (let index = chain.length - 1; index >= 0; index--) {
    if (chain[index] !== rule) continue;
    numbers[index * 3 + 2] = Math.max(numbers[index * 3 + 2] ?? NEVER, timeMs);
    if (extend(numbers, index, timeMs, spanMs)) isFiring = carryOn(chain, spanMs, numbers, index) || isFiring;
  }
  const [start = NEVER, end = NEVER] = numbers.slice(final, final + 2);
  return isFiring && end >= before && start > end - spanMs ? { start, end } : undefined;
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
function carryOn(chain: readonly string[], spanMs: number, numbers: number[], from: number): boolean {
  let index = from;
  while (index + 1 < chain.length) {
    const last = numbers[(index + 1) * 3 + 2] ?? NEVER;
    const isSame = chain[index + 1] === chain[index];
    if (last < (numbers[index * 3 + 1] ?? NEVER) || isSame || !extend(numbers, index + 1, last, spanMs)) return false;
    index++;
  }
  return true;
}
