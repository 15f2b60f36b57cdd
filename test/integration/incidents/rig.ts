import type { Staff } from '../../../src/access/staff.js';
import { TrailRepository } from '../../../src/access/trail.repository.js';
import type { Alert } from '../../../src/correlate/alerts/alert.js';
import { AlertRepository } from '../../../src/correlate/alerts/alert.repository.js';
import { AlertTriageService } from '../../../src/incidents/alert-triage.service.js';
import { AwarenessService } from '../../../src/incidents/awareness.service.js';
import { ClockRepository } from '../../../src/incidents/clocks/clock.repository.js';
import { ClocksService } from '../../../src/incidents/clocks/clocks.service.js';
import { RegulationLibrary } from '../../../src/incidents/clocks/regulation-library.provider.js';
import { CorrectiveActionReminderService } from '../../../src/incidents/corrective-action-reminder.service.js';
import { CorrectiveActionRepository } from '../../../src/incidents/corrective-action.repository.js';
import { GroupingRepository } from '../../../src/incidents/grouping.repository.js';
import { IncidentDeskService } from '../../../src/incidents/incident-desk.service.js';
import { IncidentDispositionService } from '../../../src/incidents/incident-disposition.service.js';
import { IncidentFactsService } from '../../../src/incidents/incident-facts.service.js';
import { IncidentJoiningService } from '../../../src/incidents/incident-joining.service.js';
import { IncidentOpenerService } from '../../../src/incidents/incident-opener.service.js';
import { IncidentPartsService } from '../../../src/incidents/incident-parts.service.js';
import { IncidentProgressService } from '../../../src/incidents/incident-progress.service.js';
import { IncidentReadService } from '../../../src/incidents/incident-read.service.js';
import { IncidentSweepService } from '../../../src/incidents/incident-sweep.service.js';
import { IncidentTriageService } from '../../../src/incidents/incident-triage.service.js';
import { IncidentRepository } from '../../../src/incidents/incident.repository.js';
import { incidentsConfig } from '../../../src/incidents/incidents.config.js';
import { IncidentsMetrics } from '../../../src/incidents/incidents.metrics.js';
import { NotificationDecisionRepository } from '../../../src/incidents/notification-decision.repository.js';
import { NotificationDecisionService } from '../../../src/incidents/notification-decision.service.js';
import { NowRepository } from '../../../src/incidents/now.repository.js';
import { NowService } from '../../../src/incidents/now.service.js';
import { ReviewRepository } from '../../../src/incidents/review.repository.js';
import { ReviewService } from '../../../src/incidents/review.service.js';
import { RootCauseRepository } from '../../../src/incidents/root-cause.repository.js';
import { RootCauseService } from '../../../src/incidents/root-cause.service.js';
import { StaffDirectoryRepository } from '../../../src/incidents/staff-directory.repository.js';
import { TimelineRepository } from '../../../src/incidents/timeline.repository.js';
import { ContainmentState, NotificationState } from '../../../src/incidents/workstream-state.js';
import { WorkstreamRepository } from '../../../src/incidents/workstream.repository.js';
import { WorkstreamService } from '../../../src/incidents/workstream.service.js';
import { ManualClock } from '../../../src/platform/clock/clock.js';
import { loadConfig } from '../../../src/platform/config/config.js';
import type { Tx } from '../../../src/platform/database/database.js';
import { system } from '../../../src/platform/database/scope.js';
import { RandomIds } from '../../../src/platform/ids/ids.js';
import { PublicUrl } from '../../../src/platform/http/public-url.js';
import { JobRunner } from '../../../src/platform/jobs/job-runner.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { SmtpMailer } from '../../../src/platform/mail/smtp-mailer.js';
import { Metrics } from '../../../src/platform/metrics/metrics.js';
import { SiloDirectory } from '../../../src/silos/silo-directory.service.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';

export const START = new Date('2026-03-01T09:00:00.000Z');

/** Stands in for the room of containment: what is missing is what the test says. */
export class ScriptedContainment extends ContainmentState {
  missingNow: string[] = [];
  missingOf = (_incidentId: string): readonly string[] => this.missingNow;
  override missing = (_tx: Tx, incidentId: string): Promise<readonly string[]> =>
    Promise.resolve(incidentId).then(this.missingOf);
  override summary = (): Promise<{ count: number; lastActionAt: Date | null }> =>
    Promise.resolve({ count: 0, lastActionAt: null });
  override list = (): Promise<readonly unknown[]> => Promise.resolve([]);
}

