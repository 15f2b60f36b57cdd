import { compares, numberOf } from '../compile/item.js';
import { contains, parseAddress, parseNetwork } from '../modifiers/cidr.js';
import { ANY, literalOf, normalise } from '../modifiers/sigma-string.js';
import { type ValueTest } from '../modifiers/value-test.js';
import { type CompiledRegex } from '../regex/compile.js';
import { areApart, type Pattern, takesAll } from './pattern.js';

type Compare = Extract<ValueTest, { kind: 'compare' }>;

/** Whether a value that meets `special` meets `general` as well; false also where that cannot be told. */
export function isImplied(general: ValueTest, special: ValueTest): boolean {
  if (general.kind === 'exists') return general.expected ? isPresence(special) : isAbsence(special);
  switch (special.kind) {
    case 'text':
      return isImpliedByText(general, special);
    case 'compare':
      return (
        general.kind === 'compare' && general.part === special.part && isWithin(rangeOf(special), rangeOf(general))
      );
    case 'cidr':
      return general.kind === 'cidr' && isNetworkWithin(special.network, general.network);
    case 'regex':
      return isImpliedByRegex(general, special.regex);
    case 'field': {
      if (general.kind !== 'field' || general.other !== special.other) return false;
      return general.shape === special.shape && (general.cased === special.cased || special.cased);
    }
    case 'null':
      return general.kind === 'null';
    case 'exists':
      return general.kind === 'null' && !special.expected;
  }
}

function isPresence(test: ValueTest): boolean {
  return test.kind === 'exists' ? test.expected : test.kind !== 'null';
}

function isAbsence(test: ValueTest): boolean {
  return test.kind === 'exists' && !test.expected;
}

function isImpliedByText(general: ValueTest, special: Extract<ValueTest, { kind: 'text' }>): boolean {
  if (general.kind === 'text') return takesAll(general, special);
  const literal = literalOf(special.tokens);
  if (literal === undefined) return false;
  if (general.kind === 'compare' && general.part === undefined) return isNumberWithin(literal, general);
  if (general.kind === 'cidr') return isAddressWithin(literal, general.network);
  return general.kind === 'regex' && isOneText(special, literal) && general.regex.test(literal);
}

/** Whether the literal is the only text that the test takes: it has no letters, or is told by case. */
function isOneText({ cased }: Extract<ValueTest, { kind: 'text' }>, literal: string): boolean {
  return cased || literal.toLowerCase() === literal.toUpperCase();
}

/** The same expression; or a text that any of the literals makes sure of, without which the expression cannot match. */
function isImpliedByRegex(general: ValueTest, special: CompiledRegex): boolean {
  if (general.kind === 'regex') return general.regex.source === special.source;
  return (
    general.kind === 'text' &&
    patternsOf(special).some((patterns) => patterns.every((pattern) => takesAll(general, pattern)))
  );
}

/** Sets of patterns, of each of which a text that matches is one. */
function patternsOf({ required, source }: CompiledRegex): readonly (readonly Pattern[])[] {
  // Who ignores case takes the long s (U+017F) for an s, which the folding of texts does not.
  const isFolding = /\(\?[a-z]*i|i[a-z]*$/.test(source);
  const known = required.filter((literals) => !isFolding || !literals.some((literal) => literal.includes('s')));
  return known.map((literals) => literals.map((literal) => ({ tokens: normalise([ANY, literal, ANY]), cased: false })));
}

function isNumberWithin(literal: string, { operator, value }: Compare): boolean {
  const number = numberOf(literal);
  return number !== undefined && compares(number, operator, value);
}

function isAddressWithin(literal: string, network: string): boolean {
  const [address, within] = [parseAddress(literal), parseNetwork(network)];
  return address !== undefined && within !== undefined && contains(within, address);
}

function isNetworkWithin(special: string, general: string): boolean {
  const [inner, outer] = [parseNetwork(special), parseNetwork(general)];
  if (inner === undefined || outer === undefined) return false;
  return inner.prefix >= outer.prefix && contains(outer, inner.address);
}

/** Numbers between the bounds; those themselves only where `isOpen…` is false. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly isOpenFrom: boolean;
  readonly isOpenTo: boolean;
}

function rangeOf({ operator, value }: Compare): Range {
  const isUpper = operator === 'lt' || operator === 'lte';
  const isLower = operator === 'gt' || operator === 'gte';
  return {
    from: isUpper ? -Infinity : value,
    to: isLower ? Infinity : value,
    isOpenFrom: operator === 'gt',
    isOpenTo: operator === 'lt',
  };
}

function isWithin(inner: Range, outer: Range): boolean {
  const isAbove = inner.from > outer.from || (inner.from === outer.from && (!outer.isOpenFrom || inner.isOpenFrom));
  const isBelow = inner.to < outer.to || (inner.to === outer.to && (!outer.isOpenTo || inner.isOpenTo));
  return isAbove && isBelow;
}

/** The least and the most that a part of a date can be. */
const PARTS = { minute: [0, 59], hour: [0, 23], day: [1, 31], week: [1, 53], month: [1, 12], year: [0, 9999] } as const;

/** Whether no value at all meets the test: a month 13. */
export function isNever(test: ValueTest): boolean {
  if (test.kind !== 'compare' || test.part === undefined) return false;
  const [least, most] = PARTS[test.part];
  return isRangeApart(rangeOf(test), { from: least, to: most, isOpenFrom: false, isOpenTo: false });
}

function isRangeApart(left: Range, right: Range): boolean {
  const isBefore = (a: Range, b: Range): boolean => a.to < b.from || (a.to === b.from && (a.isOpenTo || b.isOpenFrom));
  return isBefore(left, right) || isBefore(right, left);
}

/** Whether no single value meets both tests; false also where that cannot be told. */
export function excludes(left: ValueTest, right: ValueTest): boolean {
  if (left.kind === 'text' && right.kind === 'text') return areApart(left, right);
  if (left.kind === 'compare' && right.kind === 'compare') {
    return left.part === right.part && isRangeApart(rangeOf(left), rangeOf(right));
  }
  if (left.kind === 'cidr' && right.kind === 'cidr') {
    return !isNetworkWithin(left.network, right.network) && !isNetworkWithin(right.network, left.network);
  }
  if (left.kind === 'null') return right.kind !== 'null' && !isAbsence(right);
  if (right.kind === 'null') return !isAbsence(left);
  if (left.kind === 'exists') return left.expected ? isAbsence(right) : isPresence(right);
  if (right.kind === 'exists') return right.expected ? isAbsence(left) : isPresence(left);
  return excludesText(left, right) || excludesText(right, left);
}

/** A text that no expression's literal stands in; one without wildcards that is no such number, address, or match. */
function excludesText(text: ValueTest, other: ValueTest): boolean {
  if (text.kind !== 'text') return false;
  if (
    other.kind === 'regex' &&
    patternsOf(other.regex).some((set) => set.every((pattern) => areApart(text, pattern)))
  ) {
    return true;
  }
  const literal = literalOf(text.tokens);
  if (literal === undefined) return false;
  if (other.kind === 'regex') return isOneText(text, literal) && !other.regex.test(literal);
  if (other.kind === 'compare') return other.part === undefined && !isNumberWithin(literal, other);
  return other.kind === 'cidr' && !isAddressWithin(literal, other.network);
}
