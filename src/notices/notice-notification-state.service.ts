import { Injectable } from '@nestjs/common';
import { NotificationDecisionRepository } from '../incidents/notification-decision.repository.js';
import { NotificationState } from '../incidents/workstream-state.js';
import type { Tx } from '../platform/database/database.js';
import { DeliveryRepository } from './delivery.repository.js';
import { isDealtWith } from './notice.js';

/** What the gate of the notification workstream asks of notices. */
@Injectable()
export class NoticeNotificationState extends NotificationState {
  constructor(
    private readonly decisions: NotificationDecisionRepository,
    private readonly deliveries: DeliveryRepository,
  ) {
    super();
  }

  override async missing(tx: Tx, incidentId: string): Promise<readonly string[]> {
    const decisions = await this.decisions.list(tx, incidentId);
    const deliveries = await this.deliveries.ofIncident(tx, incidentId);
    return decisions
      .filter(({ decision }) => decision === 'notify')
      .flatMap(({ tenant }) => {
        const own = deliveries.filter((delivery) => delivery.tenant === tenant);
        if (own.length === 0) return [`No notice to ${tenant} has been approved and sent`];
        const open = own.filter(({ state }) => state === 'queued').length;
        const lost = own.filter((delivery) => delivery.state !== 'queued' && !isDealtWith(delivery)).length;
        return [
          ...(open > 0 ? [`The notice to ${tenant} is on its way to ${open} contact(s)`] : []),
          ...(lost > 0 ? [`${lost} mail(s) to ${tenant} did not arrive: reach them otherwise and say how`] : []),
        ];
      });
  }

  override async noticedAt(tx: Tx, incidentId: string): Promise<ReadonlyMap<string, Date>> {
    const first = new Map<string, Date>();
    for (const { tenant, firstSentAt } of await this.deliveries.ofIncident(tx, incidentId)) {
      const known = first.get(tenant);
      if (firstSentAt !== null && (known === undefined || firstSentAt < known)) first.set(tenant, firstSentAt);
    }
    return first;
  }
}
