import { DomainError } from '../errors/domain-error.js';
import type { Mail } from './mail.js';

export interface SentMail {
  /** The server's answer to the mail, e.g. `250 2.0.0 Ok: queued as 4F2`. */
  readonly response: string;
}

/** Hands mails to the mail server. Throws `MailError`; called from jobs, never inside a transaction. */
export abstract class Mailer {
  abstract send(mail: Mail): Promise<SentMail>;
  /** Where bounces go unless a mail says otherwise. */
  abstract get returnAddress(): string;
  /** The domain of Message-IDs. */
  abstract get domain(): string;
}

export type MailErrorCode = 'MAIL_NOT_CONFIGURED' | 'MAIL_FORBIDDEN' | 'MAIL_REFUSED' | 'MAIL_UNAVAILABLE';

/** A mail that was not accepted. `retryable` is false only when the server (or our own check) said never. */
export class MailError extends DomainError {
  /** What the server said, or the fault; short, one line. */
  readonly answer: string;
  constructor(code: MailErrorCode, answer: string, cause?: unknown) {
    super(code, `The mail was not accepted: ${answer}`, { retryable: code === 'MAIL_UNAVAILABLE', cause });
    this.answer = answer;
  }
}
