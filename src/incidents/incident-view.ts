import { fractionElapsed } from './clocks/clocks.js';
import type { StoredClock } from './clocks/clock.repository.js';
import type { CorrectiveAction } from './corrective-action.js';
import type { NotificationDecision } from './gates/notification-gate.js';
import type { Review } from './gates/review-gate.js';
import type { RootCause } from './gates/root-cause-gate.js';
import type { Incident, Workstream } from './incident.js';
import type { Declaration, Waiver } from './workstream.repository.js';

/** Who looks: the silos their account sees, and whether the incident is restricted to others. */
export interface Viewer {
  readonly tenants: 'all' | readonly string[];
  readonly isShutOut: boolean;
}

const at = (time: Date | null): string | null => time?.toISOString() ?? null;

export function visibleTenants(tenants: readonly string[], viewer: Viewer): readonly string[] {
  const { tenants: seen } = viewer;
  return seen === 'all' ? tenants : tenants.filter((tenant) => seen.includes(tenant));
}

/** Sentences that name a silo outside the viewer's are replaced: they may know that work is left, not where. */
function visibleWorkstreams(workstreams: readonly Workstream[], incident: Incident, viewer: Viewer): Workstream[] {
  const seen = visibleTenants(incident.tenants, viewer);
  const hidden = incident.tenants.filter((tenant) => !seen.includes(tenant));
  return workstreams.map((workstream) => ({
    kind: workstream.kind,
    state: workstream.state,
    missing: viewer.isShutOut
      ? []
      : [
          ...new Set(
            workstream.missing.map((text) =>
              hidden.some((tenant) => text.includes(tenant)) ? 'Work on a silo that your account does not see' : text,
            ),
          ),
        ],
  }));
}

export function viewClock(clock: StoredClock, now: Date): Record<string, unknown> {
  return {
    id: clock.id,
    name: clock.name,
    tenant: clock.tenant,
    startedAt: clock.startedAt.toISOString(),
    dueAt: clock.dueAt.toISOString(),
    state: clock.state,
    why: clock.why,
    fractionElapsed: fractionElapsed(clock, clock.settledAt ?? now),
    isOurs: clock.isOurs,
  };
}

/** The running clock that is due first, ours before those that only our customers answer for. */
function nextClock(clocks: readonly StoredClock[]): StoredClock | undefined {
  const pending = clocks.filter(
    ({ state, settledAt }) => state === 'running' || (state === 'missed' && settledAt === null),
  );
  return pending.find(({ isOurs }) => isOurs) ?? pending[0];
}

/** One line of a list. Of a restricted incident others see number, severity and status. */
export function viewSummary(
  incident: Incident,
  workstreams: readonly Workstream[],
  clocks: readonly StoredClock[],
  viewer: Viewer,
  now: Date,
): Record<string, unknown> {
  const next = viewer.isShutOut ? undefined : nextClock(clocks);
  return {
    id: incident.id,
    number: incident.number,
    title: viewer.isShutOut ? 'Restricted incident' : incident.title,
    severity: incident.severity,
    status: incident.status,
    tenants: viewer.isShutOut ? [] : visibleTenants(incident.tenants, viewer),
    isRestricted: incident.isRestricted,
    commander: incident.commander,
    openedAt: incident.openedAt.toISOString(),
    acknowledgedAt: at(incident.acknowledgedAt),
    workstreams: visibleWorkstreams(workstreams, incident, viewer),
    nextClock: next === undefined ? null : viewClock(next, now),
  };
}

export function viewRootCause(cause: RootCause | null): Record<string, unknown> | null {
  if (cause === null) return null;
  return {
    ...cause,
    introducedAt: at(cause.introducedAt),
    firstExploitedAt: at(cause.firstExploitedAt),
    detectedAt: at(cause.detectedAt),
    updatedAt: cause.updatedAt.toISOString(),
    review: cause.review === null ? null : { ...cause.review, at: cause.review.at.toISOString() },
  };
}

export const viewReview = (review: Review | null): Record<string, unknown> | null =>
  review === null ? null : { ...review, updatedAt: review.updatedAt.toISOString() };

export const viewDecision = (decision: NotificationDecision): Record<string, unknown> => ({
  ...decision,
  decidedAt: decision.decidedAt.toISOString(),
  approvedAt: at(decision.approvedAt),
});

export const viewWaiver = (waiver: Waiver): Record<string, unknown> => ({
  ...waiver,
  requestedAt: waiver.requestedAt.toISOString(),
  approvedAt: at(waiver.approvedAt),
});

export const viewDeclaration = (declaration: Declaration | null): Record<string, unknown> | null =>
  declaration === null
    ? null
    : { ...declaration, declaredAt: declaration.declaredAt.toISOString(), lapsedAt: at(declaration.lapsedAt) };

export function viewCorrectiveAction(action: CorrectiveAction & { readonly number?: string }): Record<string, unknown> {
  return {
    id: action.id,
    incidentId: action.incidentId,
    ...(action.number === undefined ? {} : { number: action.number }),
    title: action.title,
    owner: action.owner,
    dueOn: action.dueOn,
    trackerUrl: action.trackerUrl,
    state: action.state,
    doneAt: at(action.doneAt),
    verifiedAt: at(action.verifiedAt),
    version: action.version,
  };
}
