import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { Ids } from '../platform/ids/ids.js';
import { announce } from '../platform/live/live.js';
import { continueTrace, note, span } from '../platform/tracing/tracing.js';
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
    const written: WrittenAlert[] = [];
    for (const draft of drafts) {
      const attributes = { 'silowatch.rule.id': draft.ruleId, 'silowatch.silo': draft.tenant };
      const trace = draft.traceparent === undefined ? {} : { traceparent: draft.traceparent };
      const one = continueTrace(trace, () => span('alert', attributes, () => this.writeOne(tx, draft, now)));
      written.push(await one);
    }
    await announce(
      tx,
      ...written.map(({ alert }) => ({ topic: 'alert', id: alert.id, tenants: [alert.tenant] }) as const),
    );
    return written;
  }

  private async writeOne(tx: Tx, written: AlertDraft, now: Date): Promise<WrittenAlert> {
    const { identity, arrivalMs: _arrival, traceparent: _trace, ...draft } = written;
    const alert = { ...draft, id: this.ids.uuid(), createdAt: now, incidentId: null, verdict: null };
    const result = await this.alerts.write(tx, { identity, alert, isAddition: false });
    note({ 'silowatch.alert.id': result.alert.id, 'silowatch.alert.new': result.isNew });
    await (result.isNew ? this.opener.onAlert(tx, result.alert) : this.opener.onAlertContinues(tx, result.alert));
    return result;
  }
}
