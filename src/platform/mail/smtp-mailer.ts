import { createPrivateKey } from 'node:crypto';
import nodemailer, { type SendMailOptions, type SMTPPoolOptions, type Transporter } from 'nodemailer';
import type { Counter } from 'prom-client';
import { DomainError } from '../errors/domain-error.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Secret } from '../config/secret.js';
import { note, span } from '../tracing/tracing.js';
import {
  canBeTagged,
  domainOf,
  faultsOf,
  MAX_TAGGED_LOCAL,
  oneLine,
  parseMailbox,
  type Mail,
  MAIL_KINDS,
  type MailKind,
  type Mailbox,
} from './mail.js';
import { MailError, Mailer, type SentMail } from './mailer.js';

export interface SmtpOptions {
  readonly url: Secret | undefined;
  readonly from: string;
  readonly returnAddress: string | undefined;
  readonly dkim: { readonly domain: string; readonly selector: string; readonly privateKey: Secret } | undefined;
}

/** One attempt as a whole is over within about a minute; the job queue tries again. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 };
const MAIL_OUTCOMES = ['sent', 'refused', 'unavailable'] as const;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);

/** Sends over SMTP. TLS is required unless the server is on this machine. */
export class SmtpMailer extends Mailer {
  readonly #transport: Transporter | undefined;
  readonly #from: Mailbox;
  readonly #returnAddress: string;
  readonly #mails: Counter<'kind' | 'outcome'>;

  constructor(options: SmtpOptions, metrics: Metrics) {
    super();
    const from = parseMailbox(options.from);
    if (from === undefined)
      throw new DomainError('MAIL_CONFIG', 'MAIL_FROM is not an address like "Name <a@b.example>"');
    this.#from = from;
    this.#returnAddress = options.returnAddress ?? from.address;
    if (!canBeTagged(this.#returnAddress)) {
      throw new DomainError(
        'MAIL_CONFIG',
        `MAIL_RETURN_ADDRESS must be set, with ${MAX_TAGGED_LOCAL} characters at most before the @: MAIL_FROM has more`,
      );
    }
    this.#transport = options.url === undefined ? undefined : connect(options.url.reveal(), from, options.dkim);
    this.#mails = metrics.counter('silowatch_mails_total', 'Mails by kind and by what became of the attempt', [
      'kind',
      'outcome',
    ]);
    metrics.beginAtZero(this.#mails, { kind: MAIL_KINDS, outcome: MAIL_OUTCOMES });
  }

  override get returnAddress(): string {
    return this.#returnAddress;
  }

