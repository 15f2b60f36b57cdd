import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { PublicUrl } from '../platform/http/public-url.js';
import { Ids, tokenHash } from '../platform/ids/ids.js';
import { MailError, Mailer } from '../platform/mail/mailer.js';
import { oneLine } from '../platform/mail/mail.js';
import { note } from '../platform/tracing/tracing.js';
import { isRunning, type Page, type PageAttempt } from './page.js';
import { pageMail } from './page-mail.js';
import { PageLog } from './page-log.service.js';
import { PageRepository } from './page.repository.js';
import { PagingMetrics } from './paging.metrics.js';
import { PagingTexts } from './paging-texts.js';

/** An attempt in somebody's hands for longer than this is in nobody's: its process died. */
const CLAIM_MS = 60_000;
/** A page that could not be sent for so long is not sent any more: newer steps have followed. */
const EXPIRES_AFTER_MS = 5 * 60_000;
/** The link of a page that runs on for days still works. */
const TOKEN_LIFE_MS = 7 * 24 * 3_600_000;
const REPEATED = 'a try before this one was cut off, so the mail may have come twice, under one Message-ID';
/** Attempts that the job queue has left lying for so long are sent without it. */
const STUCK_AFTER_MS = 30_000;

/** Sends attempts and records what the provider said. */
@Injectable()
export class PageSender {
  constructor(
    private readonly database: Database,
    private readonly pages: PageRepository,
    private readonly pageLog: PageLog,
    private readonly mailer: Mailer,
    private readonly texts: PagingTexts,
    private readonly publicUrl: PublicUrl,
    private readonly metrics: PagingMetrics,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** Throws when it is worth trying again. */
  async send(attemptId: string, isLastTry: boolean): Promise<void> {
    const token = this.ids.token();
    const claimed = await this.database.transaction(system('paging'), (tx) => this.#claim(tx, attemptId, token));
    if (claimed === undefined) return;
    const { page, attempt, wasCutOff } = claimed;
    if (wasCutOff) this.metrics.pages.inc({ outcome: 'repeated' });
    note({ 'silowatch.page.id': page.id, 'silowatch.incident.id': page.incidentId });
    try {
      const rendered = pageMail(this.texts.mail, { page, attempt, token, publicUrl: this.publicUrl });
      const { response } = await this.mailer.send({
        kind: 'page',
        messageId: `page.${attempt.id}@${this.mailer.domain}`,
        // One thread an incident, though no mail of this id was ever sent.
        references: [`pages.${page.incidentId}@${this.mailer.domain}`],
        to: { name: attempt.staffName, address: attempt.address },
        ...rendered,
        autoSubmitted: 'auto-generated',
        isUrgent: true,
      });
      await this.#settle(page, attempt, 'sent', wasCutOff ? `${response}; ${REPEATED}` : response);
    } catch (error) {
      await this.#failed(page, attempt, error, isLastTry);
    }
  }

  /** The second path: what the job queue has not got out is sent from here. */
  async sendStuck(): Promise<void> {
    const before = new Date(this.clock.nowMs() - STUCK_AFTER_MS);
    const ids = await this.database.transaction(system('paging'), (tx) => this.pages.stuckAttempts(tx, before, 20));
    for (const id of ids) await this.send(id, false).catch(() => undefined);
  }

  async #claim(
    tx: Tx,
    attemptId: string,
    token: string,
  ): Promise<{ readonly page: Page; readonly attempt: PageAttempt; readonly wasCutOff: boolean } | undefined> {
    const nowMs = this.clock.nowMs();
    const claimed = await this.pages.claimAttempt(tx, attemptId, new Date(nowMs - CLAIM_MS));
    if (claimed === undefined) return undefined;
    const { attempt } = claimed;
    const page = await this.pages.find(tx, attempt.pageId);
    const isTooLate = nowMs - attempt.createdAt.getTime() > EXPIRES_AFTER_MS;
    if (page === undefined || !isRunning(page) || isTooLate) {
      await this.pages.settleAttempt(tx, attempt.id, 'expired', isTooLate ? 'not sent in time' : 'not needed any more');
      this.metrics.pages.inc({ outcome: 'expired' });
      return undefined;
    }
    await this.pages.insertToken(tx, {
      hash: tokenHash(token),
      pageId: page.id,
      incidentId: page.incidentId,
      staffId: attempt.staffId,
      staffName: oneLine(attempt.staffName),
      expiresAt: new Date(nowMs + TOKEN_LIFE_MS),
    });
    return { page, ...claimed };
  }

  async #failed(page: Page, attempt: PageAttempt, error: unknown, isLastTry: boolean): Promise<void> {
    const answer = error instanceof MailError ? error.answer : 'the mail could not be made';
    if (isLastTry || (error instanceof MailError && !error.retryable)) {
      await this.#settle(page, attempt, 'failed', answer);
      return;
    }
    await this.database.transaction(system('paging'), (tx) => this.pages.releaseAttempt(tx, attempt.id, answer));
    throw error;
  }

  async #settle(page: Page, attempt: PageAttempt, outcome: 'sent' | 'failed', answer: string): Promise<void> {
    const isFirst = await this.database.transaction(system('paging'), async (tx) => {
      const locked = await this.pages.lock(tx, page.id);
      const isNews = await this.pages.settleAttempt(tx, attempt.id, outcome, answer);
      if (locked === undefined || !isNews) return false;
      if (outcome === 'failed') await this.#nextAtOnce(tx, locked, attempt);
      else if (locked.state === 'pending') {
        await this.pages.change(tx, locked.id, { state: 'sent', firstSentAt: this.clock.now() });
      }
      await this.pageLog.note(tx, locked, inWords(attempt, outcome, answer));
      return outcome === 'sent' && locked.firstSentAt === null;
    });
    this.metrics.pages.inc({ outcome: outcome === 'sent' && attempt.isLate ? 'sent_late' : outcome });
    if (isFirst && page.recordAt !== null) {
      this.metrics.recordToPageSeconds.observe((this.clock.nowMs() - page.recordAt.getTime()) / 1000);
    }
  }

  /** When nobody of a step could be reached, the next step does not wait for its time. */
  async #nextAtOnce(tx: Tx, page: Page, attempt: PageAttempt): Promise<void> {
    const step = (await this.pages.attempts(tx, [page.id])).filter(({ cursor }) => cursor === attempt.cursor);
    const isLastResort = attempt.step === null;
    if (!isRunning(page) || isLastResort || step.some(({ outcome }) => outcome !== 'failed')) return;
    await this.pages.change(tx, page.id, { dueAt: this.clock.now() });
  }
}

function inWords(attempt: PageAttempt, outcome: 'sent' | 'failed', answer: string): string {
  const step = attempt.step === null ? 'the last resort' : `step ${attempt.step + 1}`;
  const late = attempt.isLate ? ', late' : '';
  return outcome === 'sent'
    ? `Paged ${attempt.staffName} by mail (${step}${late}); the mail server accepted it: ${answer}`
    : `Could not page ${attempt.staffName} by mail (${step}${late}): ${answer}`;
}
