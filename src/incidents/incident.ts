/** SEV1 is the worst. */
export const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Derived from the four workstreams; nobody sets it. `false_positive` and `duplicate` come from a person's judgement. */
export const STATUSES = ['open', 'contained', 'resolved', 'closed', 'false_positive', 'duplicate'] as const;
export type IncidentStatus = (typeof STATUSES)[number];

export const WORKSTREAMS = ['containment', 'root_cause', 'notification', 'review'] as const;
export type WorkstreamKind = (typeof WORKSTREAMS)[number];

export type WorkstreamState = 'not_started' | 'in_progress' | 'done' | 'waived';

export interface Workstream {
  readonly kind: WorkstreamKind;
  readonly state: WorkstreamState;
  /** What is still missing, one sentence each, in words a responder can act on. */
  readonly missing: readonly string[];
}

export interface Incident {
  readonly id: string;
  /** `INC-2026-0042`, without gaps within a year. */
  readonly number: string;
  /** Never names a silo or a person: staff limited to one of its silos read it too. */
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  /** A person set the severity; from then on it only changes by a person. */
  readonly isSeverityDecided: boolean;
  readonly status: IncidentStatus;
  readonly disposition: 'false_positive' | 'duplicate' | null;
  readonly duplicateOf: string | null;
  /** Affected silos; under a staff scope only use them after `visibleTenants`. */
  readonly tenants: readonly string[];
  /** Of a restricted incident only number, severity and link may appear in pages, lists and streams of others. */
  readonly isRestricted: boolean;
  readonly playbook: string | null;
  readonly commander: { readonly id: string; readonly name: string } | null;
  readonly openedAt: Date;
  readonly firstEventAt: Date;
  /** The latest of: an alert's event time, the time it was seen. Quiet is counted from here. */
  readonly lastActivityAt: Date;
  readonly acknowledgedAt: Date | null;
  readonly containedAt: Date | null;
  readonly resolvedAt: Date | null;
  readonly closedAt: Date | null;
  readonly reopenedAt: Date | null;
  readonly version: number;
}

/** Whether the incident is done with: nothing more joins it and nothing of it is edited until it is reopened. */
export const isSettled = (incident: Pick<Incident, 'status'>): boolean =>
  incident.status === 'closed' || incident.status === 'false_positive' || incident.status === 'duplicate';
