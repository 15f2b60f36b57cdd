import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { IncidentDeskService } from '../incidents/incident-desk.service.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { Database } from '../platform/database/database.js';
import { notFound } from '../platform/errors/domain-error.js';
import { listPage, readCursor, type ListPage } from '../platform/http/list-page.js';
import { DeliveryRepository } from './delivery.repository.js';
import { NoticeComposer } from './notice-composer.service.js';
import { noticeView, summaryView } from './notice-view.js';
import { NoticeRepository } from './notice.repository.js';
import type { NoticeSummaryView, NoticeView } from './notices.schema.js';

/** What people see of notices. */
@Injectable()
export class NoticeRead {
  constructor(
    private readonly database: Database,
    private readonly notices: NoticeRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly composer: NoticeComposer,
    private readonly incidents: IncidentRepository,
    private readonly desk: IncidentDeskService,
  ) {}

  /** Newest first. A page may be shorter than asked for: notices of restricted incidents are left out of it. */
  async list(
    staff: Staff,
    query: { readonly incident?: string | undefined; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<ListPage<NoticeSummaryView>> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const filter = { incidentId: query.incident, before: readCursor(query.cursor), limit: query.limit + 1 };
      const page = listPage(await this.notices.list(tx, filter), query.limit, ({ createdAt, id }) => ({
        at: createdAt,
        id,
      }));
      const notices = page.items;
      const deliveries = await this.deliveries.ofNotices(
        tx,
        notices.map(({ id }) => id),
      );
      const views: NoticeSummaryView[] = [];
      for (const notice of notices) {
        const incident = await this.incidents.find(tx, notice.incidentId);
        if (incident === undefined) continue;
        if (incident.isRestricted && !(await this.incidents.hasAccess(tx, incident.id, staff.id))) continue;
        const subject = notice.rendered?.subject ?? (await this.composer.subject(tx, notice, incident));
        views.push(summaryView(notice, incident.number, subject, deliveries));
      }
      return { ...page, items: views };
    });
  }

  async find(staff: Staff, noticeId: string): Promise<NoticeView> {
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const notice = await this.notices.get(tx, noticeId);
      const incident = await this.incidents.find(tx, notice.incidentId);
      if (incident === undefined) throw notFound('The notice');
      await this.desk.requireAccess(tx, staff, incident);
      const composed = await this.composer.compose(tx, notice, incident);
      return noticeView(notice, incident.number, composed, await this.deliveries.ofNotices(tx, [noticeId]));
    });
  }
}
