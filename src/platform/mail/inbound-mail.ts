import type { SystemJob } from '../database/scope.js';
import type { Tx } from '../database/database.js';

/** Octets of a mail that are read; of a larger one the rest stays in the mailbox and `isTruncated` is set. */
export const MAX_RAW_OCTETS = 25 * 1024 * 1024;

/** A mail as it arrived. Everything in it is hostile. */
export interface InboundMail {
  readonly raw: Buffer;
  readonly isTruncated: boolean;
  /** When the mailbox took it, which its sender cannot choose. */
  readonly receivedAt: Date;
}

/** What a handler wants written for a mail that it takes, in the transaction that also moves the mailbox's position. */
export interface Keep {
  readonly job: SystemJob;
  readonly keep: (tx: Tx) => Promise<void>;
}

/** Takes mails from the one mailbox. Mails may come a second time (a rebuilt mailbox), so keeping is idempotent. */
export interface MailHandler {
  readonly name: string;
  /** `first` handlers are asked before `last` ones; the `last` one takes whatever nobody else wanted. */
  readonly order: 'first' | 'last';
  /** Parses and checks (network allowed); undefined when the mail is not for this handler. */
  readonly prepare: (mail: InboundMail) => Promise<Keep | undefined>;
}
