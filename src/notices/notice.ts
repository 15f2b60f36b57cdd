export const NOTICE_KINDS = ['first', 'update', 'final', 'retraction'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** `queued`: approved, deliveries are under way. `sent`: every delivery has come to an end; whether it arrived, each delivery says. */
export type NoticeState = 'draft' | 'queued' | 'sent' | 'cancelled';

/** What the author fills in, by the keys of `FACT_FIELDS`. Plain text. */
export type NoticeFacts = Readonly<Record<string, string>>;

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** The finding that the text seems to name other customers may be overridden by two people. */
export interface LeakOverride {
  readonly person: Person;
  readonly reason: string;
  /** The content it was given for; an edit voids it. */
  readonly contentHash: string;
}

export interface Notice {
  readonly id: string;
  readonly incidentId: string;
  readonly tenant: string;
  readonly kind: NoticeKind;
  readonly state: NoticeState;
  readonly facts: NoticeFacts;
  readonly author: Person;
  /** Everybody who wrote a version of it, the author first; none of them may approve. */
  readonly editors: readonly Person[];
  readonly overrides: readonly LeakOverride[];
  readonly createdAt: Date;
  readonly approvedBy: Person | null;
  readonly approvedAt: Date | null;
  /** What was approved; null before. */
  readonly approvedHash: string | null;
  /** As it was approved, and as it goes out. */
  readonly rendered: { readonly subject: string; readonly html: string; readonly text: string } | null;
  readonly sentAt: Date | null;
  readonly version: number;
}

export interface Delivery {
  readonly id: string;
  readonly noticeId: string;
  readonly incidentId: string;
  readonly tenant: string;
  readonly name: string;
  readonly address: string;
  readonly state: 'queued' | 'sent' | 'bounced' | 'failed';
  readonly at: Date;
  /** When a mail server first accepted it; stays when it bounces later. */
  readonly firstSentAt: Date | null;
  /** What the mail server said last. */
  readonly answer: string | null;
  readonly messageId: string;
  /** When the recipient confirmed receipt on the notice's page. */
  readonly receivedAt: Date | null;
  /** How a person dealt with its bounce or failure, e.g. by telephone. */
  readonly settled: { readonly by: Person; readonly reason: string } | null;
}

/** Whether the customer has got it, as far as anybody can know, or somebody has seen to it otherwise. */
export const isDealtWith = (delivery: Delivery): boolean =>
  delivery.state === 'sent' || delivery.settled !== null || delivery.receivedAt !== null;
