import { type Correlation, type Place, type PlaceLookup, type Rule } from '../model.js';
import { type CorrelationText } from '../parse/correlation.js';
import { type Extension } from '../parse/extension.js';
import { type Consumer, type Signal } from './consumer.js';
import { type WindowPlan } from './plan.js';
import { type FieldText, fieldText, groupText, numberText, shortHash } from './signal.js';
import { windowOfExtension, windowOfRule } from './window.js';

/** A rule as its own smallest correlation: grouped by its entities; a missing one counts as the empty text. */
export function consumerOfRule(
  rule: Rule,
  extension: Extension | undefined,
  placeOf: PlaceLookup | undefined,
): Consumer {
  const names = extension?.groupBy ?? rule.silowatch.incident?.entities ?? [];
  const entities = names.map(fieldText);
  const contribution = contributionOf(extension, undefined, placeOf);
  return {
    correlation: rule,
    isRelayed: false,
    hash: rule.hash,
    window: ruleWindow(rule, extension),
    signalOf: (ruleId, timeMs, fields) => {
      const group = entities.map((read) => groupText(read(fields) ?? ''));
      return contribution({ rule: ruleId, timeMs, group }, fields);
    },
    fieldsOf: (group) => Object.fromEntries(names.map((name, index) => [name, group[index] ?? ''])),
  };
}

function ruleWindow(rule: Rule, extension: Extension | undefined): WindowPlan {
  const { suppressMs } = rule.silowatch;
  const alone = windowOfRule(suppressMs);
  if (extension === undefined) return alone;
  const spanMs = extension.timespanMs ?? alone.spanMs;
  const window = windowOfExtension(extension, { spanMs, suppressMs, ruleIds: [rule.id], expected: rule.id });
  return typeof window === 'string' ? alone : window;
}

/** The alerts of a correlation within an event; a missing group-by field counts as the empty text. */
export function consumerOfEvents(correlation: Correlation): Consumer {
  const { groupBy: names, hash, silowatch } = correlation;
  const readers = names.map(fieldText);
  return {
    correlation,
    isRelayed: false,
    hash,
    window: windowOfRule(silowatch.suppressMs),
    signalOf: (id, timeMs, fields) => {
      return { rule: id, timeMs, group: readers.map((read) => groupText(read(fields) ?? '')) };
    },
    fieldsOf: (group) => Object.fromEntries(names.map((name, index) => [name, group[index] ?? ''])),
  };
}

/** A correlation; `namesById` are the names its file uses for each rule id. */
export function consumerOfCorrelation(
  correlation: Correlation,
  text: CorrelationText,
  window: WindowPlan,
  namesById: ReadonlyMap<string, readonly string[]>,
  placeOf: PlaceLookup | undefined,
): Consumer {
  const names = text.extension?.groupBy ?? correlation.groupBy;
  const readersByRule = new Map<string, readonly FieldText[]>();
  for (const id of correlation.rules) {
    const ruleNames = namesById.get(id) ?? [];
    readersByRule.set(
      id,
      names.map((field) => fieldText(fieldFor(field, ruleNames, text))),
    );
  }
  const contribution = contributionOf(text.extension, text, placeOf);
  return {
    correlation,
    isRelayed: true,
    hash: correlation.hash,
    window,
    signalOf: (ruleId, timeMs, fields) => {
      const group: string[] = [];
      for (const read of readersByRule.get(ruleId) ?? []) {
        const part = read(fields);
        if (part === undefined) return undefined;
        group.push(groupText(part));
      }
      return contribution({ rule: ruleId, timeMs, group }, fields);
    },
    fieldsOf: (group) => Object.fromEntries(names.map((name, index) => [name, group[index] ?? ''])),
  };
}

/** The field that holds a group-by value in events of a rule: the alias's where it has one. */
function fieldFor(name: string, ruleNames: readonly string[], { aliases }: CorrelationText): string {
  const fields = aliases.get(name);
  for (const ruleName of ruleNames) {
    const field = fields?.get(ruleName);
    if (field !== undefined) return field;
  }
  return name;
}

/** Adds to a signal what the window counts or compares; undefined where the event does not have it. */
type Contribution = (signal: Signal, fields: Readonly<Record<string, unknown>>) => Signal | undefined;

function contributionOf(
  extension: Extension | undefined,
  text: CorrelationText | undefined,
  placeOf: PlaceLookup | undefined,
): Contribution {
  if (extension?.kind === 'new_terms') return withValue(tupleReader(extension.fields));
  if (extension?.kind === 'impossible_travel') return withPlace(fieldText(extension.address), placeOf);
  if (extension !== undefined || text === undefined || !text.type.startsWith('value_')) return (signal) => signal;
  if (text.type === 'value_count') return withValue(tupleReader(text.condition.fields));
  const read = fieldText(text.condition.fields[0] ?? '');
  return withValue((fields) => {
    const number = read(fields);
    return number === undefined ? undefined : numberText(number);
  });
}

function withValue(read: FieldText): Contribution {
  return (signal, fields) => {
    const value = read(fields);
    return value === undefined ? undefined : { ...signal, value };
  };
}

function withPlace(read: FieldText, placeOf: PlaceLookup | undefined): Contribution {
  return (signal, fields) => {
    const address = read(fields);
    const place: Place | undefined = address === undefined ? undefined : placeOf?.(address);
    return place === undefined ? undefined : { ...signal, place };
  };
}

/** A hash of one field's value, or of those of several together. */
function tupleReader(names: readonly string[]): FieldText {
  const readers = names.map(fieldText);
  return (fields) => {
    const parts = readers.map((read) => read(fields));
    return parts.includes(undefined) ? undefined : shortHash(JSON.stringify(parts));
  };
}
