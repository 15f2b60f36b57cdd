import { Injectable } from '@nestjs/common';
import type { Staff } from '../access/staff.js';
import { forbidden, notFound, unmet } from '../platform/errors/domain-error.js';
import { whyNotWaivable } from './assess.js';
import { missingForDeclaration } from './gates/containment-gate.js';
import { IncidentDeskService, requireWholeView } from './incident-desk.service.js';
import { IncidentFactsService } from './incident-facts.service.js';
import type { WorkstreamKind } from './incident.js';
import { withinSystemScope } from './within-system-scope.js';
import { WorkstreamRepository } from './workstream.repository.js';

/** Declaring containment, and waiving a workstream with a second person. */
@Injectable()
export class WorkstreamService {
  constructor(
    private readonly desk: IncidentDeskService,
    private readonly workstreams: WorkstreamRepository,
    private readonly facts: IncidentFactsService,
  ) {}

  /** Throws CONTAINMENT_UNMET with what is missing, while actions are unproven or the entities are not quiet. */
  async declare(staff: Staff, incidentId: string, statement: string): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.declare_contained' }, async (tx, incident, now) => {
      requireWholeView(staff, incident);
      const facts = await withinSystemScope(tx, 'incident-sweep', () => this.facts.containment(tx, incident));
      const missing = missingForDeclaration(facts, now);
      if (missing.length > 0) throw unmet('CONTAINMENT_UNMET', 'It cannot be declared contained yet', { missing });
      const author = { id: staff.id, name: staff.name };
      await this.workstreams.declare(tx, incidentId, { statement, author, declaredAt: now, lapsedAt: null });
      return { kind: 'decision', text: `Declared contained: ${statement}`, after: { statement } };
    });
  }

  async waive(staff: Staff, incidentId: string, kind: WorkstreamKind, reason: string): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.waive' }, async (tx, incident, now) => {
      requireWholeView(staff, incident);
      const refusal = whyNotWaivable(incident.severity);
      if (refusal !== null) throw unmet('WORKSTREAM_NOT_WAIVABLE', refusal);
      const author = { id: staff.id, name: staff.name };
      const waiver = { kind, reason, author, requestedAt: now, approver: null, approvedAt: null };
      await this.workstreams.waive(tx, incidentId, waiver);
      return { kind: 'decision', text: `Asks to waive ${kind.replace('_', ' ')}: ${reason}`, after: { kind, reason } };
    });
  }

  async approveWaiver(staff: Staff, incidentId: string, kind: WorkstreamKind): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.waive_approve' }, async (tx, incident, now) => {
      requireWholeView(staff, incident);
      const refusal = whyNotWaivable(incident.severity);
      if (refusal !== null) throw unmet('WORKSTREAM_NOT_WAIVABLE', refusal);
      const waiver = (await this.workstreams.waivers(tx, incidentId)).find((one) => one.kind === kind);
      if (waiver === undefined || waiver.approvedAt !== null) throw notFound('A waiver that waits for approval');
      if (waiver.author.id === staff.id) throw forbidden('Whoever asks for a waiver does not approve it');
      const approver = { id: staff.id, name: staff.name };
      await this.workstreams.waive(tx, incidentId, { ...waiver, approver, approvedAt: now });
      return { kind: 'decision', text: `Waived ${kind.replace('_', ' ')}: ${waiver.reason}`, after: { kind } };
    });
  }
}
