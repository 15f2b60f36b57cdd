import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import type { Tx } from '../../platform/database/database.js';
import { Ids } from '../../platform/ids/ids.js';
import { announce } from '../../platform/live/live.js';
import type { AlertDraft } from './alert-draft.js';
import { AlertRepository, type WrittenAlert } from './alert.repository.js';
import { EntityActivityRepository } from './entity-activity.repository.js';
import { IncidentOpener } from './incident-opener.js';

/** How long the entities of an alert are watched after it. */
const WATCH_MS = 24 * 60 * 60 * 1000;

/** Writes a batch's alerts and hands them to the incidents, inside the correlator's one transaction. */
@Injectable()
export class AlertWriter {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly alerts: AlertRepository,
    private readonly activity: EntityActivityRepository,
    private readonly opener: IncidentOpener,
  ) {}

  /** To be called before `write`, and before anything else that locks rows of entities. */
  lock(tx: Tx): Promise<void> {
    return this.alerts.lockWriting(tx);
  }

  async write(tx: Tx, drafts: readonly AlertDraft[]): Promise<readonly WrittenAlert[]> {
    if (drafts.length === 0) return [];
    const now = this.clock.now();
    const until = new Date(now.getTime() + WATCH_MS);
    const watches = drafts.flatMap(({ tenant, entities, lastEventAt }) =>
      entities.map((entity) => ({ tenant, entity, lastEventAt })),
    );
    await this.activity.watch(tx, watches, until);
    const writes = drafts.map(({ identity, arrivalMs: _arrival, traceparent: _trace, ...draft }) => {
      return { identity, alert: { ...draft, id: this.ids.uuid(), createdAt: now, incidentId: null, verdict: null } };
    });
    const written = await this.alerts.write(tx, writes, 'whole');
    await this.opener.onAlerts(
      tx,
      written.map((one, at) => ({ ...one, traceparent: drafts[at]?.traceparent })),
    );
    await announce(
      tx,
      ...written.map(({ alert }) => ({ topic: 'alert', id: alert.id, tenants: [alert.tenant] }) as const),
    );
    return written;
  }
}
