import { namesIn, type Resolved } from '../condition/condition.js';
import { type Diagnosis, type Explanation, type Rule } from '../model.js';
import { type Detection, type ElementBlock, type Item } from '../modifiers/value-test.js';
import { type DetectionText } from '../parse/detection.js';
import { asked, found } from './words.js';
import { compileElements, elementsOf, ElementView } from './element.js';
import { Fields } from './fields.js';
import { type Guard, guardOfDetection, guardOfNegation, joinAll, joinAny } from './guard.js';
import { compileItem, type EventTest } from './item.js';
import { type Cell, type EventView, MANY, TEXT } from './view.js';

/** A rule ready to be tried. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly test: EventTest;
  /** What an event must hold for the rule to have a chance; undefined when nothing can be said. */
  readonly guard: Guard | undefined;
  readonly explain: (view: EventView) => Explanation;
  readonly diagnose: (view: EventView) => readonly Diagnosis[];
  /** Numbers of the fields that the rule reads. */
  readonly slots: readonly number[];
}

/**
 * Compiles a rule's detection and those of the filters laid over it; all of them have to hold. The guard is made when the
 * first event of the rule's log source comes, the test when the first comes that the guard lets through: most rules of a
 * large set never see one.
 */
export function compileRule(rule: Rule, parts: readonly DetectionText[], fields: Fields): CompiledRule {
  let known: { readonly guard: Guard | undefined } | undefined;
  let compiled: readonly CompiledDetection[] | undefined;
  const detections = (): readonly CompiledDetection[] =>
    (compiled ??= parts.map((part) => compileDetection(part, fields)));
  let test: EventTest = (view) => {
    const tests = detections().map((detection) => detection.test);
    const [only] = tests;
    test = tests.length === 1 && only !== undefined ? only : every(tests);
    return test(view);
  };
  return {
    rule,
    test: (view) => test(view),
    get guard() {
      known ??= { guard: joinAll(parts.map(({ condition, selections }) => guardOf(condition, selections, fields))) };
      return known.guard;
    },
    explain: (view) => {
      const before = fields.cuts.count;
      const selections = detections().flatMap(({ explain }) => explain(view));
      const asked = parts.flatMap((part) => [...part.selections.values()]);
      const cut = [...new Set(asked.flatMap((detection) => cutFieldsOf(detection, fields, view)))];
      // Explaining is not matching: it leaves the count as it was.
      fields.cuts.count = before;
      return { selections, ...(cut.length === 0 ? {} : { cut }) };
    },
    diagnose: (view) => {
      const before = fields.cuts.count;
      const found = parts.flatMap(({ selections }) => [...selections].map((each) => diagnosisOf(each, fields, view)));
      fields.cuts.count = before;
      return found;
    },
    slots: slotsOf(parts, fields),
  };
}

/** Numbers all fields of the parts, so that what is compiled later finds each of them known. */
function slotsOf(parts: readonly DetectionText[], fields: Fields): readonly number[] {
  const slots = new Set<number>();
  for (const { selections } of parts) for (const detection of selections.values()) addSlots(detection, fields, slots);
  return [...slots];
}

function addSlots(detection: Detection, fields: Fields, slots: Set<number>): void {
  if ('operands' in detection) {
    for (const operand of detection.operands) addSlots(operand, fields, slots);
    return;
  }
  if (detection.field !== undefined) slots.add(fields.slotOf(detection.field));
  if (detection.kind === 'elements') return;
  for (const tests of detection.values) {
    for (const test of tests) if (test.kind === 'field') slots.add(fields.slotOf(test.other));
  }
}

/** Fields of which a pattern read the beginning only. */
function cutFieldsOf(detection: Detection, fields: Fields, view: EventView): readonly string[] {
  if ('operands' in detection) {
    return detection.operands.flatMap((operand) => cutFieldsOf(operand, fields, view));
  }
  const before = fields.cuts.count;
  compileSelection(detection, fields)(view);
  return fields.cuts.count > before ? [detection.field ?? KEYWORDS] : [];
}

/** Stands for the fields that keywords search: all of them. */
const KEYWORDS = '*';

interface CompiledDetection {
  readonly test: EventTest;
  readonly explain: (view: EventView) => Explanation['selections'];
}

function compileDetection(part: DetectionText, fields: Fields): CompiledDetection {
  const selections = new Map<string, { test: EventTest; detection: Detection }>();
  for (const [name, detection] of part.selections) {
    selections.set(name, { test: compileSelection(detection, fields), detection });
  }
  const testOf = (name: string): EventTest => selections.get(name)?.test ?? (() => false);
  const shown = new Set(positiveNamesIn(part.condition));
  return {
    test: compileCondition(part.condition, testOf),
    explain: (view) =>
      [...shown].flatMap((name) => {
        const selection = selections.get(name);
        if (selection?.test(view) !== true) return [];
        return [{ name, fields: hitsOf(selection.detection, fields, view) }];
      }),
  };
}

function compileSelection(detection: Detection, fields: Fields): EventTest {
  if (detection.kind === 'item') return compileItem(detection, fields);
  if (detection.kind === 'elements') {
    const inner = new Fields(fields.cuts);
    const { test } = compileDetection(detection.body, inner);
    return compileElements(detection, fields.slotOf(detection.field), inner, test);
  }
  const tests = detection.operands.map((operand) => compileSelection(operand, fields));
  return detection.kind === 'and' ? every(tests) : some(tests);
}

