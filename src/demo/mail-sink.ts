import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail as the sink keeps it. */
export interface SunkMail {
  readonly id: number;
  readonly receivedAt: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Mails kept; older ones are forgotten. */
const KEPT = 200;
const MAX_OCTETS = 5 * 1024 * 1024;

export interface MailSinkOptions {
  readonly now: () => Date;
  /** Mail to this address goes to `onSecurityMail` as raw octets: the demo's stand-in for an IMAP mailbox. */
  readonly securityAddress: string;
  readonly onSecurityMail: (raw: Buffer, envelopeFrom: string) => Promise<void>;
}

/** Takes every mail the demo sends and delivers none: an SMTP server on loopback. */
export class MailSink {
  readonly #options: MailSinkOptions;
  readonly #mails: SunkMail[] = [];
  readonly #server: SMTPServer;
  #count = 0;

  constructor(options: MailSinkOptions) {
    this.#options = options;
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      size: MAX_OCTETS,
      disableReverseLookup: true,
      logger: false,
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const recipients = session.envelope.rcptTo.map((recipient) => recipient.address);
          const sender = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
          this.#take(Buffer.concat(chunks), sender, recipients).then(
            () => done(),
            (error: unknown) => done(error instanceof Error ? error : new Error('not accepted')),
          );
        });
      },
    });
    // A client that breaks off in the middle is no reason to stop.
    this.#server.on('error', () => undefined);
  }

  /** Newest first. */
  get mails(): readonly SunkMail[] {
    return this.#mails;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve());
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #take(raw: Buffer, sender: string, recipients: readonly string[]): Promise<void> {
    const mail = await simpleParser(raw, { skipImageLinks: true });
    this.#count += 1;
    this.#mails.unshift({
      id: this.#count,
      receivedAt: this.#options.now().toISOString(),
      from: mail.from?.text ?? sender,
      to: recipients,
      subject: mail.subject ?? '(no subject)',
      text: mail.text ?? '',
      html: typeof mail.html === 'string' ? mail.html : '',
    });
    this.#mails.length = Math.min(this.#mails.length, KEPT);
    if (
      recipients.some((address) => address.toLowerCase().startsWith(this.#options.securityAddress.split('@')[0] ?? ''))
    ) {
      await this.#options.onSecurityMail(raw, sender);
    }
  }
}
