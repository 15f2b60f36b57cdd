/** A condition as written; `at` is an offset within its text. */
export type Condition =
  | { readonly kind: 'selection'; readonly name: string; readonly at: number }
  | { readonly kind: 'quantified'; readonly quantifier: 'one' | 'all'; readonly pattern: string; readonly at: number }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] };

/** A condition over selections that exist, quantifiers spelled out. */
export type Resolved =
  | { readonly kind: 'selection'; readonly name: string }
  | { readonly kind: 'not'; readonly operand: Resolved }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Resolved[] };

export interface ConditionFault {
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

/**
 * Replaces `1 of` and `all of` by the names they mean. `them` and patterns leave out names that start with `_`, unless
 * the pattern itself does (as pySigma does).
 */
export function resolve(condition: Condition, names: readonly string[]): Resolved | ConditionFault {
  switch (condition.kind) {
    case 'selection':
      return names.includes(condition.name)
        ? { kind: 'selection', name: condition.name }
        : fault('SELECTION_UNKNOWN', `there is no selection '${condition.name}'`, condition.at);
    case 'quantified':
      return resolveQuantified(condition, names);
    case 'not': {
      const operand = resolve(condition.operand, names);
      return isFault(operand) ? operand : { kind: 'not', operand };
    }
    case 'and':
    case 'or': {
      const operands: Resolved[] = [];
      for (const operand of condition.operands) {
        const resolved = resolve(operand, names);
        if (isFault(resolved)) return resolved;
        operands.push(resolved);
      }
      return { kind: condition.kind, operands };
    }
  }
}

function resolveQuantified(
  condition: Extract<Condition, { kind: 'quantified' }>,
  names: readonly string[],
): Resolved | ConditionFault {
  const { pattern } = condition;
  const meant = names.filter(isMeantBy(pattern));
  if (meant.length === 0) {
    const message = pattern === 'them' ? 'there is no selection for `them`' : `no selection is named like '${pattern}'`;
    return fault('SELECTION_PATTERN_EMPTY', message, condition.at);
  }
  const operands = meant.map((name) => ({ kind: 'selection', name }) as const);
  return { kind: condition.quantifier === 'one' ? 'or' : 'and', operands };
}

function isMeantBy(pattern: string): (name: string) => boolean {
  const like = pattern === 'them' ? () => true : isLike(pattern);
  return (name) => (pattern.startsWith('_') || !name.startsWith('_')) && like(name);
}

/** Nearly all patterns have one `*`, at their end. */
function isLike(pattern: string): (name: string) => boolean {
  const star = pattern.indexOf('*');
  if (star === -1) return (name) => name === pattern;
  if (star === pattern.length - 1) return (name) => name.startsWith(pattern.slice(0, -1));
  const like = new RegExp(`^${pattern.replaceAll(/\*+/g, '.*')}$`, 's');
  return (name) => like.test(name);
}

export function isFault(value: object): value is ConditionFault {
  return 'code' in value;
}

export function fault(code: string, message: string, at: number): ConditionFault {
  return { code, message, at };
}

/** The names that a condition spells out, each once, in the order in which it does. */
export function namesWritten(condition: Condition): readonly string[] {
  if (condition.kind === 'selection') return [condition.name];
  if (condition.kind === 'quantified') return [];
  const operands = condition.kind === 'not' ? [condition.operand] : condition.operands;
  return [...new Set(operands.flatMap(namesWritten))];
}

/** The names a condition speaks of. */
export function namesIn(condition: Resolved): readonly string[] {
  if (condition.kind === 'selection') return [condition.name];
  return condition.kind === 'not' ? namesIn(condition.operand) : condition.operands.flatMap(namesIn);
}

/** Whether the condition holds when exactly the given names do. */
export function holds(condition: Resolved, given: ReadonlySet<string>): boolean {
  switch (condition.kind) {
    case 'selection':
      return given.has(condition.name);
    case 'not':
      return !holds(condition.operand, given);
    case 'and':
      return condition.operands.every((operand) => holds(operand, given));
    case 'or':
      return condition.operands.some((operand) => holds(operand, given));
  }
}
