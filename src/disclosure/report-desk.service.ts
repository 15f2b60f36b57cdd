import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { TrailRepository } from '../access/trail.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { Database, type Tx } from '../platform/database/database.js';
import { unmet } from '../platform/errors/domain-error.js';
import { addJob } from '../platform/jobs/jobs.js';
import { announce } from '../platform/live/live.js';
import { renderText } from '../platform/mail/mail-template.js';
import { mailConfig } from '../platform/mail/mail.config.js';
import { isAddress } from '../platform/mail/mail.js';
import { Mailer } from '../platform/mail/mailer.js';
import { sendReportMessage } from './disclosure-jobs.js';
import { DisclosureTexts } from './disclosure-texts.js';
import type { Report } from './report.js';
import { ReportMessageRepository } from './report-message.repository.js';
import { canBecome, isAssessed, isTold, type ReportState } from './report-states.js';
import { ReportRepository, type ReportChange } from './report.repository.js';

/** People answer reports and decide what becomes of them. */
@Injectable()
export class ReportDesk {
  constructor(
    private readonly database: Database,
    private readonly reports: ReportRepository,
    private readonly messages: ReportMessageRepository,
    private readonly trail: TrailRepository,
    private readonly texts: DisclosureTexts,
    private readonly mailer: Mailer,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Answers in the report's thread. The first answer by a person stops the first clock. */
  async reply(staff: Staff, reportId: string, text: string): Promise<void> {
    await this.#change(staff, reportId, 'report.reply', async (tx, report) => {
      requireReachable(report);
      await this.#queue(tx, staff, report, renderText(this.texts.reply, this.#view(staff, report, { text })).text);
      const change: ReportChange = {
        ...(report.answeredAt === null ? { answeredAt: this.clock.now() } : {}),
        ...(report.state === 'new' ? { state: 'acknowledged' } : {}),
      };
      return { change, after: { number: report.number } };
    });
  }

  /** Throws REPORT_TRANSITION. The reporter is told by a mail in the thread; when they are asked something, `reason` is the question. */
  async setState(staff: Staff, reportId: string, state: ReportState, reason: string, message?: string): Promise<void> {
    await this.#change(staff, reportId, 'report.state', async (tx, report) => {
      if (!canBecome(report.state, state)) {
        throw unmet('REPORT_TRANSITION', `A report that is ${words(report.state)} cannot become ${words(state)}`);
      }
      const words4reporter = message ?? (state === 'needs_information' ? reason : undefined);
      const isMailed = isTold(state) && isAddress(report.reporter.email);
      if (isMailed) {
        const view = this.#view(staff, report, { [state]: true, message: words4reporter });
        await this.#queue(tx, staff, report, renderText(this.texts.stateChange, view).text);
      }
      const now = this.clock.now();
      return {
        change: {
          state,
          ...(isMailed && report.answeredAt === null ? { answeredAt: now } : {}),
          ...(isAssessed(state) && report.assessedAt === null ? { assessedAt: now } : {}),
          ...pauses(report, state, now),
        },
        before: { state: report.state },
        after: { state, reason },
      };
    });
  }

  async classify(staff: Staff, reportId: string, change: Pick<ReportChange, 'severity' | 'cwe'>): Promise<void> {
    await this.#change(staff, reportId, 'report.classify', async (_tx, report) => ({
      change,
      before: { severity: report.severity, cwe: report.cwe },
      after: change,
    }));
  }

  async #change(
    staff: Staff,
    reportId: string,
    action: string,
    work: (tx: Tx, report: Report) => Promise<{ change: ReportChange; before?: unknown; after?: unknown }>,
  ): Promise<void> {
    await this.database.transaction(scopeOf(staff), async (tx) => {
      const report = await this.reports.lock(tx, reportId);
      const { change, before, after } = await work(tx, report);
      await this.reports.change(tx, report, change);
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: staff.id, ip: staff.ip },
        action,
        object: { type: 'report', id: reportId },
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      });
      await announce(tx, { topic: 'report', id: reportId, tenants: [] });
    });
  }

  async #queue(tx: Tx, staff: Staff, report: Report, text: string): Promise<void> {
    const id = await this.messages.insert(tx, {
      reportId: report.id,
      direction: 'out',
      at: this.clock.now(),
      messageId: null,
      from: staff.name,
      text,
      attachments: [],
      delivery: 'queued',
      authorId: staff.id,
    });
    await this.messages.setMessageId(tx, id, `report.${id}@${this.mailer.domain}`);
    await addJob(tx, sendReportMessage, { messageId: id });
  }

  #view(staff: Staff, report: Report, more: object): object {
    return { number: report.number, author: staff.name, company: this.config.get(mailConfig).COMPANY_NAME, ...more };
  }
}

function requireReachable(report: Report): void {
  if (!isAddress(report.reporter.email)) {
    throw unmet('REPORT_WITHOUT_ADDRESS', 'The report names no address that could be answered');
  }
}

function pauses(report: Report, to: ReportState, now: Date): ReportChange {
  if (to === 'needs_information') return report.pausedSince === null ? { pausedSince: now } : {};
  if (report.pausedSince === null) return {};
  return { pausedSince: null, pausedMs: report.pausedMs + (now.getTime() - report.pausedSince.getTime()) };
}

const words = (state: ReportState): string => state.replaceAll('_', ' ');
