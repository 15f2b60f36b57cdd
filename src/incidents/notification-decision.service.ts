import { Injectable } from '@nestjs/common';
import type { Staff } from '../access/staff.js';
import { forbidden, notFound, unmet } from '../platform/errors/domain-error.js';
import { whyNotApprover } from './gates/notification-gate.js';
import { IncidentDeskService } from './incident-desk.service.js';
import { NotificationDecisionRepository } from './notification-decision.repository.js';

/** Whether each affected silo is told; not telling takes a second person. */
@Injectable()
export class NotificationDecisionService {
  constructor(
    private readonly desk: IncidentDeskService,
    private readonly decisions: NotificationDecisionRepository,
  ) {}

  async decide(
    staff: Staff,
    incidentId: string,
    tenant: string,
    decision: 'notify' | 'not_applicable',
    reason: string,
  ): Promise<void> {
    await this.desk.change(
      staff,
      incidentId,
      { action: 'incident.notification_decision' },
      async (tx, incident, now) => {
        requireSilo(staff, incident.tenants, tenant);
        const author = { id: staff.id, name: staff.name };
        await this.decisions.decide(tx, incidentId, { tenant, decision, reason, author, decidedAt: now });
        const what = decision === 'notify' ? 'is notified' : 'is not notified';
        return { kind: 'decision', tenant, text: `${tenant} ${what}: ${reason}`, after: { tenant, decision, reason } };
      },
    );
  }

  async approve(staff: Staff, incidentId: string, tenant: string): Promise<void> {
    await this.desk.change(
      staff,
      incidentId,
      { action: 'incident.notification_approve' },
      async (tx, incident, now) => {
        requireSilo(staff, incident.tenants, tenant);
        const decision = (await this.decisions.list(tx, incidentId)).find((one) => one.tenant === tenant);
        if (decision === undefined) throw notFound(`A decision for ${tenant}`);
        const refusal = whyNotApprover(decision, staff.id);
        if (refusal !== null)
          throw decision.author.id === staff.id ? forbidden(refusal) : unmet('DECISION_NO_APPROVAL', refusal);
        await this.decisions.approve(tx, incidentId, decision, { id: staff.id, name: staff.name }, now);
        return {
          kind: 'decision',
          tenant,
          text: `Approved that ${tenant} is not notified: ${decision.reason}`,
          after: { tenant },
        };
      },
    );
  }
}

/** A silo that the person does not see is answered like one that is not affected. */
function requireSilo(staff: Staff, affected: readonly string[], tenant: string): void {
  const isSeen = staff.tenants === 'all' || staff.tenants.includes(tenant);
  if (!affected.includes(tenant) || !isSeen) throw notFound(`An affected silo ${tenant}`);
}
