import { describeAction, type Needs } from './catalogue.js';

export const ACTION_STATES = [
  'proposed',
  'approved',
  'sent',
  'acknowledged',
  'verified',
  'rejected',
  'expired',
  'failed',
  'undone',
  'done_by_hand',
] as const;
export type ActionState = (typeof ACTION_STATES)[number];

export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface EvidenceOfProof {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly sha256: string;
}

/** One thing done to one silo to stop an attack. */
export interface ContainmentAction {
  readonly id: string;
  readonly incidentId: string;
  readonly tenant: string;
  /** Kind and target: the same identity is not proposed twice for an incident while it runs. */
  readonly identity: string;
  readonly kind: string;
  readonly target: Readonly<Record<string, unknown>>;
  /** The exact OpenC2 bytes that are approved and sent. */
  readonly command: string;
  readonly commandHash: string;
  readonly needs: Needs;
  readonly state: ActionState;
  readonly isAutomatic: boolean;
  readonly proposer: Person & { readonly kind: 'staff' | 'job' };
  readonly proposedAt: Date;
  readonly approvedAt: Date | null;
  readonly sentAt: Date | null;
  readonly expiresAt: Date | null;
  readonly attempts: number;
  readonly silenceNotedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly result: { readonly status: number; readonly statusText: string } | null;
  readonly verifiedAt: Date | null;
  readonly verification: string | null;
  readonly evidence: readonly EvidenceOfProof[];
  /** Why it was rejected, or failed. */
  readonly reason: string | null;
  readonly byHand: {
    readonly by: Person;
    readonly evidence: string;
    readonly at: string;
    readonly secondPerson: Person;
    readonly confirmedAt: string | null;
  } | null;
  /** The action that this one takes back. */
  readonly undoes: string | null;
  readonly version: number;
}

/** Which state may follow which; everything else is refused. */
const NEXT: Readonly<Record<ActionState, readonly ActionState[]>> = {
  proposed: ['approved', 'rejected', 'done_by_hand'],
  approved: ['sent', 'failed', 'rejected', 'done_by_hand'],
  sent: ['sent', 'acknowledged', 'verified', 'failed', 'expired'],
  acknowledged: ['verified', 'failed'],
  // Proof that lapses: the events came back.
  verified: ['failed', 'undone'],
  failed: ['approved', 'rejected', 'done_by_hand', 'verified', 'acknowledged'],
  expired: ['approved', 'rejected', 'done_by_hand', 'acknowledged', 'verified'],
  rejected: [],
  undone: [],
  done_by_hand: ['done_by_hand', 'undone'],
};

export const mayBecome = (from: ActionState, to: ActionState): boolean => NEXT[from].includes(to);

/** What the action still needs before its incident may count as contained; null when it is proven or refused. */
export function missingFor(
  action: Pick<ContainmentAction, 'kind' | 'target' | 'tenant' | 'state' | 'needs' | 'reason' | 'byHand'>,
): string | null {
  const what = `${describeAction(action.kind, action.target)} (${action.tenant})`;
  switch (action.state) {
    case 'proposed':
      return `Approve or reject: ${what}`;
    case 'approved':
    case 'sent':
      return `The agent answers: ${what}`;
    case 'acknowledged':
      return `The silo's own records prove: ${what}`;
    case 'failed':
    case 'expired':
      return `Try again, do by hand or reject: ${what} (${action.reason ?? action.state})`;
    case 'done_by_hand':
      return action.byHand !== null && action.byHand.confirmedAt !== null
        ? null
        : `${action.byHand?.secondPerson.name ?? 'A second person'} confirms: ${what}`;
    case 'verified':
    case 'rejected':
    case 'undone':
      return null;
  }
}
