import { Injectable } from '@nestjs/common';
import { AlertService } from '../correlate/alerts/alert.service.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { TimelineRepository } from '../incidents/timeline.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { announce } from '../platform/live/live.js';
import { Log } from '../platform/logging/logging.js';
import { mayBecome, type ContainmentAction } from './action.js';
import { ActionRepository } from './action.repository.js';
import { AgentKeyRepository } from './agent-key.repository.js';
import { verifyResult, type ResultClaims, type TokenRefusal } from './agent-token.js';
import { describeAction } from './catalogue.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A signed result is small; what is larger is not looked at. */
const MAX_TOKEN_OCTETS = 64 * 1024;
const FRESH_SECONDS = 60;

/** Takes the agents' answers. The topic says which silo, the pinned key says that it is its agent: the broker's credential alone proves nothing. */
@Injectable()
export class ResultsService {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly log: Log,
    private readonly agents: AgentKeyRepository,
    private readonly actions: ActionRepository,
    private readonly incidents: IncidentRepository,
    private readonly timeline: TimelineRepository,
    private readonly alerts: AlertService,
  ) {}

  /** Takes one record of `silo.<tenant>.results`. Whatever it holds, it never stops the partition. */
  async take(tenant: string, value: Buffer | null): Promise<void> {
    const scope = system('containment');
    const now = this.clock.now();
    const keys = await this.database.transaction(scope, (tx) => this.agents.keys(tx, tenant));
    const isTooLarge = value === null || value.length > MAX_TOKEN_OCTETS;
    const verified = isTooLarge
      ? ({ ok: false, refusal: 'malformed' } as const)
      : await verifyResult(value.toString('utf8'), tenant, keys, now);
    await this.database.transaction(scope, async (tx) => {
      if (!verified.ok) return this.refuse(tx, tenant, verified.refusal);
      const { claims } = verified;
      if (claims.commandId === null) {
        // A sign of life is not kept, so an old one put on the topic again must not make a dead agent look alive.
        if (Math.abs(now.getTime() / 1000 - claims.iat) < FRESH_SECONDS) await this.agents.seen(tx, tenant, now);
        return undefined;
      }
      if (!(await this.agents.takeResult(tx, tenant, claims.jti, now))) return undefined;
      await this.agents.seen(tx, tenant, now);
      await this.answer(tx, tenant, claims.commandId, claims);
      return undefined;
    });
  }

  private async answer(tx: Tx, tenant: string, commandId: string, claims: ResultClaims): Promise<void> {
    const found = UUID.test(commandId) ? await this.actions.find(tx, commandId) : undefined;
    // An answer to another silo's action proves the agent's key was used for what it is not for.
    if (found?.tenant !== tenant) return this.refuse(tx, tenant, 'audience');
    await this.incidents.lock(tx, found.incidentId);
    const action = await this.actions.lock(tx, commandId);
    const now = this.clock.now();
    // 102: received, the rest follows (OpenC2 1.0, §3.3.2.2).
    const isDone = claims.status >= 200 && claims.status < 300;
    if (!isDone && claims.status !== 102) return this.fail(tx, action, claims);
    const result = { status: claims.status, statusText: claims.statusText };
    if (isDone && mayBecome(action.state, 'acknowledged')) {
      await this.actions.change(tx, action, { state: 'acknowledged', acknowledgedAt: now, result }, now);
      await this.note(
        tx,
        action,
        `The agent reports: ${describeAction(action.kind, action.target)}: ${claims.statusText}`,
      );
      return;
    }
    await this.actions.change(tx, action, { result }, now);
  }

  private async fail(tx: Tx, action: ContainmentAction, claims: ResultClaims): Promise<void> {
    if (action.state !== 'sent' && action.state !== 'expired') return;
    const reason =
      claims.status === 501
        ? 'the agent has no hook for it'
        : `the agent answered ${claims.status}: ${claims.statusText}`;
    const result = { status: claims.status, statusText: claims.statusText };
    const state = action.state === 'sent' ? 'failed' : action.state;
    await this.actions.change(tx, action, { state, result, reason }, this.clock.now());
    await this.note(tx, action, `Failed: ${describeAction(action.kind, action.target)}: ${reason}`);
  }

  private async refuse(tx: Tx, tenant: string, refusal: TokenRefusal): Promise<void> {
    this.log.warn({ event: 'containment.result_refused', tenant, refusal }, 'a result was refused');
    await this.alerts.raise(tx, {
      tenant,
      ruleId: 'silowatch.agent-result-refused',
      title: 'An answer on a silo’s results is not its agent’s',
      level: 'high',
      key: refusal,
      at: this.clock.now(),
      tags: ['attack.defense-impairment'],
      respond: 'Rotate the silo’s agent credential: somebody else writes with it',
      // Many refusals are one alert; whether it is an attack or a wrong set-up is for a person to say.
      opensIncident: false,
    });
  }

  private async note(tx: Tx, action: ContainmentAction, text: string): Promise<void> {
    await this.timeline.append(tx, {
      incidentId: action.incidentId,
      tenant: action.tenant,
      at: this.clock.now(),
      kind: 'action',
      actor: { kind: 'silo', id: action.tenant, name: `Agent of ${action.tenant}` },
      text,
    });
    await announce(tx, { topic: 'action', id: action.id, tenants: [action.tenant] });
  }
}
