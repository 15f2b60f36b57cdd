import type { ContainmentAction } from './action.js';

export interface Approval {
  readonly staffId: string;
  readonly name: string;
  readonly isCommander: boolean;
  /** What they saw: the hash of the exact bytes. */
  readonly hash: string;
  readonly at: Date;
}

export interface Approver {
  readonly id: string;
  /** May approve containment (commander). */
  readonly isCommander: boolean;
}

export type ApprovalRefusal =
  | { readonly kind: 'forbidden'; readonly text: string }
  | { readonly kind: 'conflict'; readonly text: string }
  | { readonly kind: 'unmet'; readonly text: string };

/** Why this person may not approve the action as they saw it, or null if they may. */
export function whyNotApprove(
  action: Pick<ContainmentAction, 'needs' | 'proposer' | 'commandHash' | 'state'>,
  approvals: readonly Approval[],
  approver: Approver,
  seenHash: string,
): ApprovalRefusal | null {
  if (action.state !== 'proposed' && action.state !== 'failed' && action.state !== 'expired')
    return { kind: 'unmet', text: `The action is ${action.state.replaceAll('_', ' ')} already` };
  if (seenHash !== action.commandHash)
    return { kind: 'conflict', text: 'The command is not the one that you saw: look again' };
  if (action.proposer.kind === 'staff' && action.proposer.id === approver.id && action.needs !== 'none')
    return { kind: 'forbidden', text: 'Whoever proposes an action does not approve it' };
  if (action.needs === 'commander' && !approver.isCommander)
    return { kind: 'forbidden', text: 'This action needs a commander' };
  if (approvals.some(({ staffId, hash }) => staffId === approver.id && hash === action.commandHash))
    return { kind: 'unmet', text: 'You approved it already: a second person has to' };
  return null;
}

/** Whether the approvals that were given to these exact bytes suffice. Two people: one of them a commander. */
export function isApproved(
  action: Pick<ContainmentAction, 'needs' | 'commandHash'>,
  approvals: readonly Approval[],
): boolean {
  const valid = approvals.filter(({ hash }) => hash === action.commandHash);
  const people = new Set(valid.map(({ staffId }) => staffId)).size;
  switch (action.needs) {
    case 'none':
      return true;
    case 'responder':
      return people >= 1;
    case 'commander':
      return valid.some(({ isCommander }) => isCommander);
    case 'two_people':
      return people >= 2 && valid.some(({ isCommander }) => isCommander);
  }
}
