/** What one walk over a text said of the first so many lists of literals, a bit each: see `Sought`. */
export interface Answers {
  /** Whose lists they are. */
  readonly of: object;
  readonly size: number;
  readonly bits: Uint32Array;
}
