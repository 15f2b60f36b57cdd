import { type RegexFlags } from '../regex/flags.js';
import { type FieldShape, type Operator, type TimePart } from './value-test.js';
import { type Tokens } from './sigma-string.js';

/** A value on its way through the chain of modifiers. */
export type Draft =
  | { readonly kind: 'text'; readonly raw: string; readonly tokens: Tokens; readonly cased: boolean }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: RegexFlags }
  | { readonly kind: 'compare'; readonly operator: Operator; readonly value: number; readonly part?: TimePart }
  | { readonly kind: 'cidr'; readonly network: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'exists'; readonly expected: boolean }
  | { readonly kind: 'field'; readonly other: string; readonly shape: FieldShape; readonly cased: boolean };

export type TextDraft = Extract<Draft, { kind: 'text' }>;

/** What a modifier makes of a value: one value again, the alternatives that it now stands for, or why it cannot be. */
export type Changed = Draft | readonly Draft[] | Refusal;

export interface Refusal {
  readonly kind: 'refusal';
  readonly code: string;
  readonly message: string;
}
export type Change = (draft: Draft, placeholders: PlaceholderSource) => Changed;

/** Gives the values of a placeholder, undefined when it has none, and remembers that it was asked. */
export type PlaceholderSource = (name: string) => readonly string[] | undefined;
