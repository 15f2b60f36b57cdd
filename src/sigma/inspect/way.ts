import { type Resolved } from '../condition/condition.js';
import { ANY, normalise } from '../modifiers/sigma-string.js';
import { type Detection, type ElementBlock, type Item, type ValueTest } from '../modifiers/value-test.js';
import { type DetectionText } from '../parse/detection.js';
import { excludes, isImplied, isNever } from './value.js';

/** One thing that has to hold: an item with any of its values, or a block. */
export type Held = Item | ElementBlock;

/** One way for a rule to match: all of `held`, and nothing of `refused`. */
export interface Way {
  readonly held: readonly Held[];
  readonly refused: readonly Detection[];
  /** The selections that have to hold in this way. */
  readonly selections: ReadonlySet<string>;
}

/** A rule with more ways than this is not looked into. */
const MAX_WAYS = 96;

type Ways = readonly Way[] | undefined;

const ALWAYS: Way = { held: [], refused: [], selections: new Set() };

/** The ways for all parts (a rule's detection and the filters over it) to hold; undefined when they are too many. */
export function waysOfParts(parts: readonly DetectionText[]): Ways {
  return all(parts.map(({ condition, selections }) => waysOf(condition, true, selections)));
}

/** The ways for a condition to hold, or (`expected` false) not to. */
export function waysOf(condition: Resolved, expected: boolean, selections: ReadonlyMap<string, Detection>): Ways {
  switch (condition.kind) {
    case 'selection': {
      const detection = selections.get(condition.name);
      if (detection === undefined) return [];
      if (!expected) return [{ ...ALWAYS, refused: [detection] }];
      return waysOfDetection(detection)?.map((way) => ({ ...way, selections: new Set([condition.name]) }));
    }
    case 'not':
      return waysOf(condition.operand, !expected, selections);
    case 'and':
    case 'or': {
      const operands = condition.operands.map((operand) => waysOf(operand, expected, selections));
      return (condition.kind === 'and') === expected ? all(operands) : any(operands);
    }
  }
}

/** The ways for a selection's content to hold. */
export function waysOfDetection(detection: Detection): Ways {
  if (detection.kind === 'elements') return [{ ...ALWAYS, held: [detection] }];
  if (detection.kind !== 'item') {
    const operands = detection.operands.map(waysOfDetection);
    return detection.kind === 'and' ? all(operands) : any(operands);
  }
  if (detection.negated) return [{ ...ALWAYS, refused: [{ ...detection, negated: false }] }];
  return [{ ...ALWAYS, held: singles(detection) }];
}

/** An item with `all` is as many items with one value each. */
function singles(item: Item): readonly Item[] {
  if (item.linking === 'any') return [item];
  return item.values.map((value) => ({ ...item, linking: 'any', values: [value] }));
}

function any(operands: readonly Ways[]): Ways {
  const ways: Way[] = [];
  for (const operand of operands) {
    if (operand === undefined) return undefined;
    ways.push(...operand);
  }
  return ways.length > MAX_WAYS ? undefined : ways;
}

function all(operands: readonly Ways[]): Ways {
  let ways: readonly Way[] = [ALWAYS];
  for (const operand of operands) {
    if (operand === undefined) return undefined;
    ways = ways.flatMap((left) => operand.map((right) => joined(left, right)));
    if (ways.length > MAX_WAYS) return undefined;
  }
  return ways;
}

export function joined(left: Way, right: Way): Way {
  return {
    held: [...left.held, ...right.held],
    refused: [...left.refused, ...right.refused],
    selections: new Set([...left.selections, ...right.selections]),
  };
}

/** Whether an event that goes this way meets the detection; false also where that cannot be told. */
export function implies(way: Way, detection: Detection): boolean {
  switch (detection.kind) {
    case 'and':
      return detection.operands.every((operand) => implies(way, operand));
    case 'or':
      return detection.operands.some((operand) => implies(way, operand));
    case 'elements':
      return way.held.some((held) => held.kind === 'elements' && isBlockWithin(held, detection));
    case 'item':
      if (detection.negated) return rulesOut(way, { ...detection, negated: false });
      return singles(detection).every((item) => isItemImplied(way, item));
  }
}

function isItemImplied(way: Way, item: Item): boolean {
  return way.held.some((held) => held.kind === 'item' && isItemWithin(held, item));
}

