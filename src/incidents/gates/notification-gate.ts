export interface NotificationDecision {
  readonly tenant: string;
  readonly decision: 'notify' | 'not_applicable';
  readonly reason: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly decidedAt: Date;
  readonly approver: { readonly id: string; readonly name: string } | null;
  readonly approvedAt: Date | null;
}

/** A legal or contractual clock, as far as the gate cares. */
export interface GateClock {
  readonly name: string;
  readonly tenant: string | null;
  readonly state: 'running' | 'met' | 'missed' | 'waived';
  /** When it was met, if late too. */
  readonly settledAt: Date | null;
  readonly dueAt: Date;
}

export interface NotificationFacts {
  readonly tenants: readonly string[];
  readonly decisions: readonly NotificationDecision[];
  /** From notices: what did not go out, what bounced. */
  readonly noticesMissing: readonly string[];
  readonly clocks: readonly GateClock[];
}

function missingDecision(tenant: string, decision: NotificationDecision | undefined): string | null {
  if (decision === undefined) return `A decision for ${tenant}: notify, or not applicable`;
  if (decision.decision === 'not_applicable' && decision.approver === null)
    return `Someone other than ${decision.author.name} approves that ${tenant} is not notified`;
  return null;
}

const isPending = (clock: GateClock): boolean =>
  clock.state === 'running' || (clock.state === 'missed' && clock.settledAt === null);

/** What notification still lacks: a decision per silo, the notices themselves, the clocks. */
export function missingForNotification(facts: NotificationFacts): readonly string[] {
  const byTenant = new Map(facts.decisions.map((decision) => [decision.tenant, decision]));
  const decisions = facts.tenants
    .map((tenant) => missingDecision(tenant, byTenant.get(tenant)))
    .filter((text) => text !== null);
  const clocks = facts.clocks.filter(isPending).map((clock) => {
    const whose = clock.tenant === null ? '' : ` for ${clock.tenant}`;
    const due = `${clock.dueAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    return clock.state === 'missed'
      ? `${clock.name}${whose} was due at ${due} and is still not met: meet it late, or waive it with a reason`
      : `${clock.name}${whose} is met by ${due}, or waived with a reason`;
  });
  return [...decisions, ...facts.noticesMissing, ...clocks];
}

/** Why this person may not approve the decision, or null if they may. */
export function whyNotApprover(decision: NotificationDecision, staffId: string): string | null {
  if (decision.author.id === staffId) return 'Whoever decided does not approve';
  if (decision.decision === 'notify') return 'A decision to notify needs no approval';
  return decision.approver === null ? null : 'It is approved already';
}
