import { type CompiledRegex } from '../regex/compile.js';
import { networkKey, parseAddress, parseNetwork } from '../modifiers/cidr.js';
import { ANY, fold, literalOf, normalise, type Tokens } from '../modifiers/sigma-string.js';
import { type FieldShape, type Item, type Operator, type ValueTest } from '../modifiers/value-test.js';
import { type Cuts } from './cuts.js';
import { type Fields } from './fields.js';
import { holdsAny } from './holds-any.js';

import { MAX_PATTERN_TEXT } from './limits.js';
import { type CellTest, compileText } from './text.js';
import { timePartOf } from './time-part.js';
import { ABSENT, type Cell, type EventView, MANY, NULL, TEXT } from './view.js';

/** Decides over an event. */
export type EventTest = (view: EventView) => boolean;

/** Compiles one item of a selection. */
export function compileItem(item: Item, fields: Fields): EventTest {
  const test =
    item.field === undefined
      ? compileKeywords(item, fields.cuts)
      : compileField(item, fields.slotOf(item.field), fields);
  return item.negated ? (view) => !test(view) : test;
}

function compileKeywords(item: Item, cuts: Cuts): EventTest {
  if (item.linking === 'any') {
    const test = compileAlternatives(item.values.flat().map(asKeyword), inAnyText, cuts);
    return (view) => view.someText(test);
  }
  const tests = item.values.map((value) => compileAlternatives(value.map(asKeyword), inAnyText, cuts));
  return (view) => tests.every((test) => view.someText(test));
}

/** A keyword may stand anywhere in a value. */
function asKeyword(test: ValueTest): ValueTest {
  return test.kind === 'text' ? { ...test, tokens: normalise([ANY, ...test.tokens, ANY]) } : test;
}

function compileField(item: Item, slot: number, fields: Fields): EventTest {
  const special = item.values[0]?.[0];
  if (special?.kind === 'null') return (view) => isNull(view.cell(slot));
  if (special?.kind === 'exists') {
    const { expected } = special;
    return (view) => (view.cell(slot).kind !== ABSENT) === expected;
  }
  const isReferring = item.values.some((value) => value.some((test) => test.kind === 'field'));
  if (isReferring) return compileReferences(item, slot, fields);
  const sought = fields.soughtIn(slot);
  const seek: Seek = (literals) => sought.holdsAny(literals);
  if (item.linking === 'any') {
    const test = compileAlternatives(item.values.flat(), seek, fields.cuts);
    return (view) => holdsFor(view.cell(slot), test);
  }
  const tests = item.values.map((value) => compileAlternatives(value, seek, fields.cuts));
  return (view) => {
    const cell = view.cell(slot);
    for (const test of tests) if (!holdsFor(cell, test)) return false;
    return true;
  };
}

function isNull(cell: Cell): boolean {
  return cell.kind <= NULL || (cell.kind === MANY && cell.elements.some((element) => element.kind === NULL));
}

function holdsFor(cell: Cell, test: CellTest): boolean {
  if (cell.kind === TEXT) return test(cell);
  if (cell.kind !== MANY) return false;
  for (const element of cell.elements) if (element.kind === TEXT && test(element)) return true;
  return false;
}

/** Makes a test for whether a text holds any of some folded literals. */
type Seek = (literals: readonly string[]) => CellTest;

function inAnyText(literals: readonly string[]): CellTest {
  const holds = holdsAny(literals);
  return (cell) => holds(cell.folded);
}

/** From this many plain values on, a hash is quicker than one comparison after the other. */
const HASHED_VALUES = 4;

function compileAlternatives(tests: readonly ValueTest[], seek: Seek, cuts: Cuts): CellTest {
  const plain = new Set<string>();
  const contained = new Set<string>();
  const others = [...compileNetworks(tests), ...compileComparisons(tests)];
  for (const test of tests) {
    if (test.kind === 'cidr' || test.kind === 'compare') continue;
    const tokens = test.kind === 'text' && !test.cased ? test.tokens : [];
    const literal = test.kind === 'text' && !test.cased ? literalOf(tokens) : undefined;
    const inner = literalWithin(tokens);
    if (literal !== undefined) plain.add(fold(literal));
    else if (inner !== undefined) contained.add(fold(inner));
    else others.push(compileScalar(test, seek, cuts));
  }
  if (contained.size > 0) {
    // What a list of literals can say it says for a fraction of what the expressions beside it take.
    others.unshift(seek([...contained]));
  }
  if (plain.size >= HASHED_VALUES) return anyOf([(cell) => plain.has(cell.folded), ...others]);
  const exact = [...plain].map((literal) => compileText(literal === '' ? [] : [literal], false, cuts));
  return anyOf([...exact, ...others]);
}

/** The literal that a text has to contain, when that is all the tokens ask for. */
function literalWithin([first, inner, last, ...more]: Tokens): string | undefined {
  return first === ANY && typeof inner === 'string' && last === ANY && more.length === 0 ? inner : undefined;
}

function anyOf(tests: readonly CellTest[]): CellTest {
  const [first, second] = tests;
  if (first !== undefined && tests.length === 1) return first;
  if (first !== undefined && second !== undefined && tests.length === 2) return (cell) => first(cell) || second(cell);
  return (cell) => {
    for (const test of tests) if (test(cell)) return true;
    return false;
  };
}