/** Stands in for the room of notices: which silo's notice went out when is what the test says. */
export class ScriptedNotices extends NotificationState {
  readonly sent = new Map<string, Date>();
  override missing = (): Promise<readonly string[]> => Promise.resolve([]);
  override noticedAt = (): Promise<ReadonlyMap<string, Date>> => Promise.resolve(this.sent);
}

function incidentServices(
  db: TestDatabase,
  clock: ManualClock,
  containment: ContainmentState,
  notices: NotificationState,
) {
  const ids = new RandomIds();
  const loaded = loadConfig([incidentsConfig], { INCIDENT_QUIET_MINUTES: '30' });
  if (!loaded.ok) throw new Error('configuration');
  const incidents = new IncidentRepository();
  const grouping = new GroupingRepository();
  const timeline = new TimelineRepository(clock, ids);
  const workstreams = new WorkstreamRepository();
  const alerts = new AlertRepository();
  const directory = new SiloDirectory(new SiloRepository());
  const rootCauses = new RootCauseRepository();
  const decisions = new NotificationDecisionRepository();
  const reviews = new ReviewRepository();
  const actions = new CorrectiveActionRepository();
  const clockRows = new ClockRepository(ids);
  const staff = new StaffDirectoryRepository();
  const trail = new TrailRepository(clock, ids);
  const facts = new IncidentFactsService(
    loaded.config,
    rootCauses,
    decisions,
    reviews,
    workstreams,
    containment,
    notices,
  );
  const clocks = new ClocksService(clock, new RegulationLibrary(), clockRows, incidents, directory, timeline);
  const progress = new IncidentProgressService(clock, incidents, facts, clocks, workstreams, timeline);
  const desk = new IncidentDeskService(clock, db.database, incidents, grouping, timeline, trail, progress);
  const joining = new IncidentJoiningService(clock, ids, incidents, grouping, timeline, workstreams, directory, alerts);
  const parts = new IncidentPartsService(
    grouping,
    workstreams,
    rootCauses,
    decisions,
    reviews,
    actions,
    containment,
    notices,
  );
  const read = new IncidentReadService(
    clock,
    db.database,
    incidents,
    workstreams,
    clockRows,
    alerts,
    timeline,
    desk,
    parts,
  );
  return {
    ids,
    incidents,
    timeline,
    alerts,
    trail,
    progress,
    opener: new IncidentOpenerService(clock, grouping, incidents, joining),
    triage: new IncidentTriageService(desk, incidents, joining, staff),
    dispositions: new IncidentDispositionService(desk, ids, incidents, grouping, timeline, workstreams),
    rootCauses: new RootCauseService(desk, rootCauses),
    decisions: new NotificationDecisionService(desk, decisions),
    reviews: new ReviewService(ids, db.database, desk, reviews, actions, staff),
    workstreams: new WorkstreamService(desk, workstreams, facts),
    awareness: new AwarenessService(desk, clockRows),
    alertTriage: new AlertTriageService(db.database, alerts, incidents, grouping, joining, desk, progress, trail),
    sweep: new IncidentSweepService(
      clock,
      db.database,
      incidents,
      new PinoLog('silent'),
      progress,
      new IncidentsMetrics(new Metrics()),
    ),
    read,
    now: new NowService(clock, db.database, incidents, read, new NowRepository()),
    reminders: new CorrectiveActionReminderService(
      clock,
      db.database,
      new JobRunner({ workerUrl: db.workerUrl, concurrency: 1 }, clock, new PinoLog('silent')),
      new SmtpMailer(
        { url: undefined, from: 'Silowatch <silowatch@example.test>', returnAddress: undefined, dkim: undefined },
        new Metrics(),
      ),
      new PublicUrl('http://localhost:3000'),
      actions,
      incidents,
      staff,
    ),
    staff,
    desk,
    directory,
    grouping,
  };
}

export type IncidentServices = ReturnType<typeof incidentServices>;

