import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AlertService } from '../correlate/alerts/alert.service.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { TimelineRepository } from '../incidents/timeline.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { EventLog } from '../platform/event-log/event-log.js';
import { siloTopic } from '../platform/event-log/topics.js';
import { Ids } from '../platform/ids/ids.js';
import { JobRunner } from '../platform/jobs/job-runner.js';
import { addJob } from '../platform/jobs/jobs.js';
import { announce } from '../platform/live/live.js';
import type { ContainmentAction } from './action.js';
import { ActionRepository } from './action.repository.js';
import { describeAction } from './catalogue.js';
import { CommandSigner } from './command-signer.js';
import { sendCommand } from './containment-jobs.js';
import { WatchRepository } from './watch.repository.js';

/** A command is good for this long; agents refuse it later. */
const LIFE_SECONDS = 60;
/** An agent that has not answered after this long is an alert of its own. */
export const SILENCE_MS = 30_000;
const MAX_ATTEMPTS = 3;
/** The silo's records are read for proof, and then for a relapse, this long. */
const WATCH_MS = 2 * 3_600_000;
const BATCH = 20;

/** Puts approved commands on the silos' topics, and notices when nobody answers. */
@Injectable()
export class DispatchService implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly eventLog: EventLog,
    private readonly ids: Ids,
    private readonly jobs: JobRunner,
    private readonly signer: CommandSigner,
    private readonly actions: ActionRepository,
    private readonly watches: WatchRepository,
    private readonly incidents: IncidentRepository,
    private readonly timeline: TimelineRepository,
    private readonly alerts: AlertService,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(sendCommand, ({ actionId }) => this.send(actionId));
  }

  /** Idempotent: an agent acts once per action however often its command comes. */
  async send(actionId: string): Promise<void> {
    const scope = system('containment');
    const action = await this.database.transaction(scope, (tx) => this.actions.find(tx, actionId));
    if (action === undefined || (action.state !== 'approved' && action.state !== 'sent')) return;
    // Proof is looked for from here on: what the silo recorded before the command proves nothing.
    const positions = await this.auditEnds(action.tenant);
    const approvals = await this.database.transaction(scope, async (tx) => {
      await this.incidents.lock(tx, action.incidentId);
      const locked = await this.actions.lock(tx, actionId);
      if (locked.state !== 'approved' && locked.state !== 'sent') return undefined;
      await this.markSent(tx, locked, positions);
      return this.actions.approvals(tx, actionId);
    });
    if (approvals === undefined) return;
    const token = await this.signer.sign({
      silo: action.tenant,
      jti: this.ids.uuid(),
      command: action.command,
      decision: action.approvedAt?.toISOString() ?? action.id,
      approvals: approvals.map(({ name, at }) => ({ name, at: at.toISOString() })),
      lifeSeconds: LIFE_SECONDS,
    });
    await this.eventLog.append([
      { topic: siloTopic(action.tenant, 'commands'), partition: 0, key: action.id, value: token },
    ]);
  }

  /** Commands without an answer: an alert after 30 s, then again, at last given up. Returns how many were looked at. */
  async sweep(): Promise<number> {
    return this.database.transaction(system('containment'), async (tx) => {
      const before = new Date(this.clock.nowMs() - SILENCE_MS);
      if (!(await this.actions.areAnyUnanswered(tx, before))) return 0;
      // Before any action is locked, as whoever looks for proof has it.
      await this.alerts.lock(tx);
      const silent = await this.actions.takeUnanswered(tx, before, BATCH);
      for (const action of silent) await this.noteSilence(tx, action);
      return silent.length;
    });
  }

  private async markSent(tx: Tx, action: ContainmentAction, positions: Record<string, number>): Promise<void> {
    const now = this.clock.now();
    if (action.state === 'approved')
      await this.watches.start(tx, {
        actionId: action.id,
        tenant: action.tenant,
        startedAt: now,
        positions,
        until: new Date(now.getTime() + WATCH_MS),
      });
    const expiresAt = new Date(now.getTime() + LIFE_SECONDS * 1000);
    await this.actions.change(
      tx,
      action,
      { state: 'sent', sentAt: now, expiresAt, attempts: action.attempts + 1 },
      now,
    );
    const again = action.state === 'sent' ? ' again' : '';
    await this.note(tx, action, `Command sent${again}: ${describeAction(action.kind, action.target)}`);
  }

  private async noteSilence(tx: Tx, action: ContainmentAction): Promise<void> {
    const now = this.clock.now();
    const isNew = action.silenceNotedAt === null || (action.sentAt !== null && action.silenceNotedAt < action.sentAt);
    if (isNew) {
      await this.alerts.raise(tx, {
        tenant: action.tenant,
        ruleId: 'silowatch.agent-silent',
        title: 'The agent of a silo does not answer a command',
        level: 'medium',
        key: action.id,
        at: now,
        promises: ['IR-1'],
        respond: 'Look whether the agent runs; do what it was asked by hand meanwhile',
      });
      await this.note(tx, action, `The agent of ${action.tenant} has not answered for 30 s`);
    }
    const isExpired = action.expiresAt !== null && action.expiresAt.getTime() + SILENCE_MS <= now.getTime();
    if (isExpired && action.attempts >= MAX_ATTEMPTS) {
      const reason = `the agent did not answer ${MAX_ATTEMPTS} times`;
      await this.actions.change(tx, action, { state: 'expired', reason, silenceNotedAt: now }, now);
      await this.note(tx, action, `Given up: ${describeAction(action.kind, action.target)}: ${reason}`);
      return;
    }
    await this.actions.change(tx, action, { silenceNotedAt: now }, now);
    if (isExpired) await addJob(tx, sendCommand, { actionId: action.id }, { key: `containment.send:${action.id}` });
  }

  private async auditEnds(tenant: string): Promise<Record<string, number>> {
    const ends = await this.eventLog.offsets(siloTopic(tenant, 'audit'));
    return Object.fromEntries(ends.map(({ partition, end }) => [String(partition), end]));
  }

  private async note(tx: Tx, action: ContainmentAction, text: string): Promise<void> {
    await this.timeline.append(tx, {
      incidentId: action.incidentId,
      tenant: action.tenant,
      at: this.clock.now(),
      kind: 'action',
      actor: { kind: 'job', id: 'containment', name: 'Containment' },
      text,
    });
    await announce(tx, { topic: 'action', id: action.id, tenants: [action.tenant] });
  }
}
