import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { IncidentDeskService } from '../incidents/incident-desk.service.js';
import { Database } from '../platform/database/database.js';
import { notFound, unmet } from '../platform/errors/domain-error.js';
import { announce } from '../platform/live/live.js';
import { DeliveryRepository } from './delivery.repository.js';

/** A bounce is dealt with by a person who says how: called, or reached another contact. */
@Injectable()
export class DeliveryFollowUp {
  constructor(
    private readonly database: Database,
    private readonly deliveries: DeliveryRepository,
    private readonly desk: IncidentDeskService,
  ) {}

  async dealWith(staff: Staff, deliveryId: string, reason: string): Promise<string> {
    const delivery = await this.database.transaction(scopeOf(staff), (tx) => this.deliveries.find(tx, deliveryId));
    if (delivery === undefined) throw notFound('The delivery');
    const action = { action: 'notice.settle_delivery', isPossibleWhenSettled: true };
    await this.desk.change(staff, delivery.incidentId, action, async (tx) => {
      if (!(await this.deliveries.dealWith(tx, deliveryId, { id: staff.id, name: staff.name }, reason))) {
        throw unmet('NOTICE_DELIVERY_FINE', 'There is nothing to deal with');
      }
      await announce(tx, { topic: 'notice', id: delivery.noticeId, tenants: [delivery.tenant] });
      return {
        kind: 'mail',
        tenant: delivery.tenant,
        text: `The notice to ${delivery.name} <${delivery.address}> that did not arrive was dealt with: ${reason}`,
        after: { deliveryId, reason },
      };
    });
    return delivery.noticeId;
  }
}
