import { missingForContainment, quietFrom, type ContainmentFacts } from './gates/containment-gate.js';
import { missingForNotification, type NotificationFacts } from './gates/notification-gate.js';
import { missingForReview, type Review } from './gates/review-gate.js';
import { missingForRootCause, type RootCause } from './gates/root-cause-gate.js';
import { WORKSTREAMS, type IncidentStatus, type Severity, type Workstream, type WorkstreamKind } from './incident.js';

/** Everything that the status of an incident follows from. */
export interface IncidentFacts {
  readonly severity: Severity;
  readonly disposition: 'false_positive' | 'duplicate' | null;
  readonly reopenedAt: Date | null;
  readonly containment: ContainmentFacts;
  readonly rootCause: RootCause | null;
  readonly notification: NotificationFacts;
  readonly review: Review | null;
  readonly correctiveActions: number;
  /** Workstreams whose waiver a second person approved. */
  readonly waived: ReadonlySet<WorkstreamKind>;
}

export interface Assessment {
  readonly workstreams: readonly Workstream[];
  readonly status: IncidentStatus;
  /** When time alone may change the answer; null if it cannot. */
  readonly recheckAt: Date | null;
}

/** Whether work on the workstream has begun. */
function hasBegun(kind: WorkstreamKind, facts: IncidentFacts): boolean {
  switch (kind) {
    case 'containment':
      return facts.containment.actionCount > 0 || facts.containment.declaration !== null;
    case 'root_cause':
      return facts.rootCause !== null;
    case 'notification':
      return facts.notification.decisions.length > 0;
    case 'review':
      return facts.review !== null || facts.correctiveActions > 0;
  }
}

function missingFor(kind: WorkstreamKind, facts: IncidentFacts, now: Date): readonly string[] {
  switch (kind) {
    case 'containment':
      return missingForContainment(facts.containment, now);
    case 'root_cause':
      return missingForRootCause(facts.rootCause, facts.severity, facts.reopenedAt);
    case 'notification':
      return missingForNotification(facts.notification);
    case 'review':
      return missingForReview({ ...facts, today: now.toISOString().slice(0, 10) });
  }
}

function workstream(kind: WorkstreamKind, facts: IncidentFacts, now: Date): Workstream {
  // A waiver from milder days does not count once the incident is SEV1.
  if (facts.waived.has(kind) && facts.severity !== 'SEV1') return { kind, state: 'waived', missing: [] };
  const missing = missingFor(kind, facts, now);
  if (missing.length === 0) return { kind, state: 'done', missing };
  return { kind, state: hasBegun(kind, facts) ? 'in_progress' : 'not_started', missing };
}

function statusOf(workstreams: readonly Workstream[]): IncidentStatus {
  const isDone = new Map(workstreams.map(({ kind, state }) => [kind, state === 'done' || state === 'waived']));
  if (isDone.get('containment') !== true) return 'open';
  if (isDone.get('root_cause') !== true) return 'contained';
  return workstreams.every(({ kind }) => isDone.get(kind) === true) ? 'closed' : 'resolved';
}

/** The one place where an incident's status comes from. */
export function assess(facts: IncidentFacts, now: Date): Assessment {
  const workstreams = WORKSTREAMS.map((kind) => workstream(kind, facts, now));
  if (facts.disposition !== null) return { workstreams, status: facts.disposition, recheckAt: null };
  const quiet = quietFrom(facts.containment);
  return { workstreams, status: statusOf(workstreams), recheckAt: now < quiet ? quiet : null };
}

/** Why a workstream of this severity cannot be waived, or null if it can. */
export const whyNotWaivable = (severity: Severity): string | null =>
  severity === 'SEV1' ? 'No workstream of a SEV1 incident is waived' : null;
