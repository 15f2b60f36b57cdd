import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { TrailRepository } from '../../../src/access/trail.repository.js';
import type { Role } from '../../../src/access/permissions.js';
import type { Staff } from '../../../src/access/staff.js';
import { incidentOpened } from '../../../src/incidents/incident-jobs.js';
import { IncidentRepository } from '../../../src/incidents/incident.repository.js';
import { TimelineRepository, type RecordedEntry } from '../../../src/incidents/timeline.repository.js';
import { AcknowledgementService } from '../../../src/paging/acknowledgement.service.js';
import { EscalationService } from '../../../src/paging/escalation.service.js';
import { OnCallDirectory } from '../../../src/paging/on-call-directory.service.js';
import { OnCallSettingsService, type SettingsAuthor } from '../../../src/paging/on-call-settings.service.js';
import { OnCallStaffRepository } from '../../../src/paging/on-call-staff.repository.js';
import { OnCallService } from '../../../src/paging/on-call.service.js';
import { PageLog } from '../../../src/paging/page-log.service.js';
import { PageSender } from '../../../src/paging/page-sender.service.js';
import { PageRepository } from '../../../src/paging/page.repository.js';
import { PagingTexts } from '../../../src/paging/paging-texts.js';
import { sendPage } from '../../../src/paging/paging-jobs.js';
import { PagingMetrics } from '../../../src/paging/paging.metrics.js';
import { ScheduleRepository } from '../../../src/paging/schedule.repository.js';
import { ManualClock, SystemClock } from '../../../src/platform/clock/clock.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { system } from '../../../src/platform/database/scope.js';
import { PublicUrl } from '../../../src/platform/http/public-url.js';
import { RandomIds } from '../../../src/platform/ids/ids.js';
import { JobRunner } from '../../../src/platform/jobs/job-runner.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { SmtpMailer } from '../../../src/platform/mail/smtp-mailer.js';
import { Metrics } from '../../../src/platform/metrics/metrics.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { mailAddress } from '../../harness/servers.js';

/** Paging on a database and a clock of its own, with real jobs and a real mail server. */
export class PagingSet {
  readonly clock = new ManualClock(new Date('2026-11-23T02:00:00Z'));
  readonly metrics = new Metrics();
  readonly log = new PinoLog('silent');
  readonly ids = new RandomIds();
  readonly incidents = new IncidentRepository();
  readonly staff = new OnCallStaffRepository();
  readonly schedules = new ScheduleRepository();
  readonly publicUrl = new PublicUrl('https://silowatch.test');
  readonly #closers: (() => Promise<void> | void)[] = [];

  private constructor(
    readonly db: TestDatabase,
    readonly texts: PagingTexts,
    smtpUrl: string,
  ) {
    this.mailer = new SmtpMailer(
      {
        url: new Secret(smtpUrl),
        from: 'Silowatch <silowatch@example.test>',
        returnAddress: undefined,
        dkim: undefined,
      },
      this.metrics,
    );
    const { clock, ids, log } = this;
    this.timeline = new TimelineRepository(clock, ids);
    this.trail = new TrailRepository(clock, ids);
    this.pages = new PageRepository(clock, ids);
    const pageLog = new PageLog(this.timeline, this.trail, this.incidents, clock);
    const pagingMetrics = new PagingMetrics(this.metrics);
    const directory = new OnCallDirectory(this.schedules, this.staff, clock);
    this.escalation = new EscalationService(db.database, this.pages, directory, this.incidents, pageLog, clock, log);
    this.sender = new PageSender(
      db.database,
      this.pages,
      pageLog,
      this.mailer,
      texts,
      this.publicUrl,
      pagingMetrics,
      clock,
      ids,
    );
    this.acknowledgement = new AcknowledgementService(
      db.database,
      this.pages,
      this.incidents,
      pageLog,
      pagingMetrics,
      clock,
    );
    this.onCall = new OnCallService(db.database, this.schedules, this.staff, this.pages, clock);
    this.settings = new OnCallSettingsService(db.database, this.schedules, this.staff, this.trail, clock, ids);
  }

