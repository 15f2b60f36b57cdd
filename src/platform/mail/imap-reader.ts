import { setTimeout as sleep } from 'node:timers/promises';
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { Secret } from '../config/secret.js';
import { DomainError } from '../errors/domain-error.js';
import type { Log } from '../logging/logging.js';
import { MAX_RAW_OCTETS } from './inbound-mail.js';
import type { MailInbox, MailPosition } from './mail-inbox.js';

/** A mail that fails this often is passed over, so that one poisoned mail does not keep the next report waiting. */
const MAX_FAILURES = 5;
/** Even a server that forgets to tell is asked this often. */
const LOOK_AGAIN_MS = 60_000;
/** A server that does not answer the good-bye is left without it. */
const GOOD_BYE_MS = 1_000;
const BACK_OFF_MS = { first: 1_000, most: 60_000 };
const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);

/** Reads one folder over IMAP, in order of UID, and waits with IDLE for more; reconnects for ever. Nothing is deleted or marked there. */
export class ImapReader {
  readonly #options: ImapFlowOptions;
  readonly #mailbox: string;
  readonly #inbox: MailInbox;
  readonly #log: Log;
  readonly #failures = new Map<number, number>();
  readonly #stop = new AbortController();
  #client: ImapFlow | undefined;
  #running: Promise<void> | undefined;

  readonly #firstWaitMs: number;

  constructor(url: Secret, mailbox: string, inbox: MailInbox, log: Log, firstWaitMs = BACK_OFF_MS.first) {
    this.#firstWaitMs = firstWaitMs;
    this.#options = connection(url.reveal());
    this.#mailbox = mailbox;
    this.#inbox = inbox;
    this.#log = log;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    if (this.#client !== undefined) await leave(this.#client);
    await this.#running;
  }

  get isConnected(): boolean {
    return this.#client?.usable ?? false;
  }

  async #run(): Promise<void> {
    let waitMs = this.#firstWaitMs;
    while (!this.#isStopped()) {
      const startedAt = performance.now();
      try {
        await this.#session();
      } catch (error) {
        if (this.#isStopped()) return;
        this.#log.warn({ event: 'mail.inbox_lost', error, waitMs }, 'the mailbox connection was lost');
      }
      // A session that held for a while was not the server's refusal.
      waitMs = performance.now() - startedAt > BACK_OFF_MS.most ? this.#firstWaitMs : waitMs;
      await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, BACK_OFF_MS.most);
    }
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #session(): Promise<void> {
    const client = new ImapFlow(this.#options);
    this.#client = client;
    const bell = new Bell();
    client.on('exists', () => bell.ring());
    client.on('close', () => bell.ring());
    // Errors come with a close; without a listener one would end the process.
    client.on('error', () => bell.ring());
    try {
      await client.connect();
      const folder = await client.mailboxOpen(this.#mailbox);
      this.#log.info({ event: 'mail.inbox_open', mailbox: this.#mailbox }, 'the mailbox is open');
      while (client.usable && !this.#isStopped()) {
        await this.#drain(client, folder.uidValidity);
        await bell.wait(LOOK_AGAIN_MS);
      }
    } finally {
      client.close();
    }
  }

  async #drain(client: ImapFlow, uidValidity: bigint): Promise<void> {
    const last = await this.#inbox.lastUid(this.#mailbox, uidValidity);
    const found: { uid: number; receivedAt: Date; sizeBytes: number }[] = [];
    // `n:*` always names the last mail, also when its UID is below n.
    for await (const mail of client.fetch(
      `${last + 1}:*`,
      { uid: true, internalDate: true, size: true },
      { uid: true },
    )) {
      if (mail.uid <= last) continue;
      found.push({
        uid: mail.uid,
        receivedAt: new Date(mail.internalDate ?? Date.now()),
        sizeBytes: mail.size ?? 0,
      });
    }
    found.sort((a, b) => a.uid - b.uid);
    for (const mail of found) {
      await this.#take(client, { mailbox: this.#mailbox, uidValidity, uid: mail.uid }, mail.receivedAt, mail.sizeBytes);
      if (this.#isStopped()) return;
    }
  }

  async #take(client: ImapFlow, position: MailPosition, receivedAt: Date, sizeBytes: number): Promise<void> {
    const fetched = await client.fetchOne(
      String(position.uid),
      { source: { start: 0, maxLength: MAX_RAW_OCTETS } },
      { uid: true },
    );
    // Somebody deleted it between the listing and now.
    if (fetched === false || fetched.source === undefined) return;
    try {
      await this.#inbox.receive({ raw: fetched.source, isTruncated: sizeBytes > MAX_RAW_OCTETS, receivedAt }, position);
      this.#failures.delete(position.uid);
    } catch (error) {
      const failures = (this.#failures.get(position.uid) ?? 0) + 1;
      this.#failures.set(position.uid, failures);
      if (failures < MAX_FAILURES) throw error;
      await this.#inbox.passOver(position, error instanceof Error ? error.name : 'unknown');
      this.#failures.delete(position.uid);
    }
  }
}

/** Takes leave with LOGOUT (RFC 9051 §6.1.3); some servers keep, or even spin on, a connection that merely breaks off. */
async function leave(client: ImapFlow): Promise<void> {
  const tooLong = new AbortController();
  if (client.usable) {
    const goodBye = client.logout().catch(() => undefined);
    await Promise.race([goodBye, sleep(GOOD_BYE_MS, undefined, { signal: tooLong.signal }).catch(() => undefined)]);
  }
  tooLong.abort();
  client.close();
}

/** Remembers that it rang, so that what arrives during work is not slept over. */
class Bell {
  #hasRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  async wait(ms: number): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#hasRung = false;
    this.#wake = undefined;
  }
}

function connection(text: string): ImapFlowOptions {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new DomainError('MAIL_CONFIG', 'IMAP_URL is not a URL like imaps://user:password@mail.example:993', {
      cause,
    });
  }
  if (url.protocol !== 'imap:' && url.protocol !== 'imaps:') {
    throw new DomainError('MAIL_CONFIG', 'IMAP_URL must begin with imap:// or imaps://');
  }
  const isSecure = url.protocol === 'imaps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isSecure ? 993 : 143) : Number(url.port),
    secure: isSecure,
    ...(isSecure ? {} : { doSTARTTLS: !LOOPBACK.has(url.hostname) }),
    auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    logger: false,
    // IDLE begins as soon as the work is done, so that a report is seen within a second.
    autoIdleDelay: 200,
    maxIdleTime: 5 * 60_000,
    connectionTimeout: 15_000,
    maxLiteralSize: MAX_RAW_OCTETS + 1024,
    maxResponseSize: MAX_RAW_OCTETS * 2,
    clientInfo: { name: 'silowatch' },
  };
}
