import { ANY, DASH, fold, type Tokens } from '../modifiers/sigma-string.js';
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
  const values = item.values.map((tests) => joinAny(tests.map((test) => guardOfTest(test, slot))));
  return item.linking === 'all' ? joinAll(values) : joinAny(values);
}

/** What holds of an absent field alone or among others does not hold only where the field is present. */
function guardOfNegatedItem({ field, linking, values }: Item, fields: Fields): Guard | undefined {
  if (field === undefined) return undefined;
  const holdsOfAbsent = (tests: readonly ValueTest[]): boolean =>
    tests.some((test) => test.kind === 'null' || (test.kind === 'exists' && !test.expected));
  const isHeld = linking === 'all' ? values.every(holdsOfAbsent) : values.some(holdsOfAbsent);
  return isHeld ? present(fields.slotOf(field)) : undefined;
}

function guardOfTest(test: ValueTest, slot: number): Guard | undefined {
  switch (test.kind) {
    case 'text':
      return guardOfText(test.tokens, slot);
    case 'regex': {
      const { literals } = test.regex;
      if (literals === undefined) return present(slot);
      return joinAny(literals.map((literal) => guardOfLiteral({ slot, place: 'inside', literal: fold(literal) })));
    }
    case 'exists':
      return test.expected ? present(slot) : undefined;
    case 'compare':
    case 'cidr':
    case 'field':
      return present(slot);
    case 'null':
      return undefined;
  }
}

function present(slot: number): Guard | undefined {
  return slot === KEYWORD_SLOT ? undefined : { terms: [{ slot, place: 'present', literal: '' }], cost: PRESENCE_COST };
}

const PRESENCE_COST = 0.5;

/** The rarest literal stretch of a pattern, at the place it must stand. */
function guardOfText(tokens: Tokens, slot: number): Guard | undefined {
  const isAnywhere = slot === KEYWORD_SLOT;
  // An empty keyword stands in every value.
  if (tokens.length === 0) return isAnywhere ? undefined : guardOfLiteral({ slot, place: 'whole', literal: '' });
  const guards = tokens.map((token, index) => {
    if (typeof token !== 'string') return undefined;
    const isFirst = index === 0 && !isAnywhere;
    const isLast = index === tokens.length - 1 && !isAnywhere;
    const place = isFirst && isLast ? 'whole' : isFirst ? 'start' : isLast ? 'end' : 'inside';
    return guardOfLiteral({ slot, place, literal: fold(token) });
  });
  const best = joinAll(guards);
  if (best !== undefined) return best;
  return tokens.some((token) => token !== ANY && token !== DASH) || !isAnywhere ? present(slot) : undefined;
}

function guardOfLiteral(term: GuardTerm): Guard {
  return { terms: [shortened(term)], cost: commonness(term.literal, term.place) };
}

/** Longer literals make the tables larger without guarding better (UTF-16 units). */
const LONGEST = 40;

/** A part of the literal, at a place where it must stand: still a necessary condition, and quicker to look for. */
function shortened(term: GuardTerm): GuardTerm {
  const { literal, place } = term;
  if (literal.length <= LONGEST) return term;
  if (place === 'start' || place === 'inside') return { ...term, literal: literal.slice(0, LONGEST) };
  // Values that are long are mostly paths and addresses, whose ends tell them apart.
  return { ...term, place: 'end', literal: literal.slice(-LONGEST) };
}
