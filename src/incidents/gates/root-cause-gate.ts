import type { Severity } from '../incident.js';

export interface RootCause {
  readonly category: string;
  readonly whatHappened: string;
  /** From the symptom down to the cause; each with a link to what shows it. */
  readonly whys: readonly { readonly text: string; readonly evidenceHref?: string | undefined }[];
  readonly introducedAt: Date | null;
  readonly firstExploitedAt: Date | null;
  readonly detectedAt: Date | null;
  /** Everybody who wrote on the text that stands; none of them may review it. */
  readonly editors: readonly { readonly id: string; readonly name: string }[];
  readonly updatedAt: Date;
  readonly review: {
    readonly verdict: 'accepted' | 'returned';
    readonly comment: string;
    readonly reviewer: { readonly id: string; readonly name: string };
    readonly at: Date;
  } | null;
  readonly version: number;
}

const needsReview = (severity: Severity): boolean => severity === 'SEV1' || severity === 'SEV2';

function missingText(cause: RootCause): readonly string[] {
  const missing: string[] = [];
  if (cause.category.trim() === '') missing.push('The root cause has a category');
  if (cause.whatHappened.trim() === '') missing.push('The root cause says what happened');
  if (cause.whys.length === 0) missing.push('The root cause has a chain of whys');
  cause.whys.forEach((why, i) => {
    if (why.text.trim() === '') missing.push(`Why ${i + 1} says something`);
    if (why.evidenceHref === undefined || why.evidenceHref === '')
      missing.push(`Why ${i + 1} has a link to its evidence`);
  });
  return missing;
}

function missingTimes({ introducedAt, firstExploitedAt, detectedAt }: RootCause): readonly string[] {
  const missing: string[] = [];
  if (introducedAt === null) missing.push('The root cause says when the weakness was introduced');
  if (firstExploitedAt === null) missing.push('The root cause says when it was first exploited');
  if (detectedAt === null) missing.push('The root cause says when it was detected');
  if (introducedAt !== null && firstExploitedAt !== null && firstExploitedAt < introducedAt)
    missing.push('It cannot have been exploited before it was introduced: correct the times');
  if (firstExploitedAt !== null && detectedAt !== null && detectedAt < firstExploitedAt)
    missing.push('It cannot have been detected before it was exploited: correct the times');
  return missing;
}

/** What the root cause analysis still lacks. */
export function missingForRootCause(
  cause: RootCause | null,
  severity: Severity,
  reopenedAt: Date | null,
): readonly string[] {
  if (cause === null) return ['The root cause is written down'];
  const missing = [...missingText(cause), ...missingTimes(cause)];
  if (reopenedAt !== null && cause.updatedAt < reopenedAt)
    missing.push('The root cause is looked at again: it was written before the incident was reopened');
  if (needsReview(severity)) {
    if (cause.review === null)
      missing.push(
        `Someone other than ${cause.editors.map((editor) => editor.name).join(', ')} reviews the root cause`,
      );
    else if (cause.review.verdict === 'returned')
      missing.push(`The root cause was returned by ${cause.review.reviewer.name}: ${cause.review.comment}`);
  }
  return missing;
}

/** Why this person may not review the root cause, or null if they may. */
export function whyNotReviewer(cause: Pick<RootCause, 'editors'>, staffId: string): string | null {
  return cause.editors.some((editor) => editor.id === staffId)
    ? 'Whoever wrote on a root cause does not review it'
    : null;
}
