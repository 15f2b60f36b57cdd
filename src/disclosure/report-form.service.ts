import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import { AttemptCounterRepository } from '../access/attempt-counter.repository.js';
import { addressBlock } from '../access/attempt-limit.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { PublicUrl } from '../platform/http/public-url.js';
import { Ids, tokenHash } from '../platform/ids/ids.js';
import { announce } from '../platform/live/live.js';
import type { LinkPageView } from '../platform/mail/link-page.js';
import { isAddress, oneLine } from '../platform/mail/mail.js';
import { DisclosureMetrics } from './disclosure.metrics.js';
import type { Report } from './report.js';
import { reportClocks, type ReportClock } from './report-clocks.js';
import { ReportMessageRepository } from './report-message.repository.js';
import { ReportRepository } from './report.repository.js';

const DAY_MS = 24 * 3_600_000;
/** Reports that name one e-mail address, at most, a day; a mail gets through all the same. */
const FORMS_PER_DAY = 10;
/** Reports from one client address a day, whatever they name; more than an office of researchers would write. */
const FORMS_PER_CLIENT_AND_DAY = 30;

export interface FormInput {
  readonly email: string;
  readonly name: string;
  readonly subject: string;
  readonly text: string;
  /** Nobody sees this field: what fills it in is a program. */
  readonly website: string;
}

export type Submitted =
  { readonly ok: true; readonly token: string } | { readonly ok: false; readonly problem: string };

const inWords = (at: Date): string => DateTime.fromJSDate(at, { zone: 'utc' }).toFormat("d LLL yyyy, HH:mm 'UTC'");

/** Reports without mail: a form, and a page that only the reporter has the address of. */
@Injectable()
export class ReportForm {
  constructor(
    private readonly database: Database,
    private readonly reports: ReportRepository,
    private readonly messages: ReportMessageRepository,
    private readonly attempts: AttemptCounterRepository,
    private readonly metrics: DisclosureMetrics,
    private readonly publicUrl: PublicUrl,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  async submit(input: FormInput, clientAddress: string): Promise<Submitted> {
    if (!isAddress(input.email)) return { ok: false, problem: 'Please give an e-mail address that we can answer to.' };
    if (input.subject === '' || input.text === '') return { ok: false, problem: 'Please say what the problem is.' };
    if (input.website !== '') return { ok: false, problem: 'Please leave the last field empty.' };
    const token = this.ids.token();
    return this.database.transaction(system('public-link'), async (tx) => {
      const now = this.clock.now();
      const since = new Date(now.getTime() - DAY_MS);
      const key = `report:address:${addressBlock(clientAddress)}`;
      const client = { key, limit: FORMS_PER_CLIENT_AND_DAY, windowMs: DAY_MS };
      if (
        (await this.attempts.count(tx, [client])) > 0 ||
        (await this.reports.countOf(tx, input.email, since)) >= FORMS_PER_DAY
      ) {
        return {
          ok: false,
          problem: 'We have many reports from this address today. Please send further ones by mail.',
        };
      }
      await this.#keep(tx, input, token, now);
      return { ok: true, token };
    });
  }

  /** Undefined for an unknown link. */
  async look(token: string, isNew = false): Promise<LinkPageView | undefined> {
    return this.database.transaction(system('public-link'), async (tx) => {
      const report = await this.reports.findByToken(tx, tokenHash(token));
      if (report === undefined) return undefined;
      const messages = await this.messages.ofReport(tx, report.id);
      return {
        title: report.number,
        isNew,
        link: this.publicUrl.href(`/report/${token}`),
        number: report.number,
        subject: report.subject,
        state: STATES[report.state],
        clocks: reportClocks(report, this.clock.now()).map((clock) => ({ name: clock.name, status: status(clock) })),
        messages: messages.map(({ from, at, text, direction }) => ({
          from: direction === 'in' ? 'You' : from,
          at: inWords(at),
          text,
        })),
      };
    });
  }

  async #keep(tx: Tx, input: FormInput, token: string, now: Date): Promise<void> {
    const text = input.text.replaceAll('\0', '');
    const report = await this.reports.insert(tx, {
      subject: oneLine(input.subject),
      reporter: { email: input.email, name: input.name === '' ? null : oneLine(input.name, 100) },
      source: 'form',
      receivedAt: now,
      claimsReportId: null,
      authentication: { dkim: 'none', arc: 'none', spf: 'none', aligned: false },
      // Whoever fills in the form may not be who they say: the page answers, no mail is sent.
      automaticAnswer: 'page',
    });
    const from = input.name === '' ? input.email : `${oneLine(input.name, 100)} <${input.email}>`;
    const message = { from, text, attachments: [], at: now, messageId: null };
    await this.messages.insert(tx, { reportId: report.id, direction: 'in', ...message });
    await this.reports.insertToken(tx, tokenHash(token), report.id);
    await announce(tx, { topic: 'report', id: report.id, tenants: [] });
    this.metrics.reports.inc({ outcome: 'received' });
  }
}

const STATES: Readonly<Record<Report['state'], string>> = {
  new: 'Received. A person will answer you within 24 hours.',
  acknowledged: 'A person has read it and looks into it.',
  triaged: 'We could follow what you describe.',
  accepted: 'We agree that this is a weakness and will fix it.',
  fixing: 'We are working on the fix.',
  fixed: 'The weakness is fixed.',
  disclosed: 'It is public.',
  duplicate: 'Somebody had reported the same before.',
  not_applicable: 'We do not think that this is a weakness that we should fix.',
  needs_information: 'We need something more from you: please look at the last message.',
  spam: 'Closed.',
};

function status(clock: ReportClock): string {
  if (clock.state === 'met') return 'done in time';
  return clock.state === 'missed'
    ? `overdue since ${inWords(clock.dueAt)}; we are sorry`
    : `by ${inWords(clock.dueAt)}`;
}
