/** Who a step pages. */
export type Target =
  { readonly kind: 'schedule'; readonly id: string } | { readonly kind: 'staff'; readonly id: string };

export interface EscalationStep {
  readonly targets: readonly Target[];
  /** Minutes without an acknowledgement before the next step. */
  readonly waitMinutes: number;
}

export interface EscalationPolicy {
  readonly steps: readonly EscalationStep[];
  /** How often the steps are gone through again before the last resort. */
  readonly repeats: number;
  /** Paged again and again until somebody acknowledges. */
  readonly lastResort: { readonly staffIds: readonly string[]; readonly everyMinutes: number };
  /** After an acknowledgement, minutes without anybody's work on the incident until it is paged anew. */
  readonly noProgressMinutes: number;
}

/** How far an escalation has come: the step to take next, counted over all rounds, and when it is due. */
export interface Progress {
  readonly cursor: number;
  readonly dueAt: Date;
}

export type NextPage =
  | { readonly kind: 'wait'; readonly until: Date }
  | {
      readonly kind: 'page';
      readonly cursor: number;
      /** From 0; null is the last resort. */
      readonly step: number | null;
      readonly isLate: boolean;
      readonly next: Progress;
    };

/** A page later than this is marked late: the service itself was down or overloaded. */
export const LATE_AFTER_MS = 60_000;

/**
 * What is due now. Of steps that were missed, only the newest is taken, and the wait for the next one begins now: after an outage
 * people get one page, not all the repeats.
 */
export function nextPage(policy: EscalationPolicy, progress: Progress, now: Date): NextPage {
  const dueMs = progress.dueAt.getTime();
  const nowMs = now.getTime();
  if (nowMs < dueMs) return { kind: 'wait', until: progress.dueAt };
  let cursor = progress.cursor;
  let at = dueMs;
  while (stepAt(policy, cursor) !== null && at + waitMs(policy, cursor) <= nowMs) {
    at += waitMs(policy, cursor);
    cursor += 1;
  }
  return {
    kind: 'page',
    cursor,
    step: stepAt(policy, cursor),
    isLate: nowMs - dueMs > LATE_AFTER_MS,
    next: { cursor: cursor + 1, dueAt: new Date(nowMs + waitMs(policy, cursor)) },
  };
}

/** The step at a place of the escalation, from 0; null is the last resort, which never ends. */
function stepAt(policy: EscalationPolicy, cursor: number): number | null {
  const count = policy.steps.length;
  return cursor < count * (policy.repeats + 1) ? cursor % count : null;
}

function waitMs(policy: EscalationPolicy, cursor: number): number {
  const step = stepAt(policy, cursor);
  const minutes = step === null ? policy.lastResort.everyMinutes : (policy.steps[step]?.waitMinutes ?? 1);
  return Math.max(1, minutes) * 60_000;
}

/** What a policy needs to know of the directory to tell whether it reaches anybody. */
export interface Reachable {
  readonly staffIds: ReadonlySet<string>;
  /** Schedules that have at least one person in a layer. */
  readonly scheduleIds: ReadonlySet<string>;
}

/** One sentence for each reason why this policy could page nobody; such a policy is refused. */
export function policyFaults(policy: EscalationPolicy, reachable: Reachable): readonly string[] {
  const faults: string[] = [];
  if (policy.steps.length === 0) faults.push('The policy has no step.');
  policy.steps.forEach((step, index) => {
    const reaches = step.targets.some((target) =>
      target.kind === 'staff' ? reachable.staffIds.has(target.id) : reachable.scheduleIds.has(target.id),
    );
    if (!reaches) faults.push(`Step ${index + 1} reaches nobody: name an active person or a schedule with people.`);
  });
  if (!policy.lastResort.staffIds.some((id) => reachable.staffIds.has(id))) {
    faults.push('The last resort reaches nobody: name at least one active person.');
  }
  return faults;
}
