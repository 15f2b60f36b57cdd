import { ANY, DASH, type Tokens } from '../modifiers/sigma-string.js';
import { type ElementBlock, type Item, type ValueTest } from '../modifiers/value-test.js';
import { type Cell, MANY, NULL, OBJECT, TEXT } from './view.js';

const SHOWN_VALUES = 3;
const SHOWN_CHARS = 80;

/** What an item asks of its field, in words for the rule's author. */
export function asked(item: Item | ElementBlock): string {
  if (item.kind === 'elements') return `[${item.quantifier}] of its elements`;
  const values = item.values.flatMap((tests) => (tests[0] === undefined ? [] : [wordsOf(tests[0])]));
  const more = values.length > SHOWN_VALUES ? ` … (${values.length})` : '';
  const listed = values.slice(0, SHOWN_VALUES).join(item.linking === 'all' ? ' and ' : ' or ');
  return `${item.negated ? 'is not ' : 'is '}${listed}${more}`;
}

function wordsOf(test: ValueTest): string {
  switch (test.kind) {
    case 'text':
      return `'${cut(written(test.tokens))}'`;
    case 'regex':
      return cut(test.regex.source);
    case 'compare':
      return `${test.part ?? 'number'} ${test.operator} ${test.value}`;
    case 'cidr':
      return `in ${test.network}`;
    case 'null':
      return 'null or absent';
    case 'exists':
      return test.expected ? 'present' : 'absent';
    case 'field':
      return `as the field '${test.other}' (${test.shape})`;
  }
}

function written(tokens: Tokens): string {
  return tokens
    .map((token) => (typeof token === 'string' ? token : token === ANY ? '*' : token === DASH ? '-' : '?'))
    .join('');
}

/** What a field holds. */
export function found(cell: Cell): string {
  switch (cell.kind) {
    case TEXT:
      return `found '${cut(cell.text)}'`;
    case NULL:
      return 'found null';
    case OBJECT:
      return 'found an object';
    case MANY:
      return `found ${cell.elements.length} elements: ${cut(cell.elements.map(({ text }) => text).join(', '))}`;
    default:
      return 'the field is absent';
  }
}

function cut(text: string): string {
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
