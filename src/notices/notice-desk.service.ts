import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { IncidentDeskService } from '../incidents/incident-desk.service.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { Database, type Tx } from '../platform/database/database.js';
import { conflict, notFound, unmet } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import { announce } from '../platform/live/live.js';
import { cleanFacts } from './fact-fields.js';
import type { Notice, NoticeFacts, NoticeKind, Person } from './notice.js';
import { NoticeComposer } from './notice-composer.service.js';
import { NoticeRepository } from './notice.repository.js';

const person = ({ id, name }: Staff): Person => ({ id, name });

/** A notice is written, changed, cancelled; also after the incident was closed, since corrections come late. */
@Injectable()
export class NoticeDesk {
  constructor(
    private readonly database: Database,
    private readonly notices: NoticeRepository,
    private readonly composer: NoticeComposer,
    private readonly incidents: IncidentRepository,
    private readonly desk: IncidentDeskService,
    private readonly ids: Ids,
  ) {}

  /** Returns the new draft's id. What is known already is filled in where `facts` say nothing. */
  async draft(
    staff: Staff,
    incidentId: string,
    input: { readonly tenant: string; readonly kind: NoticeKind; readonly facts: NoticeFacts },
  ): Promise<string> {
    const id = this.ids.uuid();
    await this.#change(staff, incidentId, 'notice.draft', async (tx, now) => {
      const { tenant, kind } = input;
      const incident = await this.incidents.find(tx, incidentId);
      if (incident?.tenants.includes(tenant) !== true) throw notFound('The silo among those affected');
      const earlier = await this.notices.list(tx, { incidentId, tenant, limit: 20 });
      const before = earlier.find(({ state }) => state === 'sent' || state === 'queued');
      const known = await this.composer.prefill(tx, { incidentId, tenant, kind }, before);
      const facts = { ...known, ...cleanFacts(kind, input.facts) };
      await this.notices.insert(tx, { id, incidentId, tenant, kind, facts, author: person(staff), createdAt: now });
      await announce(tx, { topic: 'notice', id, tenants: [tenant] });
      return { tenant, text: `${staff.name} began to write a notice (${kind})`, after: { id, kind } };
    });
    return id;
  }

  /** Throws CONFLICT when the notice is not at `version` any more. */
  async edit(staff: Staff, noticeId: string, facts: NoticeFacts, version: number): Promise<void> {
    const found = await this.#find(staff, noticeId);
    await this.#change(staff, found.incidentId, 'notice.edit', async (tx) => {
      const notice = await this.#draft(tx, noticeId);
      if (notice.version !== version) throw conflict('The notice was changed meanwhile: look again');
      const clean = cleanFacts(notice.kind, facts);
      await this.notices.edit(tx, notice, clean, person(staff));
      await announce(tx, { topic: 'notice', id: noticeId, tenants: [notice.tenant] });
      const changed = Object.keys({ ...notice.facts, ...clean }).filter((key) => notice.facts[key] !== clean[key]);
      return {
        tenant: notice.tenant,
        text: `${staff.name} changed the notice (${notice.kind})`,
        after: { id: noticeId, changed },
      };
    });
  }

  async cancel(staff: Staff, noticeId: string): Promise<void> {
    const found = await this.#find(staff, noticeId);
    await this.#change(staff, found.incidentId, 'notice.cancel', async (tx) => {
      const notice = await this.#draft(tx, noticeId);
      await this.notices.cancel(tx, noticeId);
      await announce(tx, { topic: 'notice', id: noticeId, tenants: [notice.tenant] });
      return {
        tenant: notice.tenant,
        text: `${staff.name} cancelled the notice (${notice.kind})`,
        after: { id: noticeId },
      };
    });
  }

  /** One of the two people who say that the words found name no other customer. */
  async override(staff: Staff, noticeId: string, contentHash: string, reason: string): Promise<void> {
    const found = await this.#find(staff, noticeId);
    await this.#change(staff, found.incidentId, 'notice.override', async (tx) => {
      const notice = await this.#draft(tx, noticeId);
      const incident = await this.incidents.find(tx, notice.incidentId);
      const { rendered, leaks } = await this.composer.compose(tx, notice, { number: incident?.number ?? '' });
      if (rendered.hash !== contentHash)
        throw unmet('NOTICE_CONTENT_CHANGED', 'The notice is not what you looked at any more');
      if (leaks.length === 0) throw unmet('NOTICE_NOTHING_FOUND', 'There is nothing to override');
      const others = notice.overrides.filter((override) => override.person.id !== staff.id);
      await this.notices.setOverrides(tx, noticeId, [...others, { person: person(staff), reason, contentHash }]);
      await announce(tx, { topic: 'notice', id: noticeId, tenants: [notice.tenant] });
      return {
        tenant: notice.tenant,
        text: `${staff.name} says that the notice names no other customer: ${reason}`,
        after: { id: noticeId, contentHash, reason, words: leaks },
      };
    });
  }

  async #find(staff: Staff, noticeId: string): Promise<Notice> {
    return this.database.transaction(scopeOf(staff), (tx) => this.notices.get(tx, noticeId));
  }

  async #draft(tx: Tx, noticeId: string): Promise<Notice> {
    const notice = await this.notices.lock(tx, noticeId);
    if (notice.state !== 'draft') throw unmet('NOTICE_NOT_DRAFT', 'The notice is not a draft any more');
    return notice;
  }

  async #change(
    staff: Staff,
    incidentId: string,
    action: string,
    work: (tx: Tx, now: Date) => Promise<{ tenant: string; text: string; after: unknown }>,
  ): Promise<void> {
    await this.desk.change(staff, incidentId, { action, isPossibleWhenSettled: true }, async (tx, _incident, now) => ({
      kind: 'mail',
      ...(await work(tx, now)),
    }));
  }
}
