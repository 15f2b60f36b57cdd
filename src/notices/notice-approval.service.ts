import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { IncidentDeskService } from '../incidents/incident-desk.service.js';
import { Database } from '../platform/database/database.js';
import { unmet } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import { addJob } from '../platform/jobs/jobs.js';
import { announce } from '../platform/live/live.js';
import { Mailer } from '../platform/mail/mailer.js';
import { mayApprove } from './approval.js';
import { DeliveryRepository } from './delivery.repository.js';
import { NoticeComposer } from './notice-composer.service.js';
import { sendNotice } from './notice-jobs.js';
import { NoticeRepository } from './notice.repository.js';

/** A second person approves exactly what they have read; with that, and only then, it goes out. */
@Injectable()
export class NoticeApproval {
  constructor(
    private readonly database: Database,
    private readonly notices: NoticeRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly composer: NoticeComposer,
    private readonly desk: IncidentDeskService,
    private readonly mailer: Mailer,
    private readonly ids: Ids,
  ) {}

  /** Throws NOTICE_OWN, NOTICE_CONTENT_CHANGED, NOTICE_FACTS_MISSING, NOTICE_NAMES_OTHERS, NOTICE_NOT_DRAFT. */
  async approve(staff: Staff, noticeId: string, seenHash: string): Promise<void> {
    const { incidentId } = await this.database.transaction(scopeOf(staff), (tx) => this.notices.get(tx, noticeId));
    const action = { action: 'notice.approve', isPossibleWhenSettled: true };
    await this.desk.change(staff, incidentId, action, async (tx, incident, now) => {
      const notice = await this.notices.lock(tx, noticeId);
      const { rendered, recipients, missing, leaks } = await this.composer.compose(tx, notice, incident);
      const by = { id: staff.id, name: staff.name };
      const allowed = mayApprove(notice, { hash: rendered.hash, missing, leaks }, by, seenHash);
      if (!allowed.ok) {
        throw unmet(allowed.code, allowed.message, { missing: allowed.missing });
      }
      await this.notices.approve(tx, noticeId, { ...rendered, by, at: now });
      for (const recipient of recipients) {
        const id = this.ids.uuid();
        const messageId = `notice.${id}@${this.mailer.domain}`;
        await this.deliveries.insert(tx, { id, noticeId, incidentId, tenant: notice.tenant, ...recipient, messageId });
        await addJob(tx, sendNotice, { deliveryId: id });
      }
      await announce(tx, { topic: 'notice', id: noticeId, tenants: [notice.tenant] });
      return {
        kind: 'mail',
        tenant: notice.tenant,
        text: `${staff.name} approved the notice (${notice.kind}) by ${notice.editors.map(({ name }) => name).join(', ')}; it goes to ${recipients.length} contact(s). SHA-256 ${rendered.hash}`,
        links: [{ label: 'Notice', href: `/notices/${noticeId}` }],
        after: { id: noticeId, contentHash: rendered.hash, recipients: recipients.map(({ address }) => address) },
      };
    });
  }
}
