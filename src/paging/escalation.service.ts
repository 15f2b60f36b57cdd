import { Injectable } from '@nestjs/common';
import { incidentOpened, inTurn } from '../incidents/incident-jobs.js';
import { isSettled, type Incident } from '../incidents/incident.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { addJob } from '../platform/jobs/jobs.js';
import { Log } from '../platform/logging/logging.js';
import { note, span } from '../platform/tracing/tracing.js';
import { nextPage, type EscalationPolicy } from './escalation.js';
import { OnCallDirectory } from './on-call-directory.service.js';
import type { Page, PageCause } from './page.js';
import { PageLog } from './page-log.service.js';
import { PageRepository } from './page.repository.js';
import { sendPage } from './paging-jobs.js';

/** Pages looked at in one transaction. */
const BATCH = 20;

/** Starts escalations and takes their steps when they are due. Any number of instances may run it. */
@Injectable()
export class EscalationService {
  constructor(
    private readonly database: Database,
    private readonly pages: PageRepository,
    private readonly onCall: OnCallDirectory,
    private readonly incidents: IncidentRepository,
    private readonly pageLog: PageLog,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Pages for an incident; its first step is taken at once. A page that is running already takes its next step now instead. An incident of
   * events that were old when they were first read (`isLate`) joins the page of another such one.
   */
  async start(incidentId: string, cause: PageCause, detail = '', isLate = false): Promise<void> {
    const attributes = { 'silowatch.incident.id': incidentId, 'silowatch.page.cause': cause };
    await span('page', attributes, () =>
      this.database.transaction(system('paging'), async (tx) => {
        const incident = await this.incidents.find(tx, incidentId);
        if (incident === undefined || isSettled(incident)) return;
        await this.#begin(tx, incident, cause, detail, isLate);
      }),
    );
  }

  /**
   * The incident got worse. Whoever is being paged is told the new severity with the next page; nobody further up is woken for it. Acknowledged
   * ones are paged anew, whether or not what made them worse `isLate`.
   */
  async worsen(incidentId: string, isLate: boolean): Promise<void> {
    await this.database.transaction(system('paging'), async (tx) => {
      const incident = await this.incidents.find(tx, incidentId);
      if (incident === undefined || isSettled(incident)) return;
      const running = await this.pages.lockRunning(tx, incidentId);
      // A try that failed may bring this before the job that opens, which then finds its page running.
      if (running === undefined) {
        if (await this.pages.isOpened(tx, incidentId)) await this.#begin(tx, incident, 'reopened', '');
        else await this.#begin(tx, incident, 'opened', '', isLate);
      } else await this.pages.change(tx, running.id, { severity: incident.severity });
    });
  }

  /** The incident needs nobody any more. */
  async settle(incidentId: string): Promise<void> {
    await this.database.transaction(system('paging'), async (tx) => {
      await this.pages.stopRechecks(tx, incidentId);
      const page = await this.pages.lockRunning(tx, incidentId);
      if (page !== undefined) await this.#expire(tx, page);
    });
  }

  /** Takes every step that is due, and pages anew where nobody works. Returns whether anything was due. */
  async sweep(): Promise<boolean> {
    const taken = await this.database.transaction(system('paging'), async (tx) => {
      const due = await this.pages.takeDue(tx, BATCH);
      for (const page of due) await this.#continue(tx, page);
      return due.length;
    });
    const checked = await this.database.transaction(system('paging'), async (tx) => {
      const due = await this.pages.takeToRecheck(tx, BATCH);
      for (const page of due) await this.#recheck(tx, page);
      return due.length;
    });
    return taken + checked > 0;
  }

  async #begin(tx: Tx, incident: Incident, cause: PageCause, detail: string, isLate = false): Promise<void> {
    const running = await this.pages.lockRunning(tx, incident.id);
    if (running !== undefined) {
      // An opened incident is paged once, however often its job runs; anything else is news and is not kept waiting.
      if (cause !== 'opened') await this.#step(tx, { ...running, dueAt: this.clock.now() });
      return;
    }
    const digest = isLate ? await this.pages.runningDigest(tx) : undefined;
    if (digest !== undefined) {
      const text = `Its events were old when they were first read: no page of its own, the one of ${digest.number} stands for it`;
      await this.pageLog.note(tx, { ...digest, incidentId: incident.id }, text);
      return;
    }
    const policy = withCommanderFirst(await this.onCall.policyInForce(tx), incident, cause);
    const page = await this.pages.insert(tx, {
      incidentId: incident.id,
      number: incident.number,
      severity: incident.severity,
      cause,
      detail,
      isDigest: isLate,
      policy,
      startedAt: this.clock.now(),
      recordAt: cause === 'opened' && !isLate ? await this.pages.recordAt(tx, incident.id) : null,
    });
    if (page === undefined) return;
    note({ 'silowatch.page.id': page.id });
    await this.pages.stopRechecks(tx, incident.id);
    await this.#step(tx, page);
  }

