/** A regular expression's parts, as far as its literals and its cost depend on them. */
export type RegexNode =
  | { readonly kind: 'char'; readonly code: number }
  /** Any of a few characters where `codes` is known, else some class. */
  | { readonly kind: 'class'; readonly codes: readonly number[] | undefined }
  /** Takes no text: an anchor or a word boundary. */
  | { readonly kind: 'edge' }
  | { readonly kind: 'look'; readonly body: RegexNode }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly body: RegexNode; readonly min: number; readonly max: number };
