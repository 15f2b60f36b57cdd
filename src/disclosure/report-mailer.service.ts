import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config/config.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { announce } from '../platform/live/live.js';
import { renderText } from '../platform/mail/mail-template.js';
import { mailConfig } from '../platform/mail/mail.config.js';
import { isMessageId, oneLine, tagged, type Mailbox } from '../platform/mail/mail.js';
import { MailError, Mailer } from '../platform/mail/mailer.js';
import { signedTag } from '../platform/mail/signed-tag.js';
import { DisclosureMetrics } from './disclosure.metrics.js';
import { DisclosureTexts } from './disclosure-texts.js';
import { THREAD_TAG } from './intake.service.js';
import type { Report, ReportMessage } from './report.js';
import { ReportMessageRepository } from './report-message.repository.js';
import { ReportRepository } from './report.repository.js';

/** Message-IDs named in a mail at most. */
const MAX_REFERENCES = 20;

/** Sends what goes to researchers, and records how it ended. */
@Injectable()
export class ReportMailer {
  constructor(
    private readonly database: Database,
    private readonly reports: ReportRepository,
    private readonly messages: ReportMessageRepository,
    private readonly mailer: Mailer,
    private readonly texts: DisclosureTexts,
    private readonly box: SealedBox,
    private readonly metrics: DisclosureMetrics,
    private readonly config: Config,
  ) {}

  /** The automatic answer (RFC 3834): null sender, marked, repeating nothing. Throws when it is worth trying again. */
  async acknowledge(
    job: { readonly reportId: string; readonly to: string; readonly inReplyTo: string | null },
    isLastTry: boolean,
  ): Promise<void> {
    const report = await this.#inSystem((tx) => this.reports.find(tx, job.reportId));
    if (report === undefined || report.automaticAnswer === 'sent') return;
    const { COMPANY_NAME: company } = this.config.get(mailConfig);
    const original = job.inReplyTo !== null && isMessageId(job.inReplyTo) ? job.inReplyTo : undefined;
    try {
      await this.mailer.send({
        kind: 'report_acknowledgement',
        messageId: `acknowledgement.${report.id}@${this.mailer.domain}`,
        to: { address: job.to },
        replyTo: this.#answerAddress(report),
        ...renderText(this.texts.acknowledgement, { number: report.number, company }),
        ...(original === undefined ? {} : { inReplyTo: original, references: [original] }),
        returnPath: '',
        autoSubmitted: 'auto-replied',
      });
      await this.#inSystem((tx) => this.reports.noteAutomaticAnswer(tx, report.id, 'sent'));
      this.metrics.reports.inc({ outcome: 'acknowledged' });
    } catch (error) {
      if (!isLastTry && !(error instanceof MailError && !error.retryable)) throw error;
      const answer = error instanceof MailError ? error.answer : 'the mail could not be made';
      await this.#inSystem((tx) => this.reports.noteAutomaticAnswer(tx, report.id, `failed: ${answer}`));
    }
  }

  /** A person's message. Throws when it is worth trying again. */
  async send(messageId: string, isLastTry: boolean): Promise<void> {
    const loaded = await this.#inSystem((tx) => this.#load(tx, messageId));
    if (loaded === undefined) return;
    const { report, message, thread } = loaded;
    try {
      const { response } = await this.mailer.send({
        kind: 'report_reply',
        messageId: message.messageId ?? `report.${message.id}@${this.mailer.domain}`,
        to: {
          address: report.reporter.email,
          ...(report.reporter.name === null ? {} : { name: report.reporter.name }),
        },
        replyTo: this.#answerAddress(report),
        subject: `Re: ${oneLine(report.subject.replace(/^(?:\s*re\s*:)+\s*/i, ''), 150)} [${report.number}]`,
        text: message.text,
        ...inThread(thread),
        autoSubmitted: 'no',
      });
      await this.#settle(report, message, 'sent', response);
    } catch (error) {
      if (!isLastTry && !(error instanceof MailError && !error.retryable)) throw error;
      await this.#settle(
        report,
        message,
        'failed',
        error instanceof MailError ? error.answer : 'the mail could not be made',
      );
    }
  }

  #answerAddress(report: Report): Mailbox {
    const { SECURITY_ADDRESS: address } = this.config.get(mailConfig);
    return { address: tagged(address, signedTag(this.box, THREAD_TAG, report.id)) };
  }

  async #load(
    tx: Tx,
    messageId: string,
  ): Promise<{ report: Report; message: ReportMessage; thread: readonly ReportMessage[] } | undefined> {
    const message = await this.messages.find(tx, messageId);
    if (message?.delivery !== 'queued') return undefined;
    const report = await this.reports.find(tx, message.reportId);
    if (report === undefined) return undefined;
    const all = await this.messages.ofReport(tx, report.id);
    return { report, message, thread: all.filter(({ id }) => id !== message.id) };
  }

  async #settle(report: Report, message: ReportMessage, delivery: 'sent' | 'failed', answer: string): Promise<void> {
    await this.#inSystem(async (tx) => {
      await this.messages.settle(tx, message.id, delivery, answer);
      await announce(tx, { topic: 'report', id: report.id, tenants: [] });
    });
    if (delivery === 'sent') this.metrics.reports.inc({ outcome: 'answered' });
  }

  async #inSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(system('disclosure'), work);
  }
}

/** In the thread of the reporter's own mails. Ids from outside that are none are left out. */
function inThread(thread: readonly ReportMessage[]): { inReplyTo?: string; references?: string[] } {
  const ids = thread.map(({ messageId }) => messageId).filter((id): id is string => id !== null && isMessageId(id));
  const lastIn = thread.findLast(({ direction }) => direction === 'in')?.messageId ?? null;
  return {
    ...(lastIn !== null && isMessageId(lastIn) ? { inReplyTo: lastIn } : {}),
    ...(ids.length === 0 ? {} : { references: [...ids.slice(0, 1), ...ids.slice(1).slice(-MAX_REFERENCES)] }),
  };
}
