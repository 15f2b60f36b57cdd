import { MAX_DEPTH } from '../parse/limits.js';
import { type Condition, type ConditionFault, fault, isFault } from './condition.js';

interface Lexeme {
  readonly text: string;
  readonly at: number;
}

/** Reads a condition: `or` binds loosest, then `and`, `not`, `1 of` and `all of` (Sigma spec 2.1, Condition). */
export function parseCondition(text: string): Condition | ConditionFault {
  const lexemes = lex(text);
  if (!Array.isArray(lexemes)) return lexemes;
  const parser = new Parser(lexemes, text.length);
  const condition = parser.parse();
  return condition;
}

function lex(text: string): Lexeme[] | ConditionFault {
  const lexemes: Lexeme[] = [];
  const pattern = /\s*(?:([A-Za-z0-9_*-]+|[()])|(\S))/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const at = match.index + match[0].length - (match[1] ?? match[2] ?? '').length;
    if (match[2] === '|') {
      return fault('CONDITION_AGGREGATION', 'aggregations after `|` are gone from Sigma: write a correlation', at);
    }
    if (match[2] !== undefined) {
      return fault('CONDITION_SYNTAX', `'${match[2]}' has no meaning in a condition`, at);
    }
    lexemes.push({ text: match[1] ?? '', at });
  }
  return lexemes;
}

const RESERVED = new Set(['and', 'or', 'not', 'of', '(', ')']);
const QUANTIFIERS: ReadonlyMap<string, 'one' | 'all'> = new Map([
  ['1', 'one'],
  ['any', 'one'],
  ['all', 'all'],
]);

/** Recursive descent; the first fault ends it. */
class Parser {
  #next = 0;
  #depth = 0;

  constructor(
    private readonly lexemes: readonly Lexeme[],
    private readonly end: number,
  ) {}

  parse(): Condition | ConditionFault {
    const condition = this.#chain('or');
    const rest = this.lexemes[this.#next];
    if (isFault(condition) || rest === undefined) return condition;
    const hint = /^(AND|OR|NOT)$/.test(rest.text) ? ' (operators are lower case)' : '';
    return fault('CONDITION_SYNTAX', `expected 'and', 'or' or the end, found '${rest.text}'${hint}`, rest.at);
  }

  #chain(kind: 'or' | 'and'): Condition | ConditionFault {
    const operands: Condition[] = [];
    do {
      const operand = kind === 'or' ? this.#chain('and') : this.#unary();
      if (isFault(operand)) return operand;
      operands.push(operand);
    } while (this.#accept(kind));
    const [only] = operands;
    return operands.length === 1 && only !== undefined ? only : { kind, operands };
  }

  #unary(): Condition | ConditionFault {
    if (++this.#depth > MAX_DEPTH) return fault('CONDITION_DEPTH', `nested deeper than ${MAX_DEPTH}`, this.#at());
    const condition = this.#accept('not') ? this.#negation() : this.#primary();
    this.#depth--;
    return condition;
  }

  #negation(): Condition | ConditionFault {
    const operand = this.#unary();
    return isFault(operand) ? operand : { kind: 'not', operand };
  }

  #primary(): Condition | ConditionFault {
    const lexeme = this.lexemes[this.#next++];
    if (lexeme === undefined)
      return fault('CONDITION_SYNTAX', 'the condition ends where a selection should be', this.end);
    if (lexeme.text === '(') return this.#parenthesised(lexeme);
    const quantifier = QUANTIFIERS.get(lexeme.text);
    if (this.lexemes[this.#next]?.text === 'of') return this.#quantified(quantifier, lexeme);
    if (RESERVED.has(lexeme.text) || lexeme.text.includes('*')) {
      return fault('CONDITION_SYNTAX', `expected a selection, found '${lexeme.text}'`, lexeme.at);
    }
    return { kind: 'selection', name: lexeme.text, at: lexeme.at };
  }

  #parenthesised(opening: Lexeme): Condition | ConditionFault {
    const inner = this.#chain('or');
    if (isFault(inner) || this.#accept(')')) return inner;
    const found = this.lexemes[this.#next];
    if (found === undefined) return fault('CONDITION_SYNTAX', 'this parenthesis is never closed', opening.at);
    return fault('CONDITION_SYNTAX', `expected 'and', 'or' or ')', found '${found.text}'`, found.at);
  }

  #quantified(quantifier: 'one' | 'all' | undefined, lexeme: Lexeme): Condition | ConditionFault {
    if (quantifier === undefined) {
      return fault('CONDITION_QUANTIFIER', `'${lexeme.text} of' is unknown: write '1 of' or 'all of'`, lexeme.at);
    }
    this.#next++;
    const target = this.lexemes[this.#next++];
    if (target === undefined || RESERVED.has(target.text)) {
      return fault('CONDITION_SYNTAX', "'of' needs `them` or a pattern of selection names after it", lexeme.at);
    }
    return { kind: 'quantified', quantifier, pattern: target.text, at: lexeme.at };
  }

  #accept(text: string): boolean {
    if (this.lexemes[this.#next]?.text !== text) return false;
    this.#next++;
    return true;
  }

  #at(): number {
    return this.lexemes[this.#next]?.at ?? this.end;
  }
}
