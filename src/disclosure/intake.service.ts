import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import type { Tx } from '../platform/database/database.js';
import { addJob } from '../platform/jobs/jobs.js';
import { announce } from '../platform/live/live.js';
import type { InboundMail, Keep, MailHandler } from '../platform/mail/inbound-mail.js';
import { mailConfig } from '../platform/mail/mail.config.js';
import { parseMailbox, tagOf } from '../platform/mail/mail.js';
import { Mailer } from '../platform/mail/mailer.js';
import { MAX_PARTS, parseInbound, type ParsedInbound } from '../platform/mail/parse-mail.js';
import { readSignedTag } from '../platform/mail/signed-tag.js';
import { acknowledgeReport } from './disclosure-jobs.js';
import { DisclosureMetrics } from './disclosure.metrics.js';
import { MailAuthenticator } from './mail-authenticator.js';
import { mayAcknowledge, type MayAcknowledge } from './may-acknowledge.js';
import type { Authentication, Report } from './report.js';
import { ReportMessageRepository } from './report-message.repository.js';
import { ReportRepository } from './report.repository.js';

/** Purpose of the tag in the reporter's own answer address. */
export const THREAD_TAG = 'report-thread';
/** Automatic answers an hour at most, to whomever: a flood of reports is not answered with a flood of mail. */
const ANSWERS_PER_HOUR = 60;

const FAULTS: Readonly<Record<NonNullable<ParsedInbound['fault']>, string>> = {
  too_many_parts: `(This mail has ${MAX_PARTS} parts or more. Only its headers were read; the mail itself is kept.)`,
  unreadable: '(This mail could not be read. It is kept as it came.)',
};

/** Makes each mail to the security address a report, or a message of the report that it provably belongs to. */
@Injectable()
export class IntakeService implements MailHandler {
  readonly name = 'disclosure';
  readonly order = 'last';

  constructor(
    private readonly reports: ReportRepository,
    private readonly messages: ReportMessageRepository,
    private readonly authenticator: MailAuthenticator,
    private readonly mailer: Mailer,
    private readonly box: SealedBox,
    private readonly metrics: DisclosureMetrics,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  readonly prepare = async (mail: InboundMail): Promise<Keep> => {
    const parsed = await parseInbound(mail.raw);
    const authentication = await this.authenticator.check(mail.raw, parsed);
    return { job: 'disclosure', keep: (tx) => this.#keep(tx, mail, parsed, authentication) };
  };

  async #keep(tx: Tx, mail: InboundMail, parsed: ParsedInbound, authentication: Authentication): Promise<void> {
    if (await this.messages.isKnown(tx, mail.raw)) {
      this.metrics.reports.inc({ outcome: 'repeated' });
      return;
    }
    const named = await this.#namedReport(tx, parsed);
    const isTheirs =
      named !== undefined &&
      authentication.aligned &&
      parsed.from?.address.toLowerCase() === named.reporter.email.toLowerCase();
    const report = isTheirs ? named : await this.#open(tx, mail, parsed, authentication, named);
    await this.messages.insert(tx, {
      reportId: report.id,
      direction: 'in',
      at: mail.receivedAt,
      messageId: parsed.messageId,
      from: senderOf(parsed),
      text: textOf(mail, parsed),
      attachments: parsed.attachments.map(({ name, contentType, sizeBytes, sha256 }) => ({
        name,
        contentType,
        sizeBytes,
        sha256,
      })),
      raw: mail.raw,
    });
    if (isTheirs) await this.#resume(tx, report);
    await announce(tx, { topic: 'report', id: report.id, tenants: [] });
    this.metrics.reports.inc({ outcome: isTheirs ? 'joined' : 'received' });
  }

  async #open(
    tx: Tx,
    mail: InboundMail,
    parsed: ParsedInbound,
    authentication: Authentication,
    named: Report | undefined,
  ): Promise<Report> {
    const answer = await this.#decideAnswer(tx, parsed, mail.receivedAt);
    const report = await this.reports.insert(tx, {
      subject: parsed.subject === '' ? '(no subject)' : parsed.subject,
      reporter: { email: parsed.from?.address ?? parsed.returnPath ?? '', name: parsed.from?.name ?? null },
      source: 'mail',
      receivedAt: mail.receivedAt,
      claimsReportId: named?.id ?? null,
      authentication,
      automaticAnswer: answer.ok ? 'queued' : answer.why,
    });
    if (answer.ok) {
      await addJob(tx, acknowledgeReport, { reportId: report.id, to: answer.to, inReplyTo: parsed.messageId });
    } else {
      this.metrics.reports.inc({ outcome: 'not_acknowledged' });
    }
    return report;
  }

  async #decideAnswer(
    tx: Tx,
    parsed: ParsedInbound,
    receivedAt: Date,
  ): Promise<MayAcknowledge | { readonly ok: false; readonly why: 'answered_today' }> {
    const { SECURITY_ADDRESS: securityAddress, MAIL_FROM: from } = this.config.get(mailConfig);
    const sender = parseMailbox(from)?.address;
    const addresses = [this.mailer.returnAddress, ...(sender === undefined ? [] : [sender])];
    const answer = mayAcknowledge(parsed, { securityAddress, addresses }, { receivedAt, now: this.clock.now() });
    if (!answer.ok) return answer;
    const isFirst = await this.reports.mayAnswerNow(tx, answer.to, ANSWERS_PER_HOUR);
    return isFirst ? answer : { ok: false, why: 'answered_today' };
  }

  async #namedReport(tx: Tx, parsed: ParsedInbound): Promise<Report | undefined> {
    const { SECURITY_ADDRESS: address } = this.config.get(mailConfig);
    const id = parsed.recipients
      .map((recipient) => tagOf(recipient, address))
      .map((tag) => (tag === undefined ? undefined : readSignedTag(this.box, THREAD_TAG, tag)))
      .find((found) => found !== undefined);
    return id === undefined ? undefined : this.reports.find(tx, id);
  }

  /** The reporter has answered: the clocks run again. */
  async #resume(tx: Tx, report: Report): Promise<void> {
    if (report.pausedSince === null) return;
    const pausedMs = report.pausedMs + (this.clock.nowMs() - report.pausedSince.getTime());
    await this.reports.change(tx, report, { pausedSince: null, pausedMs });
  }
}

function senderOf(parsed: ParsedInbound): string {
  if (parsed.from === null) return parsed.returnPath ?? '(no sender)';
  const { name, address } = parsed.from;
  return name === undefined || name === '' ? address : `${name} <${address}>`;
}

function textOf(mail: InboundMail, parsed: ParsedInbound): string {
  const notes = [
    ...(parsed.fault === null ? [] : [FAULTS[parsed.fault]]),
    ...(mail.isTruncated ? ['(This mail was larger than what is kept here; the rest is in the mailbox.)'] : []),
  ];
  // A NUL cannot be stored as text, and means nothing in it.
  return [...notes, parsed.text.replaceAll('\0', '')].join('\n\n').trim();
}
