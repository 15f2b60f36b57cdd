import {
  MOST_SORTED,
  ROUTE_CANDIDATES,
  ROUTE_COUNT,
  ROUTE_EPOCH,
  ROUTE_RULES,
  ROUTE_SEEN,
  ROUTE_UNGUARDED,
} from '../match/layout';

/** The route whose rules are being gathered. */
let route: usize = 0;
let seen: usize = 0;
let list: usize = 0;
let count: i32 = 0;
let epoch: i32 = 0;

/** Begins a new event: no candidates but the rules that nothing guards. */
export function beginCandidates(ofRoute: usize): void {
  route = ofRoute;
  seen = load<usize>(ofRoute, ROUTE_SEEN);
  list = load<usize>(ofRoute, ROUTE_CANDIDATES);
  epoch = load<i32>(ofRoute, ROUTE_EPOCH) + 1;
  // After 2^32 events the marks of long ago would count again.
  if (epoch === 0) memory.fill(seen, 0xff, (<usize>load<i32>(ofRoute, ROUTE_RULES)) << 2);
  store<i32>(ofRoute, epoch, ROUTE_EPOCH);
  count = 0;
  addCandidates(load<usize>(ofRoute, ROUTE_UNGUARDED));
}

/** Adds a list of rules; 0 is an empty one. */
export function addCandidates(rules: usize): void {
  if (rules === 0) return;
  const end = rules + 4 + ((<usize>load<i32>(rules)) << 2);
  for (let at = rules + 4; at < end; at += 4) addCandidate(load<i32>(at));
}

export function isCandidate(rule: i32): bool {
  return load<i32>(seen + ((<usize>rule) << 2)) === epoch;
}

/** Each rule is listed once. */
export function addCandidate(rule: i32): void {
  const mark = seen + ((<usize>rule) << 2);
  if (load<i32>(mark) === epoch) return;
  store<i32>(mark, epoch);
  store<i32>(list + ((<usize>count) << 2), rule);
  count++;
}

export function hasCandidates(): bool {
  return count > 0;
}

/** Puts the rules into load order, where they are few, and tells how many there are. */
export function endCandidates(): i32 {
  store<i32>(route, count, ROUTE_COUNT);
  if (count > MOST_SORTED) return count;
  const end = list + ((<usize>count) << 2);
  for (let at = list + 4; at < end; at += 4) {
    const rule = load<i32>(at);
    let to = at;
    for (; to > list && load<i32>(to - 4) > rule; to -= 4) store<i32>(to, load<i32>(to - 4));
    store<i32>(to, rule);
  }
  return count;
}
