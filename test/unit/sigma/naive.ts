/**
 * A second evaluator, written to be obviously right and for nothing else: it shares no code with the engine, reads the
 * detection as a plain value each time, and knows the modifiers that the random rules of the property test use.
 */
type Event = Readonly<Record<string, unknown>>;
type Selection = Readonly<Record<string, unknown>>;

export interface NaiveRule {
  readonly selections: Readonly<Record<string, Selection>>;
  readonly condition: NaiveCondition;
}

export type NaiveCondition =
  | { readonly name: string }
  | { readonly not: NaiveCondition }
  | { readonly left: NaiveCondition; readonly operator: 'and' | 'or'; readonly right: NaiveCondition };

export function naivelyMatches(rule: NaiveRule, event: Event): boolean {
  return conditionHolds(rule.condition, (name) =>
    Object.entries(rule.selections[name] ?? {}).every(([key, value]) => itemHolds(key, value, event)),
  );
}

function conditionHolds(condition: NaiveCondition, selection: (name: string) => boolean): boolean {
  if ('name' in condition) return selection(condition.name);
  if ('not' in condition) return !conditionHolds(condition.not, selection);
  const left = conditionHolds(condition.left, selection);
  const right = conditionHolds(condition.right, selection);
  return condition.operator === 'and' ? left && right : left || right;
}

function itemHolds(key: string, value: unknown, event: Event): boolean {
  const [field = '', ...modifiers] = key.split('|');
  const texts = textsAt(event, field);
  if (value === null) return event[field] === undefined || event[field] === null;
  const alternatives = Array.isArray(value) ? (value as unknown[]) : [value];
  const meets = (alternative: unknown): boolean => texts.some((text) => scalarHolds(modifiers, alternative, text));
  const found = modifiers.includes('all') ? alternatives.every(meets) : alternatives.some(meets);
  return modifiers.includes('neq') ? !found : found;
}

function textsAt(event: Event, field: string): readonly string[] {
  const value = event[field];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((item) => item !== null && item !== undefined && typeof item !== 'object').map(String);
}

function scalarHolds(modifiers: readonly string[], alternative: unknown, text: string): boolean {
  if (modifiers.includes('gt')) return Number(text) > Number(alternative) && text.trim() !== '';
  const pattern = regexFor(String(alternative));
  const start = modifiers.includes('contains') || modifiers.includes('endswith') ? '' : '^';
  const end = modifiers.includes('contains') || modifiers.includes('startswith') ? '' : '$';
  return new RegExp(`${start}(?:${pattern})${end}`, modifiers.includes('cased') ? 's' : 'si').test(text);
}

/** The regular expression of a Sigma string, built character by character. */
export function regexFor(value: string): string {
  let pattern = '';
  for (let at = 0; at < value.length; at++) {
    const pair = value.slice(at, at + 2);
    if (pair === '\\*' || pair === '\\?' || pair === '\\\\') {
      pattern += `\\${pair.charAt(1)}`;
      at++;
    } else if (value.charAt(at) === '*') pattern += '[^]*';
    else if (value.charAt(at) === '?') pattern += '[^]';
    else pattern += value.charAt(at).replace(/[.^$*+?()[\]{}|\\/]/, '\\$&');
  }
  return pattern;
}
