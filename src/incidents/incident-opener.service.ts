import { Injectable } from '@nestjs/common';
import type { Alert } from '../correlate/alerts/alert.js';
import { type ArrivedAlert, IncidentOpener } from '../correlate/alerts/incident-opener.js';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { continueTrace, note, span } from '../platform/tracing/tracing.js';
import { type Candidate, GroupingRepository } from './grouping.repository.js';
import { chooseIncident, isSameAcrossSilos, tyingEntities } from './grouping.js';
import { IncidentJoiningService } from './incident-joining.service.js';
import { IncidentRepository } from './incident.repository.js';
import { withinSystemScope } from './within-system-scope.js';

/**
 * For so many alerts at once it is asked which incidents they could join. Each that joins or opens one makes the answer for the rest old: then
 * it is asked about the next alone, and about twice as many while none does.
 */
const ASKED_FIRST = 20;
const MOST_ASKED_AT_ONCE = 640;

/** Puts each new alert into its incident, in the transaction that writes the alert: joins one, opens one, or leaves it in triage. */
@Injectable()
export class IncidentOpenerService extends IncidentOpener {
  constructor(
    private readonly clock: Clock,
    private readonly grouping: GroupingRepository,
    private readonly incidents: IncidentRepository,
    private readonly joining: IncidentJoiningService,
  ) {
    super();
  }

  override lock(tx: Tx): Promise<void> {
    return this.grouping.lockOpening(tx);
  }

  override async onAlerts(tx: Tx, alerts: readonly ArrivedAlert[]): Promise<void> {
    // One that waits in triage and counts on changes nothing here.
    const concerned = alerts.filter(({ alert, isNew }) => isNew || alert.incidentId !== null);
    if (concerned.length === 0) return;
    // Platform alerts come under other scopes (a silo's, ingest's); which incident they belong to does not depend on it.
    await withinSystemScope(tx, 'correlate', async () => {
      await this.grouping.lockOpening(tx);
      await this.placeEach(tx, concerned);
    });
  }

  private async placeEach(tx: Tx, alerts: readonly ArrivedAlert[]): Promise<void> {
    let known = new Map<Alert, readonly Candidate[]>();
    const taken = new Set<string>();
    let isAnyPlaced = false;
    let askedAtOnce = ASKED_FIRST;
    for (const [at, { alert, isNew, traceparent }] of alerts.entries()) {
      if (isNew && !known.has(alert)) {
        const next = alerts.slice(at, at + askedAtOnce).filter((one) => one.isNew);
        askedAtOnce = Math.min(askedAtOnce * 2, MOST_ASKED_AT_ONCE);
        // An alert that joined before may have taken along others of these.
        if (isAnyPlaced) for (const id of await this.grouping.placed(tx, idsOf(next))) taken.add(id);
        known = await this.candidates(tx, next);
      }
      if (taken.has(alert.id)) continue;
      const attributes = { 'silowatch.rule.id': alert.ruleId, 'silowatch.silo': alert.tenant };
      const isPlaced = await continueTrace(traceparent === undefined ? {} : { traceparent }, () =>
        span('alert', attributes, async () => {
          note({ 'silowatch.alert.id': alert.id, 'silowatch.alert.new': isNew });
          return isNew ? this.place(tx, alert, known.get(alert) ?? []) : this.continue(tx, alert);
        }),
      );
      if (!isPlaced) continue;
      isAnyPlaced = true;
      askedAtOnce = 1;
      known = new Map();
    }
  }

  /** The incidents that share something with each of the new alerts. */
  private async candidates(tx: Tx, alerts: readonly ArrivedAlert[]): Promise<Map<Alert, readonly Candidate[]>> {
    const asked = alerts.map(({ alert }) => alert);
    const found = await this.grouping.candidates(
      tx,
      asked.map((alert) => {
        const tying = tyingEntities(alert.entities);
        const everywhere = tying.filter(isSameAcrossSilos);
        return { ...alert, own: tying.filter((entity) => !everywhere.includes(entity)), everywhere };
      }),
    );
    return new Map(asked.map((alert, at) => [alert, found[at] ?? []]));
  }

  /** True when incidents are not any more what they were. */
  private async place(tx: Tx, alert: Alert, candidates: readonly Candidate[]): Promise<boolean> {
    return span('incident', {}, async () => {
      const choice = chooseIncident(candidates, alert, alert.groupingMs);
      if (choice.join !== null) {
        note({ 'silowatch.incident.id': choice.join.id, 'silowatch.incident.outcome': 'joined' });
        await this.joining.join(tx, choice.join.id, alert);
        for (const other of choice.alsoShares) await this.grouping.link(tx, choice.join.id, other.id, 'shares');
        return true;
      }
      // A medium alert about an attacker who was here an hour ago stays in triage as well: rules say what is worth an incident.
      if (!alert.opensIncident) {
        note({ 'silowatch.incident.outcome': 'triage' });
        return false;
      }
      const id = await this.joining.open(tx, alert, choice.follows);
      note({ 'silowatch.incident.id': id, 'silowatch.incident.outcome': 'opened' });
      return true;
    });
  }

  /** A standing alert counts on. An incident that is resolved or closed does not swallow it: it opens a new one. */
  private async continue(tx: Tx, alert: Alert): Promise<boolean> {
    if (alert.incidentId === null) return false;
    const incident = await this.incidents.find(tx, alert.incidentId);
    if (incident === undefined || incident.disposition !== null) return false;
    const endedAt = incident.resolvedAt;
    if (endedAt === null) {
      await this.joining.continues(tx, incident, alert);
      return true;
    }
    // Late records of what was dealt with are not a new attack.
    if (alert.lastEventAt <= endedAt || !alert.opensIncident) return false;
    const again = { ...alert, firstEventAt: alert.lastEventAt, createdAt: this.clock.now() };
    const candidates = await this.candidates(tx, [{ alert: again, isNew: true }]);
    return this.place(tx, again, candidates.get(again) ?? []);
  }
}

const idsOf = (alerts: readonly ArrivedAlert[]): readonly string[] => alerts.map(({ alert }) => alert.id);