  readonly mailer: SmtpMailer;
  readonly timeline: TimelineRepository;
  readonly trail: TrailRepository;
  readonly pages: PageRepository;
  readonly escalation: EscalationService;
  readonly sender: PageSender;
  readonly acknowledgement: AcknowledgementService;
  readonly onCall: OnCallService;
  readonly settings: OnCallSettingsService;

  static async open(smtpUrl?: string): Promise<PagingSet> {
    const url = smtpUrl ?? `smtp://${mailAddress().host}:${mailAddress().smtpPort}`;
    return new PagingSet(await testDatabase(), await PagingTexts.load(), url);
  }

  /** Starts the job queue with paging's handlers. */
  async startJobs(): Promise<void> {
    const jobs = new JobRunner({ workerUrl: this.db.workerUrl, concurrency: 4 }, new SystemClock(), this.log);
    jobs.handle(incidentOpened, ({ incidentId, isLate }) => this.escalation.start(incidentId, 'opened', '', isLate));
    jobs.handle(sendPage, ({ attemptId }, run) => this.sender.send(attemptId, run.isLastAttempt));
    await jobs.start();
    this.#closers.push(() => jobs.stop());
  }

  onClose(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    this.mailer.close();
    await this.db.drop();
  }

  /** An active account; `email` is where its pages go. */
  async addStaff(name: string, email: string, roles: readonly Role[] = ['responder']): Promise<Staff> {
    const id = randomUUID();
    await this.asOwner(
      `insert into staff (id, email, name, state, roles, created_at) values ($1, $2, $3, 'active', $4, now())`,
      [id, email, name, roles],
    );
    return { id, name, email, roles, tenants: 'all', sessionId: randomUUID(), ip: '192.0.2.1' };
  }

  async addIncident(number = 'INC-2026-0012', severity: 'SEV1' | 'SEV2' = 'SEV1'): Promise<string> {
    const id = randomUUID();
    const now = this.clock.now();
    await this.db.database.transaction(system('correlate'), async (tx) => {
      await this.incidents.insert(tx, {
        id,
        number,
        title: 'A title that names acme',
        description: '',
        severity,
        isSeverityDecided: false,
        status: 'open',
        disposition: null,
        duplicateOf: null,
        tenants: [],
        isRestricted: false,
        playbook: null,
        commander: null,
        openedAt: now,
        firstEventAt: new Date(now.getTime() - 1_500),
        lastActivityAt: now,
        acknowledgedAt: null,
        containedAt: null,
        resolvedAt: null,
        closedAt: null,
        reopenedAt: null,
        version: 1,
      });
      await this.incidents.addSilo(tx, id, { tenant: 'acme', awareAt: now, noticeHours: 24 });
    });
    return id;
  }

  /** First step: one person, 5 minutes; second: another, 10; then the last resort every 15. */
  async addPolicy(first: Staff, second: Staff, last: Staff): Promise<void> {
    const author: SettingsAuthor = { scope: system('operator'), actor: { kind: 'operator', id: 'test' } };
    const schedule = await this.settings.saveSchedule(author, {
      name: 'Primary',
      timeZone: 'Europe/Berlin',
      layers: [
        {
          name: 'Day and night',
          staffIds: [first.id],
          startsOn: '2026-01-05',
          handoverAt: '09:00',
          turnDays: 7,
          restrictions: [],
        },
      ],
    });
    await this.settings.savePolicy(author, {
      name: 'Security',
      isDefault: true,
      steps: [
        { targets: [{ kind: 'schedule', id: schedule }], waitMinutes: 5 },
        { targets: [{ kind: 'staff', id: second.id }], waitMinutes: 10 },
      ],
      repeats: 0,
      lastResort: { staffIds: [last.id], everyMinutes: 15 },
      noProgressMinutes: 30,
    });
  }

  async timelineOf(incidentId: string): Promise<readonly RecordedEntry[]> {
    return this.db.database.transaction(system('incident-sweep'), (tx) =>
      this.timeline.list(tx, incidentId, { limit: 100 }),
    );
  }

  async asOwner<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.db.ownerUrl });
    await client.connect();
    try {
      await client.query(`select set_config('silowatch.scope', 'system:operator', false)`);
      return (await client.query<T>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }
}
