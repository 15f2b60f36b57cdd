import type { Clock } from '../clock/clock.js';
import type { Database, Tx } from '../database/database.js';
import type { Log } from '../logging/logging.js';
import { MAX_RAW_OCTETS, type InboundMail, type Keep, type MailHandler } from './inbound-mail.js';

/** Where a mail lies in the mailbox: UIDs count up within one UIDVALIDITY (RFC 9051 §2.3.1.1). */
export interface MailPosition {
  readonly mailbox: string;
  readonly uidValidity: bigint;
  readonly uid: number;
}

/** The door through which every incoming mail comes: from the IMAP reader, or handed over in the process. Rooms register handlers before the start. */
export class MailInbox {
  readonly #handlers: MailHandler[] = [];
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(database: Database, clock: Clock, log: Log) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
  }

  onMail(handler: MailHandler): void {
    this.#handlers.push(handler);
    this.#handlers.sort((a, b) => Number(a.order === 'last') - Number(b.order === 'last'));
  }

  /**
   * Takes a mail that did not come over IMAP, such as the demo's. `envelopeFrom` is written on top as its Return-Path, as the server that
   * delivers a mail does (RFC 5321 §4.4).
   */
  async deliver(raw: Buffer, envelopeFrom?: string): Promise<void> {
    const mail =
      envelopeFrom === undefined
        ? raw
        : Buffer.concat([Buffer.from(`Return-Path: <${envelopeFrom.replace(/[\r\n<>]/g, '')}>\r\n`), raw]);
    const kept = await this.#prepare({
      raw: mail.subarray(0, MAX_RAW_OCTETS),
      isTruncated: mail.length > MAX_RAW_OCTETS,
      receivedAt: this.#clock.now(),
    });
    if (kept !== undefined) await this.#database.transaction({ kind: 'system', job: kept.job }, (tx) => kept.keep(tx));
  }

  /** Keeps the mail and moves the position in one transaction; a mail that another instance took meanwhile is left alone. */
  async receive(mail: InboundMail, position: MailPosition): Promise<void> {
    const kept = await this.#prepare(mail);
    const job = kept?.job ?? 'disclosure';
    await this.#database.transaction({ kind: 'system', job }, async (tx) => {
      if (!(await this.#advance(tx, position))) return;
      await kept?.keep(tx);
    });
  }

  /** Passes over a mail that could not be kept again and again; it stays in the mailbox, and the row says where. */
  async passOver(position: MailPosition, reason: string): Promise<void> {
    await this.#database.transaction({ kind: 'system', job: 'disclosure' }, async (tx) => {
      if (!(await this.#advance(tx, position))) return;
      await tx.query(
        `insert into mail_passed_over (mailbox, uid_validity, uid, at, reason) values ($1, $2, $3, $4, $5)`,
        [position.mailbox, position.uidValidity.toString(), position.uid, this.#clock.now(), reason.slice(0, 500)],
      );
    });
    this.#log.error(
      { event: 'mail.passed_over', uid: position.uid, reason: reason.slice(0, 500) },
      'a mail could not be kept and waits in the mailbox',
    );
  }

  /** The last UID that was taken in this life of the mailbox; 0 when none was. */
  async lastUid(mailbox: string, uidValidity: bigint): Promise<number> {
    return this.#database.transaction({ kind: 'system', job: 'disclosure' }, async (tx) => {
      const rows = await tx.query<{ uid: string }[]>(
        `select uid from mail_positions where mailbox = $1 and uid_validity = $2`,
        [mailbox, uidValidity.toString()],
      );
      return Number(rows[0]?.uid ?? 0);
    });
  }

  async #prepare(mail: InboundMail): Promise<Keep | undefined> {
    for (const handler of this.#handlers) {
      const kept = await handler.prepare(mail);
      if (kept !== undefined) return kept;
    }
    return undefined;
  }

  async #advance(tx: Tx, position: MailPosition): Promise<boolean> {
    // The first mail of a mailbox, or of its new life after UIDVALIDITY changed.
    await tx.query(
      `insert into mail_positions (mailbox, uid_validity, uid, at) values ($1, $2, 0, $3)
       on conflict (mailbox) do update set uid_validity = excluded.uid_validity, uid = 0, at = excluded.at
       where mail_positions.uid_validity <> excluded.uid_validity`,
      [position.mailbox, position.uidValidity.toString(), this.#clock.now()],
    );
    const rows = await tx.query<[unknown[], number]>(
      `update mail_positions set uid = $3, at = $4 where mailbox = $1 and uid_validity = $2 and uid < $3 returning uid`,
      [position.mailbox, position.uidValidity.toString(), position.uid, this.#clock.now()],
    );
    return rows[1] > 0;
  }
}