function compileCondition(condition: Resolved, testOf: (name: string) => EventTest): EventTest {
  switch (condition.kind) {
    case 'selection':
      return testOf(condition.name);
    case 'not': {
      const test = compileCondition(condition.operand, testOf);
      return (view) => !test(view);
    }
    case 'and':
      return every(condition.operands.map((operand) => compileCondition(operand, testOf)));
    case 'or':
      return some(condition.operands.map((operand) => compileCondition(operand, testOf)));
  }
}

function every(tests: readonly EventTest[]): EventTest {
  const [first, second] = tests;
  if (first !== undefined && second !== undefined && tests.length === 2) return (view) => first(view) && second(view);
  return (view) => {
    for (const test of tests) if (!test(view)) return false;
    return true;
  };
}

function some(tests: readonly EventTest[]): EventTest {
  return (view) => {
    for (const test of tests) if (test(view)) return true;
    return false;
  };
}

/** What a condition over selections cannot hold without; or, where it is negated, cannot fail to hold without. */
function guardOf(
  condition: Resolved,
  selections: DetectionText['selections'],
  fields: Fields,
  isNegated = false,
): Guard | undefined {
  if (condition.kind === 'selection') {
    const detection = selections.get(condition.name);
    if (detection === undefined) return undefined;
    return isNegated ? guardOfNegation(detection, fields) : guardOfDetection(detection, fields);
  }
  if (condition.kind === 'not') return guardOf(condition.operand, selections, fields, !isNegated);
  const guards = condition.operands.map((operand) => guardOf(operand, selections, fields, isNegated));
  return (condition.kind === 'and') === isNegated ? joinAny(guards) : joinAll(guards);
}

function positiveNamesIn(condition: Resolved): readonly string[] {
  if (condition.kind === 'selection') return namesIn(condition);
  return condition.kind === 'not' ? [] : condition.operands.flatMap(positiveNamesIn);
}

function diagnosisOf([name, detection]: readonly [string, Detection], fields: Fields, view: EventView): Diagnosis {
  const isHeld = compileSelection(detection, fields)(view);
  return { name, isHeld, items: itemsOf(detection, isHeld, fields, view) };
}

/** The items of a selection that are as the whole is: those met where it holds, those not met where it does not. */
function itemsOf(detection: Detection, isHeld: boolean, fields: Fields, view: EventView): Diagnosis['items'] {
  if ('operands' in detection) {
    return detection.operands.flatMap((operand) =>
      compileSelection(operand, fields)(view) === isHeld ? itemsOf(operand, isHeld, fields, view) : [],
    );
  }
  const { field = KEYWORDS } = detection;
  const value = detection.field === undefined ? 'no value of the event' : found(view.cell(fields.slotOf(field)));
  return [{ field, asked: asked(detection), found: value }];
}

interface Hit {
  readonly field: string;
  readonly value: string;
}

/** The values that made a selection hold. */
function hitsOf(detection: Detection, fields: Fields, view: EventView): readonly Hit[] {
  if (detection.kind === 'item') return compileItem(detection, fields)(view) ? hitsOfItem(detection, fields, view) : [];
  if (detection.kind === 'elements') return hitsOfElements(detection, fields, view);
  if (detection.kind === 'or' && !detection.operands.some((operand) => compileSelection(operand, fields)(view)))
    return [];
  return detection.operands.flatMap((operand) =>
    compileSelection(operand, fields)(view) ? hitsOf(operand, fields, view) : [],
  );
}

/** What made elements hold, under dotted names. */
function hitsOfElements(block: ElementBlock, fields: Fields, view: EventView): readonly Hit[] {
  if (block.quantifier === 'none') return [];
  const inner = new Fields();
  const { test, explain } = compileDetection(block.body, inner);
  return elementsOf(view.cell(fields.slotOf(block.field))).flatMap((cell) => {
    const element = new ElementView(cell, inner);
    if (!test(element)) return [];
    const hits = explain(element).flatMap((selection) => selection.fields);
    return hits.map(({ field, value }) => ({ field: field === '.' ? block.field : `${block.field}.${field}`, value }));
  });
}

function hitsOfItem(item: Item, fields: Fields, view: EventView): readonly Hit[] {
  if (item.negated) return [];
  const { field } = item;
  if (field === undefined) return hitsOfKeywords(item, fields, view);
  const test = compileItem({ ...item, linking: 'any' }, fields);
  const cell = view.cell(fields.slotOf(field));
  return textsOf(cell)
    .filter((element) => cell.kind !== MANY || test(only(element)))
    .map(({ text }) => ({ field, value: text }));
}

function hitsOfKeywords(item: Item, fields: Fields, view: EventView): readonly Hit[] {
  const test = compileItem({ ...item, linking: 'any' }, fields);
  const hits: Hit[] = [];
  view.someText((cell, path) => {
    if (test(only(cell))) hits.push({ field: path, value: cell.text });
    return false;
  });
  return hits;
}

function textsOf(cell: Cell): readonly Cell[] {
  return cell.kind === TEXT ? [cell] : cell.elements.filter(({ kind }) => kind === TEXT);
}

/** The event as if it held this one value alone. */
function only(cell: Cell): EventView {
  return { cell: () => cell, someText: (visit) => visit(cell, '') };
}