/** Whether an event that meets `special` meets `general`: every value of the one lies within some value of the other. */
function isItemWithin(special: Item, general: Item): boolean {
  if (general.field !== special.field && general.field !== undefined) return false;
  const isKeyword = general.field === undefined;
  const wanted = general.values.flat().map((test) => (isKeyword ? asKeyword(test) : test));
  const given = special.values.flat().map((test) => (special.field === undefined ? asKeyword(test) : test));
  return given.every((test) => (!isKeyword || isText(test)) && wanted.some((value) => isImplied(value, test)));
}

const isText = ({ kind }: ValueTest): boolean => kind === 'text' || kind === 'regex';

/** A keyword may stand anywhere in a value. */
function asKeyword(test: ValueTest): ValueTest {
  return test.kind === 'text' ? { ...test, tokens: normalise([ANY, ...test.tokens, ANY]) } : test;
}

/** Whether an event that goes this way cannot meet the detection, its fields taken for single values. */
export function rulesOut(way: Way, detection: Detection): boolean {
  if (way.refused.some((refused) => isWithin(detection, refused))) return true;
  switch (detection.kind) {
    case 'and':
      return detection.operands.some((operand) => rulesOut(way, operand));
    case 'or':
      return detection.operands.every((operand) => rulesOut(way, operand));
    case 'elements':
      return way.held.some((held) => held.kind === 'elements' && areBlocksApart(held, detection));
    case 'item':
      if (detection.negated) return implies(way, { ...detection, negated: false });
      return singles(detection).some((item) => way.held.some((held) => held.kind === 'item' && areApart(held, item)));
  }
}

/** Whether what meets `special` meets `general`, both as they stand. */
function isWithin(special: Detection, general: Detection): boolean {
  return waysOfDetection(special)?.every((way) => implies(way, general)) ?? false;
}

function areApart(left: Item, right: Item): boolean {
  if (left.field === undefined || left.field !== right.field) return false;
  return left.values.flat().every((one) => right.values.flat().every((other) => excludes(one, other)));
}

/** Why no event can go this way, its fields taken for single values; undefined where one may. */
export function contradictionIn(way: Way): string | undefined {
  for (const [at, held] of way.held.entries()) {
    if (held.kind === 'elements') {
      const other = way.held.find((each) => each.kind === 'elements' && areBlocksApart(each, held));
      if (other !== undefined) return `no element of '${held.field}' may be what one has to be`;
      continue;
    }
    if (held.values.length > 0 && held.values.flat().every(isNever))
      return `'${held.field ?? ''}' can have no such value`;
    const other = way.held.slice(0, at).find((before) => before.kind === 'item' && areApart(before, held));
    if (other !== undefined) return `'${held.field ?? ''}' would need two values at once`;
  }
  const refused = way.refused.find((detection) => implies({ ...way, refused: [] }, detection));
  if (refused === undefined) return undefined;
  const fields = [...new Set(fieldsIn(refused))];
  return `what has to hold of ${fields.map((field) => `'${field}'`).join(' and ')} is excluded again`;
}

function fieldsIn(detection: Detection): readonly string[] {
  if ('operands' in detection) return detection.operands.flatMap(fieldsIn);
  return [detection.field ?? 'keywords'];
}

/** Whether every event that goes the way `special` goes the way `general` as well. */
export function isWayWithin(special: Way, general: Way): boolean {
  return (
    general.held.every((held) => implies(special, held)) &&
    general.refused.every((refused) => rulesOut(special, refused))
  );
}

/** Whether an array that meets `special` meets `general`: what is asked of elements is the same, or less. */
function isBlockWithin(special: ElementBlock, general: ElementBlock): boolean {
  if (special.field !== general.field) return false;
  if (general.quantifier === 'none') return special.quantifier === 'none' && isBodyWithin(general, special);
  const isAsFar =
    special.quantifier === general.quantifier || (special.quantifier === 'all' && general.quantifier !== 'all');
  return isAsFar && isBodyWithin(special, general);
}

/** Whether one block wants an element of the kind of which the other wants none. */
function areBlocksApart(left: ElementBlock, right: ElementBlock): boolean {
  const refuses = (none: ElementBlock, other: ElementBlock): boolean =>
    none.quantifier === 'none' &&
    (other.quantifier === 'any' || other.quantifier === 'all') &&
    none.field === other.field &&
    isBodyWithin(other, none);
  return refuses(left, right) || refuses(right, left);
}

/** Whether every element that is as the one block asks is as the other does. */
function isBodyWithin({ body: special }: ElementBlock, { body: general }: ElementBlock): boolean {
  const [narrow, wide] = [waysOfParts([special]), waysOfParts([general])];
  if (narrow === undefined || wide === undefined) return false;
  return narrow.every((way) => contradictionIn(way) !== undefined || wide.some((other) => isWayWithin(way, other)));
}
