import { type Correlation, type Rule } from '../model.js';
import { type CorrelationText } from '../parse/correlation.js';
import { type Consumer, type Signal } from './consumer.js';
import { type WindowPlan } from './plan.js';
import { type FieldText, fieldText, groupText, numberText, shortHash } from './signal.js';
import { windowOfRule } from './window.js';

/** A rule as its own smallest correlation: grouped by its entities; a missing one counts as the empty text. */
export function consumerOfRule(rule: Rule): Consumer {
  const names = rule.silowatch.incident?.entities ?? [];
  const entities = names.map(fieldText);
  return {
    correlation: rule,
    hash: rule.hash,
    window: windowOfRule(rule.silowatch.suppressMs),
    signalOf: (ruleId, timeMs, fields) => ({
      rule: ruleId,
      timeMs,
      group: entities.map((read) => groupText(read(fields) ?? '')),
    }),
    fieldsOf: (group) => Object.fromEntries(names.map((name, index) => [name, group[index] ?? ''])),
  };
}

/** A correlation; `references` are the names its file uses for each rule id. */
export function consumerOfCorrelation(
  correlation: Correlation,
  text: CorrelationText,
  window: WindowPlan,
  namesById: ReadonlyMap<string, readonly string[]>,
): Consumer {
  const readersByRule = new Map<string, readonly FieldText[]>();
  for (const id of correlation.rules) {
    const names = namesById.get(id) ?? [];
    readersByRule.set(
      id,
      correlation.groupBy.map((field) => fieldText(fieldFor(field, names, text))),
    );
  }
  const value = valueReader(text);
  return {
    correlation,
    hash: correlation.hash,
    window,
    signalOf: (ruleId, timeMs, fields) => {
      const group: string[] = [];
      for (const read of readersByRule.get(ruleId) ?? []) {
        const part = read(fields);
        if (part === undefined) return undefined;
        group.push(groupText(part));
      }
      const signal: Signal = { rule: ruleId, timeMs, group };
      if (value === undefined) return signal;
      const counted = value(fields);
      return counted === undefined ? undefined : { ...signal, value: counted };
    },
    fieldsOf: (group) => Object.fromEntries(correlation.groupBy.map((name, index) => [name, group[index] ?? ''])),
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

/** What a match contributes to the count: a hash of the value or tuple, or a number; undefined where none is read. */
function valueReader({ type, condition }: CorrelationText): FieldText | undefined {
  const readers = condition.fields.map(fieldText);
  const [only] = readers;
  if (type === 'value_count') {
    return (fields) => {
      const parts = readers.map((read) => read(fields));
      return parts.includes(undefined) ? undefined : shortHash(JSON.stringify(parts));
    };
  }
  if (!type.startsWith('value_') || only === undefined) return undefined;
  return (fields) => {
    const text = only(fields);
    return text === undefined ? undefined : numberText(text);
  };
}
