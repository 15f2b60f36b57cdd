import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import { TrailRepository } from '../access/trail.repository.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { TimelineRepository } from '../incidents/timeline.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { tokenHash } from '../platform/ids/ids.js';
import { announce } from '../platform/live/live.js';
import type { LinkPageView } from '../platform/mail/link-page.js';
import { SiloDirectory } from '../silos/silo-directory.service.js';
import { DeliveryRepository } from './delivery.repository.js';
import { fieldsOf } from './fact-fields.js';
import type { Delivery, Notice } from './notice.js';
import { NoticeRepository } from './notice.repository.js';

const inWords = (at: Date): string => DateTime.fromJSDate(at, { zone: 'utc' }).toFormat("d LLLL yyyy, HH:mm 'UTC'");

/** The customer's own page: the state and the notices of their silo, nothing of anybody else. */
@Injectable()
export class NoticePage {
  constructor(
    private readonly database: Database,
    private readonly notices: NoticeRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly incidents: IncidentRepository,
    private readonly silos: SiloDirectory,
    private readonly timeline: TimelineRepository,
    private readonly trail: TrailRepository,
    private readonly clock: Clock,
  ) {}

  /** Undefined for an unknown or expired link. */
  async look(token: string): Promise<LinkPageView | undefined> {
    return this.database.transaction(system('public-link'), async (tx) => {
      const delivery = await this.deliveries.findByToken(tx, tokenHash(token));
      return delivery === undefined ? undefined : this.#view(tx, delivery);
    });
  }

  /** The page's POST: the recipient confirms receipt. Doing it twice changes nothing. */
  async confirm(token: string, ip: string): Promise<void> {
    await this.database.transaction(system('public-link'), async (tx) => {
      const delivery = await this.deliveries.findByToken(tx, tokenHash(token));
      if (delivery === undefined || !(await this.deliveries.confirm(tx, delivery.id))) return;
      const actor = { kind: 'link' as const, id: delivery.address, ip };
      await this.timeline.append(tx, {
        incidentId: delivery.incidentId,
        tenant: delivery.tenant,
        at: this.clock.now(),
        kind: 'mail',
        actor: { ...actor, name: delivery.name },
        text: `${delivery.name} <${delivery.address}> confirmed receipt of the notice by its link`,
        links: [{ label: 'Notice', href: `/notices/${delivery.noticeId}` }],
      });
      await this.trail.record(tx, {
        actor,
        action: 'notice.confirm_receipt',
        object: { type: 'notice_delivery', id: delivery.id },
        tenant: delivery.tenant,
      });
      await this.incidents.recheckAt(tx, delivery.incidentId, this.clock.now());
      await announce(tx, { topic: 'notice', id: delivery.noticeId, tenants: [delivery.tenant] });
    });
  }

  async #view(tx: Tx, delivery: Delivery): Promise<LinkPageView> {
    const { incidentId, tenant } = delivery;
    const silo = await this.silos.find(tx, tenant);
    const incident = await this.incidents.find(tx, incidentId);
    const notices = (await this.notices.list(tx, { incidentId, tenant, limit: 50 })).filter(
      ({ state }) => state === 'sent' || state === 'queued',
    );
    const isFinished = notices.some(({ kind }) => kind === 'final');
    return {
      title: `Security notice ${incident?.number ?? ''}`,
      reference: incident?.number ?? '',
      siloName: silo?.name ?? tenant,
      status: isFinished
        ? 'The investigation is complete. The final report is below.'
        : 'We are working on this incident. The newest notice is at the top.',
      recipient: delivery.name,
      canConfirm: delivery.receivedAt === null,
      receivedAt: delivery.receivedAt === null ? undefined : inWords(delivery.receivedAt),
      notices: notices.map(shown),
    };
  }
}

const shown = (notice: Notice): object => ({
  subject: notice.rendered?.subject ?? '',
  sentAt: notice.approvedAt === null ? '' : inWords(notice.approvedAt),
  sections: fieldsOf(notice.kind)
    .map(({ key, label }) => ({ label, text: notice.facts[key] ?? '' }))
    .filter(({ text }) => text !== ''),
});