export interface Rig extends IncidentServices {
  readonly db: TestDatabase;
  readonly clock: ManualClock;
  readonly containment: ScriptedContainment;
  readonly notices: ScriptedNotices;
  readonly ada: Staff;
  readonly ben: Staff;
  /** Limited to the silo globex. */
  readonly gus: Staff;
  alert(wanted: Partial<Alert>): Promise<Alert>;
  /** Writes the alert as correlate does and hands it to the opener; returns it as it then stands. */
  raise(wanted: Partial<Alert>): Promise<Alert>;
  /** What the sweep does until nothing is due. */
  settle(): Promise<void>;
  drop(): Promise<void>;
}

async function addStaff(db: TestDatabase, ids: RandomIds, name: string, tenants: 'all' | string[]): Promise<Staff> {
  const id = ids.uuid();
  const email = `${name.toLowerCase()}@staff.example`;
  const roles = ['responder', 'commander', 'comms'] as const;
  await db.database.transaction(system('operator'), (tx) =>
    tx.query(
      `insert into staff (id, email, name, state, roles, tenants, created_at) values ($1, $2, $3, 'active', $4, $5, $6)`,
      [id, email, name, roles, tenants === 'all' ? null : tenants, START],
    ),
  );
  return { id, name, email, roles, tenants, sessionId: ids.uuid(), ip: '192.0.2.1' };
}

async function addSilo(db: TestDatabase, tenant: string, noticeHours: number): Promise<void> {
  const silo = { tenant, name: tenant, timeZone: 'Europe/Zurich', language: 'en', jurisdictions: ['EU'], noticeHours };
  await db.database.transaction(system('operator'), (tx) =>
    new SiloRepository().upsert(tx, { ...silo, createdAt: START }),
  );
}

/** Incidents on a database of its own, with three people and two silos; `real` takes the place of the scripted containment. */
export async function incidentRig(real?: ContainmentState): Promise<Rig> {
  const db = await testDatabase();
  const clock = new ManualClock(START);
  const containment = new ScriptedContainment();
  const notices = new ScriptedNotices();
  const services = incidentServices(db, clock, real ?? containment, notices);
  await addSilo(db, 'acme', 24);
  await addSilo(db, 'globex', 72);
  const alert = async (wanted: Partial<Alert>): Promise<Alert> => {
    const now = clock.now();
    const id = services.ids.uuid();
    const full: Alert = {
      id,
      tenant: 'acme',
      ruleId: 'rule-1',
      ruleTitle: 'Bulk export after a sign-in from far away',
      level: 'high',
      status: 'stable',
      tags: [],
      promises: [],
      entities: [{ kind: 'user', value: 'u-1' }],
      group: [],
      firstEventAt: now,
      lastEventAt: now,
      count: 1,
      createdAt: now,
      incidentId: null,
      verdict: null,
      respond: 'Revoke the session',
      groupingMs: 3_600_000,
      containment: [],
      playbook: null,
      opensIncident: wanted.level !== 'medium' && wanted.level !== 'low',
      isLate: false,
      sampleEvents: [],
      ...wanted,
    };
    return db.database.transaction(system('correlate'), async (tx) => {
      const [written] = await services.alerts.write(tx, [{ identity: full.id, alert: full }], 'addition');
      if (written === undefined) throw new Error('the alert was not written');
      return written.alert;
    });
  };
  return {
    ...services,
    db,
    clock,
    containment,
    notices,
    ada: await addStaff(db, services.ids, 'Ada', 'all'),
    ben: await addStaff(db, services.ids, 'Ben', 'all'),
    gus: await addStaff(db, services.ids, 'Gus', ['globex']),
    alert,
    raise: async (wanted) => {
      const written = await alert(wanted);
      return db.database.transaction(system('correlate'), async (tx) => {
        await services.opener.onAlerts(tx, [{ alert: written, isNew: true }]);
        const found = await services.alerts.find(tx, written.id);
        if (found === undefined) throw new Error('the alert is gone');
        return found;
      });
    },
    settle: async () => {
      while (await services.sweep.sweep());
    },
    drop: () => db.drop(),
  };
}

/** Names of the jobs in the queue, oldest first, with their payloads. */
export async function jobs(db: TestDatabase): Promise<readonly { name: string; payload: Record<string, unknown> }[]> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: db.workerUrl });
  await client.connect();
  try {
    const found = await client.query<{ name: string; payload: Record<string, unknown> }>(
      `select t.identifier as name, j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id order by j.id`,
    );
    return found.rows;
  } finally {
    await client.end();
  }
}
