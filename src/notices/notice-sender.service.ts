import { Injectable } from '@nestjs/common';
import { customerUnreachable } from '../incidents/incident-jobs.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { TimelineRepository, type TimelineActor } from '../incidents/timeline.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { PublicUrl } from '../platform/http/public-url.js';
import { Ids, tokenHash } from '../platform/ids/ids.js';
import { addJob } from '../platform/jobs/jobs.js';
import { announce } from '../platform/live/live.js';
import { domainOf, tagged } from '../platform/mail/mail.js';
import { MailError, Mailer } from '../platform/mail/mailer.js';
import { signedTag } from '../platform/mail/signed-tag.js';
import { DeliveryRepository } from './delivery.repository.js';
import type { Delivery, Notice } from './notice.js';
import { NoticeRepository } from './notice.repository.js';
import { addressed } from './render-notice.js';

const NOTICES: TimelineActor = { kind: 'job', id: 'notices', name: 'Notices' };
/** A customer may look at the notice's page for this long. */
const LINK_LIFE_MS = 2 * 365 * 24 * 3_600_000;

/** Purpose of the return address's signature: bounces can be made up by anybody. */
export const BOUNCE_TAG = 'notice-bounce';

/** Sends approved notices, one mail a recipient, and records how each ended. */
@Injectable()
export class NoticeSender {
  constructor(
    private readonly database: Database,
    private readonly notices: NoticeRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly incidents: IncidentRepository,
    private readonly timeline: TimelineRepository,
    private readonly mailer: Mailer,
    private readonly box: SealedBox,
    private readonly publicUrl: PublicUrl,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** Throws when it is worth trying again. */
  async send(deliveryId: string, isLastTry: boolean): Promise<void> {
    const token = this.ids.token();
    const loaded = await this.database.transaction(system('notices'), (tx) => this.#load(tx, deliveryId, token));
    if (loaded === undefined) return;
    const { notice, delivery } = loaded;
    const mail = addressed(notice.rendered, this.publicUrl.href(`/notice/${token}`));
    try {
      const { response } = await this.mailer.send({
        kind: 'notice',
        messageId: delivery.messageId,
        references: [`notices.${notice.incidentId}.${notice.tenant}@${this.mailer.domain}`],
        to: { name: delivery.name, address: delivery.address },
        ...mail,
        returnPath: tagged(this.mailer.returnAddress, signedTag(this.box, BOUNCE_TAG, delivery.id)),
        autoSubmitted: 'auto-generated',
        listId: `security-notices.${domainOf(this.mailer.returnAddress)}`,
      });
      await this.#settle(delivery, 'sent', response);
    } catch (error) {
      const answer = error instanceof MailError ? error.answer : 'the mail could not be made';
      if (isLastTry || (error instanceof MailError && !error.retryable)) {
        await this.#settle(delivery, 'failed', answer);
        return;
      }
      await this.database.transaction(system('notices'), (tx) => this.deliveries.noteAnswer(tx, delivery.id, answer));
      throw error;
    }
  }

  /** A bounce came back to the delivery's own return address. In the caller's transaction, scope `notices`. */
  async bounced(tx: Tx, deliveryId: string, answer: string): Promise<void> {
    const delivery = await this.deliveries.find(tx, deliveryId);
    if (delivery !== undefined) await this.#end(tx, delivery, 'bounced', answer);
  }

  async #load(
    tx: Tx,
    deliveryId: string,
    token: string,
  ): Promise<{ notice: Notice & { rendered: NonNullable<Notice['rendered']> }; delivery: Delivery } | undefined> {
    const delivery = await this.deliveries.find(tx, deliveryId);
    if (delivery?.state !== 'queued') return undefined;
    const notice = await this.notices.get(tx, delivery.noticeId);
    if (notice.rendered === null) return undefined;
    const expiresAt = new Date(this.clock.nowMs() + LINK_LIFE_MS);
    await this.deliveries.insertToken(tx, { hash: tokenHash(token), deliveryId, tenant: delivery.tenant, expiresAt });
    return { notice: { ...notice, rendered: notice.rendered }, delivery };
  }

  async #settle(delivery: Delivery, state: 'sent' | 'failed', answer: string): Promise<void> {
    await this.database.transaction(system('notices'), (tx) => this.#end(tx, delivery, state, answer));
  }

  async #end(tx: Tx, delivery: Delivery, state: 'sent' | 'failed' | 'bounced', answer: string): Promise<void> {
    // The notice's row is the lock under which its deliveries are counted.
    const notice = await this.notices.lock(tx, delivery.noticeId);
    if (!(await this.deliveries.settle(tx, delivery.id, state, answer))) return;
    const now = this.clock.now();
    const who = `${delivery.name} <${delivery.address}>`;
    await this.timeline.append(tx, {
      incidentId: delivery.incidentId,
      tenant: delivery.tenant,
      at: now,
      kind: 'mail',
      actor: NOTICES,
      text:
        state === 'sent'
          ? `Notice (${notice.kind}) to ${who} accepted by the mail server: ${answer}. Message-ID ${delivery.messageId}, SHA-256 ${notice.approvedHash ?? ''}`
          : `Notice (${notice.kind}) to ${who} ${state === 'failed' ? 'could not be sent' : 'bounced'}: ${answer}`,
      links: [{ label: 'Notice', href: `/notices/${notice.id}` }],
    });
    const all = await this.deliveries.ofNotices(tx, [notice.id]);
    if (all.every((one) => one.state !== 'queued')) {
      await this.notices.finish(tx, notice.id, now);
      if (all.every((one) => one.state !== 'sent' && one.receivedAt === null)) {
        await addJob(tx, customerUnreachable, { incidentId: notice.incidentId });
      }
    }
    // The workstream's gate and the clocks look at deliveries.
    await this.incidents.recheckAt(tx, notice.incidentId, now);
    await announce(tx, { topic: 'notice', id: notice.id, tenants: [notice.tenant] });
  }
}
