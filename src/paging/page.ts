import type { EscalationPolicy } from './escalation.js';

/** Why somebody is paged. */
export type PageCause = 'opened' | 'reopened' | 'clock' | 'no_progress' | 'unreachable';

export type PageState = 'pending' | 'sent' | 'acknowledged' | 'expired';

export interface PageAttempt {
  readonly id: string;
  readonly pageId: string;
  readonly incidentId: string;
  readonly staffId: string;
  readonly staffName: string;
  readonly method: 'mail';
  readonly address: string;
  readonly cursor: number;
  /** From 0; null is the last resort. */
  readonly step: number | null;
  readonly isLate: boolean;
  readonly outcome: 'queued' | 'sent' | 'failed' | 'expired';
  readonly createdAt: Date;
  /** When the outcome was known. */
  readonly at: Date | null;
  /** What the provider said. */
  readonly answer: string | null;
}

export interface Page {
  readonly id: string;
  readonly incidentId: string;
  readonly number: string;
  readonly severity: string;
  readonly cause: PageCause;
  /** Shown to people who are signed in only. */
  readonly detail: string;
  /** Its events were old when they were first read: it stands for all such incidents that are opened while it runs. */
  readonly isDigest: boolean;
  readonly policy: EscalationPolicy;
  readonly cursor: number;
  readonly state: PageState;
  readonly startedAt: Date;
  readonly dueAt: Date | null;
  /** When the record that caused the incident was made; null when no record did. */
  readonly recordAt: Date | null;
  readonly firstSentAt: Date | null;
  readonly acknowledgedBy: { readonly id: string; readonly name: string } | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedVia: 'dashboard' | 'link' | null;
}

/** Whether it still pages people. */
export const isRunning = (page: Pick<Page, 'state'>): boolean => page.state === 'pending' || page.state === 'sent';

/** Why, in the few words that may cross a network nobody trusts. */
export function causeInWords({ cause, isDigest }: Pick<Page, 'cause' | 'isDigest'>): string {
  if (isDigest) return 'Old events were read just now. More such incidents may be open: look at the list.';
  switch (cause) {
    case 'opened':
      return 'A new incident needs you.';
    case 'reopened':
      return 'An incident that was thought contained needs you again.';
    case 'clock':
      return 'A deadline of this incident is running out.';
    case 'unreachable':
      return 'A notice of this incident reached nobody: somebody has to call.';
    case 'no_progress':
      return 'Nobody has worked on this incident for a while.';
  }
}
