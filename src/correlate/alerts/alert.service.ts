import { Injectable } from '@nestjs/common';
import type { Entity } from '../../detect/entity.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Tx } from '../../platform/database/database.js';
import { Ids } from '../../platform/ids/ids.js';
import { announce } from '../../platform/live/live.js';
import type { Level } from '../../sigma/index.js';
import type { Alert } from './alert.js';
import { alertIdentity } from './alert-draft.js';
import { AlertRepository } from './alert.repository.js';
import { IncidentOpener } from './incident-opener.js';

/** An alert that the platform itself raises: nothing in a log says it. */
export interface PlatformAlert {
  readonly tenant: string;
  /** Stable id of the platform rule, e.g. `silowatch.agent-silent`. */
  readonly ruleId: string;
  readonly title: string;
  readonly level: Level;
  /** Names the episode: raising the same key of the same rule again counts on into the same alert. */
  readonly key: string;
  readonly at: Date;
  readonly entities?: readonly Entity[];
  readonly promises?: readonly string[];
  readonly tags?: readonly string[];
  readonly respond?: string;
  readonly opensIncident?: boolean;
}

const GROUPING_MS = 60 * 60 * 1000;

/** Raises the platform's own alerts, in the transaction that notices their cause. */
@Injectable()
export class AlertService {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly alerts: AlertRepository,
    private readonly opener: IncidentOpener,
  ) {}

  /** Held until commit: to be called before an incident is locked in a transaction that may raise an alert. */
  async lock(tx: Tx): Promise<void> {
    await this.alerts.lockWriting(tx);
    await this.opener.lock(tx);
  }

  /** The caller's scope must be allowed to write alerts (`silo`, or a system job named in the policy). Returns the alert; of one that stands in triage all but its id as it was raised now. */
  async raise(tx: Tx, wanted: PlatformAlert): Promise<Alert> {
    await this.alerts.lockWriting(tx);
    const identity = alertIdentity(['platform', wanted.ruleId, wanted.tenant, wanted.key]);
    const written = await this.alerts.write(tx, [{ identity, alert: this.build(wanted) }], 'addition');
    await this.opener.onAlerts(tx, written);
    const [alert] = written.map((one) => one.alert);
    if (alert === undefined) throw new Error('The alert was not returned by its own write');
    await announce(tx, { topic: 'alert', id: alert.id, tenants: [alert.tenant] });
    return alert;
  }

  private build(wanted: PlatformAlert): Alert {
    return {
      id: this.ids.uuid(),
      tenant: wanted.tenant,
      ruleId: wanted.ruleId,
      ruleTitle: wanted.title,
      level: wanted.level,
      status: 'stable',
      tags: wanted.tags ?? [],
      promises: wanted.promises ?? [],
      entities: wanted.entities ?? [],
      group: [wanted.key],
      firstEventAt: wanted.at,
      lastEventAt: wanted.at,
      count: 1,
      createdAt: this.clock.now(),
      incidentId: null,
      verdict: null,
      respond: wanted.respond ?? null,
      groupingMs: GROUPING_MS,
      containment: [],
      playbook: null,
      opensIncident: wanted.opensIncident ?? (wanted.level === 'high' || wanted.level === 'critical'),
      isLate: false,
      sampleEvents: [],
    };
  }
}
