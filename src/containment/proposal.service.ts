import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Staff } from '../access/staff.js';
import { AlertRepository } from '../correlate/alerts/alert.repository.js';
import type { Alert } from '../correlate/alerts/alert.js';
import { proposeContainment } from '../incidents/incident-jobs.js';
import { IncidentDeskService, requireWholeView } from '../incidents/incident-desk.service.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { isSettled, type Incident } from '../incidents/incident.js';
import { TimelineRepository } from '../incidents/timeline.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { notFound, unmet } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import { JobRunner } from '../platform/jobs/job-runner.js';
import { addJob } from '../platform/jobs/jobs.js';
import { announce } from '../platform/live/live.js';
import type { ContainmentAction } from './action.js';
import { ActionRepository } from './action.repository.js';
import { AgentKeyRepository } from './agent-key.repository.js';
import { buildAction, proposalsOf } from './build-action.js';
import { describeAction, findEntry, type CatalogueEntry } from './catalogue.js';
import { sendCommand } from './containment-jobs.js';
import { containmentConfig } from './containment.config.js';
import { parseNetworks, whyNeverBlocked } from './never-block.js';

const HOUR_MS = 3_600_000;

/** Proposes actions: what a rule names as soon as its alert is in an incident, and what people choose. */
@Injectable()
export class ProposalService implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly database: Database,
    private readonly ids: Ids,
    private readonly jobs: JobRunner,
    private readonly alerts: AlertRepository,
    private readonly incidents: IncidentRepository,
    private readonly timeline: TimelineRepository,
    private readonly desk: IncidentDeskService,
    private readonly actions: ActionRepository,
    private readonly agents: AgentKeyRepository,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(proposeContainment, ({ incidentId, alertId }) => this.proposeForAlert(incidentId, alertId));
  }

  /** Proposes what the alert's rule names; sends at once what may go by itself. Running it again proposes nothing twice. */
  async proposeForAlert(incidentId: string, alertId: string): Promise<void> {
    await this.database.transaction(system('containment'), async (tx) => {
      const incident = await this.incidents.lock(tx, incidentId);
      const alert = await this.alerts.find(tx, alertId);
      if (alert === undefined || isSettled(incident)) return;
      for (const { entry, target } of proposalsOf(alert, findEntry))
        await this.proposeOne(tx, incident, alert, entry, target);
    });
  }

  /** A person's proposal; with `isDryRun` nothing is written and what would be sent is returned. */
  async propose(
    staff: Staff,
    incidentId: string,
    wanted: { readonly kind: string; readonly tenant: string; readonly target: Readonly<Record<string, unknown>> },
    isDryRun: boolean,
  ): Promise<ContainmentAction> {
    const entry = findEntry(wanted.kind);
    if (entry === undefined) throw notFound(`An action ${wanted.kind}`);
    const parsed = entry.target.safeParse(wanted.target);
    if (!parsed.success)
      throw unmet('CONTAINMENT_TARGET', `${wanted.kind} needs ${Object.keys(entry.target.shape).join(', ')}`);
    const refusal = this.whyNever(entry, parsed.data);
    if (refusal !== null) throw unmet('CONTAINMENT_NEVER_BLOCK', refusal);
    const id = this.ids.uuid();
    const build = (incident: Incident): ContainmentAction =>
      buildAction(entry, {
        id,
        incident,
        tenant: wanted.tenant,
        target: parsed.data,
        proposer: { kind: 'staff', id: staff.id, name: staff.name },
        undoes: null,
        now: this.clock.now(),
      });
    if (isDryRun) return build(await this.desk.look(staff, incidentId));
    let action: ContainmentAction | undefined;
    await this.desk.change(staff, incidentId, { action: 'containment.propose' }, async (tx, incident) => {
      requireWholeView(staff, { ...incident, tenants: [wanted.tenant] });
      if (!incident.tenants.includes(wanted.tenant)) throw notFound(`An affected silo ${wanted.tenant}`);
      action = build(incident);
      await this.store(tx, action);
      return {
        kind: 'action',
        tenant: wanted.tenant,
        text: `Proposed: ${describeAction(entry.kind, parsed.data)}`,
        after: { actionId: id, kind: entry.kind, target: parsed.data },
      };
    });
    if (action === undefined) throw new Error('The action was not built');
    return action;
  }

  /** Writes the action; a duplicate of one that runs is refused. */
  async store(tx: Tx, action: ContainmentAction): Promise<void> {
    if (!(await this.actions.insert(tx, action)))
      throw unmet('CONTAINMENT_REPEATED', `${describeAction(action.kind, action.target)} is under way already`);
    await announce(tx, { topic: 'action', id: action.id, tenants: [action.tenant] });
  }

  private async proposeOne(
    tx: Tx,
    incident: Incident,
    alert: Alert,
    entry: CatalogueEntry,
    target: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const now = this.clock.now();
    const refusal = this.whyNever(entry, target);
    if (refusal !== null) {
      await this.note(tx, incident, alert.tenant, `Not proposed: ${describeAction(entry.kind, target)}: ${refusal}`);
      return;
    }
    const whyNot = await this.whyNotByItself(tx, alert, entry, now);
    const built = buildAction(entry, {
      id: this.ids.uuid(),
      incident,
      tenant: alert.tenant,
      target,
      proposer: { kind: 'job', id: alert.ruleId, name: alert.ruleTitle },
      undoes: null,
      now,
    });
    const action: ContainmentAction =
      whyNot === null ? { ...built, state: 'approved', isAutomatic: true, approvedAt: now } : built;
    if (!(await this.actions.insert(tx, action))) return;
    if (action.isAutomatic) await addJob(tx, sendCommand, { actionId: action.id });
    const what = describeAction(entry.kind, target);
    await this.note(
      tx,
      incident,
      alert.tenant,
      whyNot === null ? `By itself, as the rule says: ${what}` : `Proposed: ${what}. ${whyNot}`,
    );
    await announce(tx, { topic: 'action', id: action.id, tenants: [action.tenant] });
  }

  /** Why a person has to say yes first; null when the action may go by itself. */
  private async whyNotByItself(tx: Tx, alert: Alert, entry: CatalogueEntry, now: Date): Promise<string | null> {
    if (entry.needs !== 'none') return 'It waits for approval';
    if (alert.status !== 'stable') return 'It waits for approval: the rule is not stable yet';
    if ((await this.agents.keys(tx, alert.tenant)).size === 0)
      return 'No agent is enrolled in this silo: do it by hand';
    const limit = this.config.get(containmentConfig).CONTAINMENT_AUTOMATIC_PER_HOUR;
    const recent = await this.actions.countAutomatic(tx, alert.tenant, new Date(now.getTime() - HOUR_MS));
    if (limit === 0) return 'It waits for approval: no action goes by itself';
    return recent < limit
      ? null
      : `It waits for approval: the hour's ${limit} actions that go by themselves are used up`;
  }

  private whyNever(entry: CatalogueEntry, target: Readonly<Record<string, unknown>>): string | null {
    if (entry.kind !== 'address.block') return null;
    const { networks } = parseNetworks(this.config.get(containmentConfig).CONTAINMENT_NEVER_BLOCK);
    return whyNeverBlocked(String(target['address']), networks);
  }

  private async note(tx: Tx, incident: Incident, tenant: string, text: string): Promise<void> {
    await this.timeline.append(tx, {
      incidentId: incident.id,
      tenant,
      at: this.clock.now(),
      kind: 'action',
      actor: { kind: 'job', id: 'containment', name: 'Containment' },
      text,
    });
  }
}
