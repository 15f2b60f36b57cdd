import { fold, type Tokens } from '../modifiers/sigma-string.js';
import { type Detection, type Item, type ValueTest } from '../modifiers/value-test.js';
import { type Fields } from './fields.js';
import { commonness, type LiteralPlace } from './commonness.js';

/** Stands for "any field" in a guard term. */
export const KEYWORD_SLOT = -1;

/**
 * One thing to look for in an event: a literal at a place of a field's value (`whole`, `start`, `end`, anywhere), or
 * the field at all. Literals are folded.
 */
export interface GuardTerm {
  readonly slot: number;
  readonly place: LiteralPlace;
  readonly literal: string;
}

/**
 * The rule cannot match unless at least one of the terms is in the event. `cost` guesses, from 0 to 1 and beyond, how
 * many of all events hold one; of several guards that a rule could have the cheapest is taken.
 */
export interface Guard {
  readonly terms: readonly GuardTerm[];
  readonly cost: number;
}

/** Each operand has to hold, so that the rarest guard guards them all. */
export function joinAll(guards: readonly (Guard | undefined)[]): Guard | undefined {
  let best: Guard | undefined;
  for (const guard of guards) if (guard !== undefined && (best === undefined || guard.cost < best.cost)) best = guard;
  return best;
}

/** One operand is enough, so that every one needs its guard. */
export function joinAny(guards: readonly (Guard | undefined)[]): Guard | undefined {
  const terms: GuardTerm[] = [];
  let cost = 0;
  for (const guard of guards) {
    if (guard === undefined) return undefined;
    for (const term of guard.terms) terms.push(term);
    cost += guard.cost;
  }
  return { terms, cost };
}

export function guardOfDetection(detection: Detection, fields: Fields): Guard | undefined {
  if (detection.kind === 'item') return guardOfItem(detection, fields);
  if (detection.kind === 'elements') {
    const needsOne = detection.quantifier === 'any' || detection.quantifier === 'all';
    return needsOne ? present(fields.slotOf(detection.field)) : undefined;
  }
  const guards = detection.operands.map((operand) => guardOfDetection(operand, fields));
  return detection.kind === 'and' ? joinAll(guards) : joinAny(guards);
}

/** As `guardOfDetection`, for the detection not to hold. */
export function guardOfNegation(detection: Detection, fields: Fields): Guard | undefined {
  if (detection.kind === 'item') return guardOfItem({ ...detection, negated: !detection.negated }, fields);
  if (detection.kind === 'elements') return undefined;
  const guards = detection.operands.map((operand) => guardOfNegation(operand, fields));
  return detection.kind === 'and' ? joinAny(guards) : joinAll(guards);
}

function guardOfItem(item: Item, fields: Fields): Guard | undefined {
  if (item.negated) return guardOfNegatedItem(item, fields);
  const slot = item.field === undefined ? KEYWORD_SLOT : fields.slotOf(item.field);
  if (item.linking === 'any') return guardOfValues(item.values, slot);
  return joinAll(item.values.map((tests) => guardOfValues([tests], slot)));
}

/** Any of the values is enough, as is any of what one stands for. */
function guardOfValues(values: Item['values'], slot: number): Guard | undefined {
  const terms: GuardTerm[] = [];
  let cost = 0;
  for (const tests of values) {
    for (const test of tests) {
      const added = addTermsOf(test, slot, terms);
      if (added === undefined) return undefined;
      cost += added;
    }
  }
  return { terms, cost };
}

/** What holds of an absent field alone or among others does not hold only where the field is present. */
function guardOfNegatedItem({ field, linking, values }: Item, fields: Fields): Guard | undefined {
  if (field === undefined) return undefined;
  const holdsOfAbsent = (tests: readonly ValueTest[]): boolean =>
    tests.some((test) => test.kind === 'null' || (test.kind === 'exists' && !test.expected));
  const isHeld = linking === 'all' ? values.every(holdsOfAbsent) : values.some(holdsOfAbsent);
  return isHeld ? present(fields.slotOf(field)) : undefined;
}

/** Adds what has to be there for the test to hold, and gives its cost; undefined when nothing has to. */
function addTermsOf(test: ValueTest, slot: number, terms: GuardTerm[]): number | undefined {
  switch (test.kind) {
    case 'text':
      return addTermOfText(test.tokens, slot, terms);
    case 'regex': {
      const [literals] = test.regex.required;
      if (literals === undefined) return addPresence(slot, terms);
      return literals.reduce((cost, literal) => cost + addLiteral(slot, 'inside', fold(literal), terms), 0);
    }
    case 'exists':
      return test.expected ? addPresence(slot, terms) : undefined;
    case 'compare':
    case 'cidr':
    case 'field':
      return addPresence(slot, terms);
    case 'null':
      return undefined;
  }
}

function present(slot: number): Guard | undefined {
  const terms: GuardTerm[] = [];
  const cost = addPresence(slot, terms);
  return cost === undefined ? undefined : { terms, cost };
}

function addPresence(slot: number, terms: GuardTerm[]): number | undefined {
  if (slot === KEYWORD_SLOT) return undefined;
  terms.push({ slot, place: 'present', literal: '' });
  return PRESENCE_COST;
}

const PRESENCE_COST = 0.5;

/** Adds the rarest literal stretch of a pattern, at the place it must stand. */
function addTermOfText(tokens: Tokens, slot: number, terms: GuardTerm[]): number | undefined {
  const isAnywhere = slot === KEYWORD_SLOT;
  // An empty keyword stands in every value.
  if (tokens.length === 0) return isAnywhere ? undefined : addLiteral(slot, 'whole', '', terms);
  let best: { readonly literal: string; readonly place: LiteralPlace; readonly cost: number } | undefined;
  for (const [index, token] of tokens.entries()) {
    if (typeof token !== 'string') continue;
    const place = isAnywhere ? 'inside' : placeOf(index, tokens.length);
    const literal = fold(token);
    const cost = commonness(literal, place);
    if (best === undefined || cost < best.cost) best = { literal, place, cost };
  }
  if (best !== undefined) {
    terms.push(shortened(slot, best.place, best.literal));
    return best.cost;
  }
  return addPresence(slot, terms);
}

function placeOf(index: number, count: number): LiteralPlace {
  if (index === 0) return count === 1 ? 'whole' : 'start';
  return index === count - 1 ? 'end' : 'inside';
}

function addLiteral(slot: number, place: LiteralPlace, literal: string, terms: GuardTerm[]): number {
  terms.push(shortened(slot, place, literal));
  return commonness(literal, place);
}

/** Longer literals make the tables larger without guarding better (UTF-16 units). */
const LONGEST = 40;

/** A part of the literal, at a place where it must stand: still a necessary condition, and quicker to look for. */
function shortened(slot: number, place: LiteralPlace, literal: string): GuardTerm {
  if (literal.length <= LONGEST) return { slot, place, literal };
  if (place === 'start' || place === 'inside') return { slot, place, literal: literal.slice(0, LONGEST) };
  // Values that are long are mostly paths and addresses, whose ends tell them apart.
  return { slot, place: 'end', literal: literal.slice(-LONGEST) };
}
