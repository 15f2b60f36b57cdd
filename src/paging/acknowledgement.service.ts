import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { notFound } from '../platform/errors/domain-error.js';
import { tokenHash } from '../platform/ids/ids.js';
import { announce } from '../platform/live/live.js';
import { isRunning, type Page } from './page.js';
import { PageLog } from './page-log.service.js';
import { PageRepository } from './page.repository.js';
import { PagingMetrics } from './paging.metrics.js';

interface Acknowledger {
  readonly id: string;
  readonly name: string;
  readonly via: 'dashboard' | 'link';
  readonly ip?: string;
}

/** What the holder of a page's link gets to see. */
export interface LinkedPage {
  readonly page: Page;
  readonly staffName: string;
}

/** Acknowledging a page stops its escalation and counts for the incident. Doing it twice changes nothing. */
@Injectable()
export class AcknowledgementService {
  constructor(
    private readonly database: Database,
    private readonly pages: PageRepository,
    private readonly incidents: IncidentRepository,
    private readonly pageLog: PageLog,
    private readonly metrics: PagingMetrics,
    private readonly clock: Clock,
  ) {}

  async byStaff(staff: Staff, pageId: string): Promise<void> {
    const who: Acknowledger = { id: staff.id, name: staff.name, via: 'dashboard', ip: staff.ip };
    await this.database.transaction(scopeOf(staff), async (tx) => {
      const page = await this.pages.lock(tx, pageId);
      if (page === undefined) throw notFound('The page');
      await this.#acknowledge(tx, page, who);
    });
  }

  /** Undefined for an unknown or expired link. */
  async look(token: string): Promise<LinkedPage | undefined> {
    return this.database.transaction(system('public-link'), async (tx) => {
      const found = await this.pages.findToken(tx, tokenHash(token));
      const page = found === undefined ? undefined : await this.pages.find(tx, found.pageId);
      return found === undefined || page === undefined ? undefined : { page, staffName: found.staffName };
    });
  }

  /** The link's POST. False for an unknown or expired link. */
  async byLink(token: string, ip: string): Promise<boolean> {
    return this.database.transaction(system('public-link'), async (tx) => {
      const found = await this.pages.findToken(tx, tokenHash(token));
      const page = found === undefined ? undefined : await this.pages.lock(tx, found.pageId);
      if (found === undefined || page === undefined) return false;
      await this.#acknowledge(tx, page, { id: found.staffId, name: found.staffName, via: 'link', ip });
      return true;
    });
  }

  /** The incident was acknowledged in the dashboard, which has recorded that already. */
  async byIncident(incidentId: string, staff: { readonly id: string; readonly name: string }): Promise<void> {
    await this.database.transaction(system('paging'), async (tx) => {
      const page = await this.pages.lockRunning(tx, incidentId);
      if (page !== undefined) await this.#stop(tx, page, { ...staff, via: 'dashboard' });
    });
  }

  async #acknowledge(tx: Tx, page: Page, who: Acknowledger): Promise<void> {
    if (!isRunning(page)) return;
    await this.#stop(tx, page, who);
    if (await this.incidents.acknowledge(tx, page.incidentId, this.clock.now())) {
      const tenants = (await this.incidents.find(tx, page.incidentId))?.tenants ?? [];
      await announce(tx, { topic: 'incident', id: page.incidentId, tenants });
    }
    const actor = {
      kind: who.via === 'link' ? ('link' as const) : ('staff' as const),
      id: who.id,
      ...(who.ip === undefined ? {} : { ip: who.ip }),
    };
    const how = who.via === 'link' ? 'by the link in the mail' : 'in the dashboard';
    await this.pageLog.note(tx, page, `${who.name} acknowledged the page ${how}`, { ...actor, name: who.name });
    await this.pageLog.record(tx, page, actor, 'page.acknowledge', { incident: page.number, via: who.via });
  }

  async #stop(tx: Tx, page: Page, who: Acknowledger): Promise<void> {
    const now = this.clock.now();
    await this.pages.change(tx, page.id, {
      state: 'acknowledged',
      dueAt: null,
      acknowledged: { id: who.id, name: who.name, at: now, via: who.via },
      recheckAt: new Date(now.getTime() + page.policy.noProgressMinutes * 60_000),
      endedAt: now,
    });
    await this.pageLog.announce(tx, page);
    this.metrics.pages.inc({ outcome: 'acknowledged' });
  }
}
