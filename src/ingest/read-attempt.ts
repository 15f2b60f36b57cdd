/** What is written down before the first batch of a partition is handled, and taken away when it is done: what stays ended the process. */
export interface ReadAttempt {
  readonly position: number;
  /** How often the process began here and never came to an end. */
  readonly deaths: number;
  /** Records were taken one by one, and this is the one it was at. */
  readonly isSingle: boolean;
}

/** After so many deaths at one place the records are taken one by one; after so many at one record it is put aside. */
const MOST_DEATHS = 3;

export type AttemptPlan =
  | { readonly kind: 'batch'; readonly deaths: number }
  /** One by one; `suspect` is the record at which the process died last, with its count. */
  | { readonly kind: 'singly'; readonly suspect: { readonly offset: number; readonly deaths: number } | undefined };

/** How to take the first batch, given what an earlier process left behind. `deaths` counts this beginning as well, until it is done. */
export function planAttempt(left: ReadAttempt | undefined, firstOffset: number, lastOffset: number): AttemptPlan {
  if (left === undefined) return { kind: 'batch', deaths: 1 };
  if (left.isSingle) {
    const isHere = left.position >= firstOffset && left.position <= lastOffset;
    return isHere
      ? { kind: 'singly', suspect: { offset: left.position, deaths: left.deaths } }
      : { kind: 'batch', deaths: 1 };
  }
  if (left.position !== firstOffset) return { kind: 'batch', deaths: 1 };
  return left.deaths >= MOST_DEATHS
    ? { kind: 'singly', suspect: undefined }
    : { kind: 'batch', deaths: left.deaths + 1 };
}

/** What to do with one record when they are taken one by one. */
export function planRecord(
  suspect: { readonly offset: number; readonly deaths: number } | undefined,
  offset: number,
):
  | { readonly kind: 'known_harmless' }
  | { readonly kind: 'try'; readonly deaths: number }
  | { readonly kind: 'put_aside' } {
  if (suspect === undefined || offset > suspect.offset) return { kind: 'try', deaths: 1 };
  if (offset < suspect.offset) return { kind: 'known_harmless' };
  return suspect.deaths >= MOST_DEATHS ? { kind: 'put_aside' } : { kind: 'try', deaths: suspect.deaths + 1 };
}
