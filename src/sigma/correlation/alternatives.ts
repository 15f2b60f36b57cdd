import { type Resolved } from '../condition/condition.js';

/** One way for a condition over rules to hold: some that come, in the order in which they are listed, and some that do not. */
export interface Alternative {
  readonly ordered: readonly string[];
  readonly absent: readonly string[];
}

/** More ways than this make a condition dear to decide; nobody writes so many by hand. */
const MAX_ALTERNATIVES = 64;

type Ways = readonly (ReadonlyMap<string, boolean> | undefined)[];

/**
 * Spells a condition out as ways for it to hold, each with its rules in the order of `rules`; contradictory ways are
 * left out. Undefined when there are too many.
 */
export function alternativesOf(condition: Resolved, rules: readonly string[]): readonly Alternative[] | undefined {
  const ways = waysOf(condition, true);
  if (ways === undefined) return undefined;
  const listed = [...new Set(rules)];
  const alternatives = ways.map((way) => ({
    ordered: listed.filter((rule) => way.get(rule) === true),
    absent: listed.filter((rule) => way.get(rule) === false),
  }));
  const distinct = new Map(alternatives.map((alternative) => [JSON.stringify(alternative), alternative]));
  return [...distinct.values()];
}

/** The disjunctive form, a map of what has to come (true) or stay away (false) for each way. */
function waysOf(condition: Resolved, expected: boolean): readonly ReadonlyMap<string, boolean>[] | undefined {
  if (condition.kind === 'selection') return [new Map([[condition.name, expected]])];
  if (condition.kind === 'not') return waysOf(condition.operand, !expected);
  const isJoint = (condition.kind === 'and') === expected;
  let ways: readonly ReadonlyMap<string, boolean>[] = isJoint ? [new Map<string, boolean>()] : [];
  for (const operand of condition.operands) {
    const more = waysOf(operand, expected);
    if (more === undefined) return undefined;
    ways = isJoint ? present(ways.flatMap((left) => more.map((right) => joined(left, right)))) : [...ways, ...more];
    if (ways.length > MAX_ALTERNATIVES) return undefined;
  }
  return ways;
}

function present(ways: Ways): readonly ReadonlyMap<string, boolean>[] {
  return ways.filter((way) => way !== undefined);
}

/** Both ways at once; undefined when one needs what the other forbids. */
function joined(
  left: ReadonlyMap<string, boolean>,
  right: ReadonlyMap<string, boolean>,
): ReadonlyMap<string, boolean> | undefined {
  for (const [rule, expected] of right) if (left.get(rule) === !expected) return undefined;
  return new Map([...left, ...right]);
}

/** Whether the signals of a window, in order of time, make an alternative hold; equal times count as in order. */
export function isMetBy({ ordered, absent }: Alternative, times: readonly number[], rules: readonly string[]): boolean {
  if (absent.some((rule) => rules.includes(rule))) return false;
  let since = -Infinity;
  for (const wanted of ordered) {
    const next = times.find((time, index) => rules[index] === wanted && time >= since);
    if (next === undefined) return false;
    since = next;
  }
  return true;
}