  async #continue(tx: Tx, page: Page): Promise<void> {
    const incident = await this.incidents.find(tx, page.incidentId);
    if (incident === undefined || isSettled(incident)) await this.#expire(tx, page);
    else await this.#step(tx, page);
  }

  async #expire(tx: Tx, page: Page): Promise<void> {
    await this.pages.change(tx, page.id, { state: 'expired', dueAt: null, endedAt: this.clock.now() });
    await this.pageLog.announce(tx, page);
    if (!page.isDigest) return;
    // Nobody has taken up those that it stood for.
    for (const incidentId of await this.pages.neverPaged(tx)) {
      await addJob(tx, incidentOpened, { incidentId, isLate: true }, inTurn(incidentId));
    }
  }

  /** Pages the people of the step that is due; a step that reaches nobody is passed over at once. */
  async #step(tx: Tx, page: Page): Promise<void> {
    if (page.dueAt === null) return;
    const now = this.clock.now();
    let next = nextPage(page.policy, { cursor: page.cursor, dueAt: page.dueAt }, now);
    if (next.kind === 'wait') return;
    const { isLate } = next;
    let people = await this.onCall.targets(tx, page.policy, next.step);
    while (people.length === 0 && next.step !== null) {
      next = nextPage(page.policy, { cursor: next.cursor + 1, dueAt: now }, now);
      if (next.kind === 'wait') return;
      people = await this.onCall.targets(tx, page.policy, next.step);
    }
    for (const person of people) {
      const attemptId = await this.pages.insertAttempt(tx, {
        pageId: page.id,
        incidentId: page.incidentId,
        staffId: person.id,
        staffName: person.name,
        method: 'mail',
        address: person.address,
        cursor: next.cursor,
        step: next.step,
        isLate,
      });
      await addJob(tx, sendPage, { attemptId });
    }
    await this.pages.change(tx, page.id, { cursor: next.next.cursor, dueAt: next.next.dueAt });
    if (people.length === 0) {
      this.log.error(
        { event: 'page.nobody', pageId: page.id },
        'nobody can be paged: no active account may acknowledge',
      );
      await this.pageLog.note(tx, page, 'Nobody could be paged: there is no active account that may acknowledge.');
    } else {
      await this.pageLog.announce(tx, page);
    }
  }

  /** Somebody acknowledged a while ago: is anybody working? */
  async #recheck(tx: Tx, page: Page): Promise<void> {
    const incident = await this.incidents.find(tx, page.incidentId);
    if (incident?.status !== 'open') {
      await this.pages.change(tx, page.id, { recheckAt: null });
      return;
    }
    const patienceMs = page.policy.noProgressMinutes * 60_000;
    const lastWorkAt = await this.pages.lastWorkAt(tx, page.incidentId);
    const since = Math.max(lastWorkAt?.getTime() ?? 0, page.acknowledgedAt?.getTime() ?? 0);
    if (since + patienceMs > this.clock.nowMs()) {
      await this.pages.change(tx, page.id, { recheckAt: new Date(since + patienceMs) });
      return;
    }
    await this.pages.change(tx, page.id, { recheckAt: null });
    await this.#begin(tx, incident, 'no_progress', `Nobody has worked on it since ${new Date(since).toISOString()}`);
  }
}

/** A deadline or an unreachable customer concerns first whoever leads; all others follow as ever. */
function withCommanderFirst(policy: EscalationPolicy, incident: Incident, cause: PageCause): EscalationPolicy {
  if ((cause !== 'clock' && cause !== 'unreachable') || incident.commander === null) return policy;
  const first = { targets: [{ kind: 'staff' as const, id: incident.commander.id }], waitMinutes: 5 };
  return { ...policy, steps: [first, ...policy.steps] };
}
