import type { ContainmentAction } from './action.js';
import type { Approval } from './approval.js';
import { describeAction, findEntry } from './catalogue.js';

/** An action as it is shown, with the exact bytes and their hash, which an approval names. */
export function viewAction(action: ContainmentAction, approvals: readonly Approval[]): Record<string, unknown> {
  const entry = findEntry(action.kind);
  return {
    id: action.id,
    incidentId: action.incidentId,
    kind: action.kind,
    label: describeAction(action.kind, action.target),
    target: action.target,
    tenant: action.tenant,
    state: action.state,
    needs: action.needs,
    isAutomatic: action.isAutomatic,
    proposedBy: { kind: action.proposer.kind, id: action.proposer.id, name: action.proposer.name },
    proposedAt: action.proposedAt.toISOString(),
    approvals: approvals.map(({ staffId, name, at }) => ({ staff: { id: staffId, name }, at: at.toISOString() })),
    blastRadius: entry?.blastRadius ?? '',
    undoKind: entry?.undo ?? null,
    undoes: action.undoes,
    command: JSON.parse(action.command) as unknown,
    hash: action.commandHash,
    sentAt: action.sentAt?.toISOString() ?? null,
    acknowledgedAt: action.acknowledgedAt?.toISOString() ?? null,
    result: action.result,
    verification:
      action.verifiedAt === null || action.verification === null
        ? null
        : { text: action.verification, at: action.verifiedAt.toISOString() },
    evidence: action.evidence,
    reason: action.reason,
    byHand: action.byHand,
    version: action.version,
  };
}
