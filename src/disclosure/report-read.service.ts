import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { TrailRepository } from '../access/trail.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { notFound } from '../platform/errors/domain-error.js';
import { listPage, readCursor, type ListPage } from '../platform/http/list-page.js';
import type { ReportSummaryView, ReportView } from './disclosure.schema.js';
import type { Report } from './report.js';
import { reportClocks } from './report-clocks.js';
import { ReportMessageRepository } from './report-message.repository.js';
import { TRANSITIONS, type ReportState } from './report-states.js';
import { ReportRepository } from './report.repository.js';

/** What people see of reports. */
@Injectable()
export class ReportRead {
  constructor(
    private readonly database: Database,
    private readonly reports: ReportRepository,
    private readonly messages: ReportMessageRepository,
    private readonly trail: TrailRepository,
    private readonly clock: Clock,
  ) {}

  async list(
    staff: Staff,
    filter: { readonly state?: ReportState | undefined; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<ListPage<ReportSummaryView>> {
    const { state, cursor, limit } = filter;
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const before = readCursor(cursor);
      const found = await this.reports.list(tx, { state, before, limit: limit + 1 });
      const page = listPage(found, limit, ({ receivedAt, id }) => ({ at: receivedAt, id }));
      return { ...page, items: page.items.map((report) => summary(report, this.clock.now())) };
    });
  }

  async find(staff: Staff, reportId: string): Promise<ReportView> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const report = await this.reports.find(tx, reportId);
      if (report === undefined) throw notFound('The report');
      const claimed = report.claimsReportId === null ? undefined : await this.reports.find(tx, report.claimsReportId);
      const messages = await this.messages.ofReport(tx, reportId);
      return {
        ...summary(report, this.clock.now()),
        messages: messages.map((message) => ({
          id: message.id,
          direction: message.direction,
          at: message.at.toISOString(),
          from: message.from,
          text: message.text,
          attachments: message.attachments.map((attachment) => ({ ...attachment })),
          delivery: message.delivery,
          answer: message.answer,
          hasRaw: message.hasRaw,
        })),
        authentication: report.authentication,
        cwe: report.cwe,
        automaticAnswer: report.automaticAnswer,
        claims: claimed === undefined ? null : { id: claimed.id, number: claimed.number },
        nextStates: [...TRANSITIONS[report.state]],
      };
    });
  }

  /** The mail as it came, for whoever has to reproduce what it says. Each look is recorded. */
  async raw(
    staff: Staff,
    reportId: string,
    messageId: string,
  ): Promise<{ readonly name: string; readonly raw: Buffer }> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const report = await this.reports.find(tx, reportId);
      const message = await this.messages.find(tx, messageId);
      const raw = message?.reportId === reportId ? await this.messages.raw(tx, messageId) : undefined;
      if (report === undefined || raw === undefined) throw notFound('The mail');
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: staff.id, ip: staff.ip },
        action: 'report.download_raw',
        object: { type: 'report', id: reportId },
        after: { messageId },
      });
      return { name: `${report.number}.eml`, raw };
    });
  }
}

function summary(report: Report, now: Date): ReportSummaryView {
  return {
    id: report.id,
    number: report.number,
    state: report.state,
    subject: report.subject,
    reporter: { ...report.reporter },
    source: report.source,
    receivedAt: report.receivedAt.toISOString(),
    severity: report.severity,
    incidentId: report.incidentId,
    clocks: reportClocks(report, now).map((clock) => ({
      ...clock,
      tenant: null,
      startedAt: clock.startedAt.toISOString(),
      dueAt: clock.dueAt.toISOString(),
    })),
  };
}