function compileScalar(test: ValueTest, seek: Seek, cuts: Cuts): CellTest {
  switch (test.kind) {
    case 'text':
      return compileText(test.tokens, test.cased, cuts);
    case 'regex':
      return compileRegex(test.regex, seek, cuts);
    case 'compare':
    case 'cidr':
      return anyOf([...compileNetworks([test]), ...compileComparisons([test])]);
    case 'null':
    case 'exists':
    case 'field':
      return () => false;
  }
}

/** Expressions that ignore case take it for an s; lower case leaves it as it is. */
const LONG_S = '\u017f';

/** A regular expression runs only over texts that hold, of each set, one of the literals that it cannot match without. */
function compileRegex({ required, longest, test }: CompiledRegex, seek: Seek, cuts: Cuts): CellTest {
  const limit = Math.min(MAX_PATTERN_TEXT, longest);
  const runs: CellTest = (cell) => test(cuts.apply(cell.text, limit));
  const [first, ...more] = required.map((literals) => seek([...distinct(literals.map(fold)), LONG_S]));
  if (first === undefined) return runs;
  if (more.length === 0) return (cell) => first(cell) && runs(cell);
  return (cell) => first(cell) && more.every((holds) => holds(cell)) && runs(cell);
}

/** Without those that hold another. */
const distinct = (literals: readonly string[]): readonly string[] =>
  [...new Set(literals)].filter(
    (literal, _, all) => !all.some((other) => other !== literal && literal.includes(other)),
  );

/** One test for all networks: an address is read once, however many there are. */
function compileNetworks(tests: readonly ValueTest[]): readonly CellTest[] {
  const networks = tests.flatMap((test) => (test.kind === 'cidr' ? (parseNetwork(test.network) ?? []) : []));
  if (networks.length === 0) return [];
  const byPrefix = Map.groupBy(networks, ({ prefix }) => prefix);
  const starts = [...byPrefix].map(([prefix, those]) => ({
    prefix,
    known: new Set(those.map(({ address }) => networkKey(address, prefix))),
  }));
  return [
    (cell) => {
      const address = parseAddress(cell.text);
      return address !== undefined && starts.some(({ prefix, known }) => known.has(networkKey(address, prefix)));
    },
  ];
}

/** One test for all comparisons with the same part of a value, which is read once. */
function compileComparisons(tests: readonly ValueTest[]): readonly CellTest[] {
  const comparisons = tests.filter((test) => test.kind === 'compare');
  return [...Map.groupBy(comparisons, ({ part }) => part)].map(([part, those]) => (cell: Cell) => {
    const number = part === undefined ? numberOf(cell.text) : timePartOf(cell.text, part);
    return number !== undefined && those.some(({ operator, value }) => compares(number, operator, value));
  });
}

/** The number a text is, in decimal; undefined for anything else. */
export function numberOf(text: string): number | undefined {
  if (text.length > 64 || !/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

export function compares(left: number, operator: Operator, right: number): boolean {
  switch (operator) {
    case 'lt':
      return left < right;
    case 'lte':
      return left <= right;
    case 'gt':
      return left > right;
    case 'gte':
      return left >= right;
    case 'eq':
      return left === right;
  }
}

function compileReferences(item: Item, slot: number, fields: Fields): EventTest {
  const tests = item.values.map((value) => {
    const references = value.filter((test) => test.kind === 'field');
    const compiled = references.map((test) => ({
      other: fields.slotOf(test.other),
      relates: relation(test, fields.cuts),
    }));
    return (view: EventView) => compiled.some(({ other, relates }) => relates(view.cell(slot), view.cell(other)));
  });
  return item.linking === 'any'
    ? (view) => tests.some((test) => test(view))
    : (view) => tests.every((test) => test(view));
}

/** Of arrays, parts of whose elements are compared each with each, no more are than this. */
const MAX_COMPARED = 256;

function relation(
  { shape, cased }: Extract<ValueTest, { kind: 'field' }>,
  cuts: Cuts,
): (left: Cell, right: Cell) => boolean {
  const of = (cell: Cell): string => (cased ? cell.text : cell.folded);
  const relates = RELATIONS[shape];
  return (left, right) => {
    if (left.kind === TEXT && right.kind === TEXT) return relates(of(left), of(right));
    const [ours, theirs] = [textsIn(left).map(of), textsIn(right).map(of)];
    if (shape === 'whole') {
      const known = new Set(theirs);
      return ours.some((text) => known.has(text));
    }
    const wanted = cuts.some(theirs, MAX_COMPARED);
    return cuts.some(ours, MAX_COMPARED).some((text) => wanted.some((other) => relates(text, other)));
  };
}

function textsIn(cell: Cell): readonly Cell[] {
  return cell.kind === TEXT ? [cell] : cell.elements.filter(({ kind }) => kind === TEXT);
}

const RELATIONS: Readonly<Record<FieldShape, (text: string, other: string) => boolean>> = {
  whole: (text, other) => text === other,
  contains: (text, other) => text.includes(other),
  startswith: (text, other) => text.startsWith(other),
  endswith: (text, other) => text.endsWith(other),
};
