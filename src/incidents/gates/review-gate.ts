export interface Review {
  /** Calendar day, `YYYY-MM-DD`. */
  readonly heldOn: string;
  readonly participants: readonly string[];
  readonly wentWell: string;
  readonly wentBadly: string;
  readonly noActionsReason: string | null;
  readonly author: { readonly id: string; readonly name: string };
  readonly updatedAt: Date;
}

export interface ReviewFacts {
  readonly review: Review | null;
  readonly correctiveActions: number;
  readonly reopenedAt: Date | null;
  /** Calendar day of now, UTC. */
  readonly today: string;
}

/** What the review still lacks. Owner, due date and tracker link of a corrective action are asked for when it is created. */
export function missingForReview({ review, correctiveActions, reopenedAt, today }: ReviewFacts): readonly string[] {
  if (review === null) return ['The review is held'];
  const missing: string[] = [];
  // A day of leeway: it may be tomorrow already where the review was held.
  if (Date.parse(review.heldOn) > Date.parse(today) + 86_400_000)
    missing.push(`The review is held: its date, ${review.heldOn}, lies ahead`);
  if (review.participants.length === 0) missing.push('The review names its participants');
  if (review.wentWell.trim() === '') missing.push('The review says what went well');
  if (review.wentBadly.trim() === '') missing.push('The review says what went badly');
  if (correctiveActions === 0 && (review.noActionsReason ?? '').trim() === '')
    missing.push(
      'The review has corrective actions, each with owner, due date and tracker link, or the reason for none',
    );
  if (reopenedAt !== null && review.updatedAt < reopenedAt)
    missing.push('The review is held again: it was held before the incident was reopened');
  return missing;
}