  override get domain(): string {
    return domainOf(this.#from.address);
  }

  override async send(mail: Mail): Promise<SentMail> {
    try {
      const sent = await span('mail', { 'silowatch.mail.kind': mail.kind }, async () => {
        const accepted = await this.#attempt(mail);
        // The code alone: the text may name the recipient.
        note({ 'smtp.response.code': Number.parseInt(accepted.response, 10) || 0 });
        return accepted;
      });
      this.#count(mail.kind, 'sent');
      return sent;
    } catch (error) {
      this.#count(mail.kind, error instanceof MailError && !error.retryable ? 'refused' : 'unavailable');
      throw error;
    }
  }

  close(): void {
    this.#transport?.close();
  }

  async #attempt(mail: Mail): Promise<SentMail> {
    const faults = faultsOf(mail);
    if (faults.length > 0) {
      throw new MailError('MAIL_FORBIDDEN', faults.map((fault) => `${fault.field}: ${fault.problem}`).join(', '));
    }
    if (this.#transport === undefined) throw new MailError('MAIL_NOT_CONFIGURED', 'SMTP_URL is not set');
    try {
      const info = (await this.#transport.sendMail(this.#message(mail))) as { response?: string };
      return { response: oneLine(info.response ?? '', 500) };
    } catch (error) {
      throw asMailError(error);
    }
  }

  #message(mail: Mail): SendMailOptions {
    const address = (box: Mailbox): { name: string; address: string } => ({
      name: box.name ?? '',
      address: box.address,
    });
    return {
      from: address(this.#from),
      to: address(mail.to),
      ...(mail.replyTo === undefined ? {} : { replyTo: address(mail.replyTo) }),
      envelope: { from: mail.returnPath ?? this.#returnAddress, to: mail.to.address },
      messageId: `<${mail.messageId}>`,
      ...(mail.inReplyTo === undefined ? {} : { inReplyTo: `<${mail.inReplyTo}>` }),
      ...(mail.references === undefined ? {} : { references: mail.references.map((id) => `<${id}>`) }),
      subject: mail.subject,
      text: mail.text,
      ...(mail.html === undefined ? {} : { html: mail.html }),
      ...(mail.isUrgent === true ? { priority: 'high' as const } : {}),
      xMailer: false,
      headers: {
        ...(mail.autoSubmitted === 'no' ? {} : { 'Auto-Submitted': mail.autoSubmitted }),
        ...(mail.listId === undefined ? {} : { 'List-Id': `<${mail.listId}>` }),
        // Outlook and Exchange answer automatically unless told not to.
        ...(mail.autoSubmitted === 'no' ? {} : { 'X-Auto-Response-Suppress': 'All' }),
      },
      disableFileAccess: true,
      disableUrlAccess: true,
    };
  }

  #count(kind: MailKind, outcome: (typeof MAIL_OUTCOMES)[number]): void {
    this.#mails.inc({ kind, outcome });
  }
}

function connect(text: string, from: Mailbox, dkim: SmtpOptions['dkim']): Transporter {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new DomainError('MAIL_CONFIG', 'SMTP_URL is not a URL like smtps://user:password@mail.example:465', {
      cause,
    });
  }
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') {
    throw new DomainError('MAIL_CONFIG', 'SMTP_URL must begin with smtp:// or smtps://');
  }
  const isSecure = url.protocol === 'smtps:';
  const isLoopback = LOOPBACK.has(url.hostname);
  const options: SMTPPoolOptions & { pool: true } = {
    pool: true,
    maxConnections: 5,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
    secure: isSecure,
    ...(isSecure ? {} : isLoopback ? { ignoreTLS: true } : { requireTLS: true }),
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    tls: { minVersion: 'TLSv1.2' },
    ...TIMEOUTS,
    ...(dkim === undefined ? {} : { dkim: signing(dkim, from) }),
  };
  return nodemailer.createTransport(options);
}

/** Checked at the start: a signature that no receiver accepts is found now and not in a customer's spam folder. */
function signing(
  dkim: NonNullable<SmtpOptions['dkim']>,
  from: Mailbox,
): { domainName: string; keySelector: string; privateKey: string } {
  const key = createPrivateKey(dkim.privateKey.reveal());
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (key.asymmetricKeyType !== 'rsa' || bits === undefined || bits < 2048) {
    throw new DomainError('MAIL_CONFIG', 'DKIM_PRIVATE_KEY must be an RSA key of 2048 bits or more');
  }
  const domain = domainOf(from.address);
  if (domain !== dkim.domain && !domain.endsWith(`.${dkim.domain}`)) {
    throw new DomainError('MAIL_CONFIG', `DKIM_DOMAIN ${dkim.domain} is not aligned with MAIL_FROM (${domain})`);
  }
  return { domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKey.reveal() };
}

/** Only an answer of 5xx to the mail itself proves that trying again is useless (RFC 5321 §4.2.1). */
function asMailError(error: unknown): MailError {
  const { responseCode, response, code } = error as { responseCode?: number; response?: string; code?: string };
  const answer = oneLine(response ?? (error instanceof Error ? error.message : String(error)), 500);
  const isPermanent = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH' && code !== 'ETLS';
  return new MailError(isPermanent ? 'MAIL_REFUSED' : 'MAIL_UNAVAILABLE', answer, error);
}
