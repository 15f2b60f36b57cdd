import { type Resolved } from '../condition/condition.js';
import { type CompiledRegex } from '../regex/compile.js';
import { type Tokens } from './sigma-string.js';

/** What one value of a rule asks of a field, after its modifiers; a value may stand for several, any of which will do. */
export type ValueTest =
  | { readonly kind: 'text'; readonly tokens: Tokens; readonly cased: boolean }
  | { readonly kind: 'regex'; readonly regex: CompiledRegex }
  | { readonly kind: 'compare'; readonly operator: Operator; readonly value: number; readonly part?: TimePart }
  | { readonly kind: 'cidr'; readonly network: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'exists'; readonly expected: boolean }
  | { readonly kind: 'field'; readonly other: string; readonly shape: FieldShape; readonly cased: boolean };

export type Operator = 'lt' | 'lte' | 'gt' | 'gte' | 'eq';
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';
/** Where in this field the other field's text has to stand. */
export type FieldShape = 'whole' | 'contains' | 'startswith' | 'endswith';

/** One `field|modifiers: values` of a rule; without a field it is a keyword, sought in every value of the event. */
export interface Item {
  readonly kind: 'item';
  readonly field: string | undefined;
  readonly at: number;
  /** `neq`: the item holds when none of what follows does. */
  readonly negated: boolean;
  /** Whether any or all of the values have to hold; each may be met by another element of an array. */
  readonly linking: 'any' | 'all';
  readonly values: readonly (readonly ValueTest[])[];
}

/** What has to hold of elements of an array: `field[any]: {…}`, several conditions on the same element (Sigma SEP 212). */
export interface ElementBlock {
  readonly kind: 'elements';
  readonly field: string;
  readonly at: number;
  readonly quantifier: Quantifier;
  readonly body: { readonly selections: ReadonlyMap<string, Detection>; readonly condition: Resolved };
}

/** `all` needs an element, `all_or_empty` does not; `none` holds where `any` does not. */
export type Quantifier = 'any' | 'all' | 'all_or_empty' | 'none';

/** A search identifier's content: items, joined by "and" in a map and by "or" in a list. */
export type Detection =
  Item | ElementBlock | { readonly kind: 'and' | 'or'; readonly at: number; readonly operands: readonly Detection[] };
