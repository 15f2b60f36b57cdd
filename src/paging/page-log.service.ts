import { Injectable } from '@nestjs/common';
import { TrailRepository, type Actor } from '../access/trail.repository.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { TimelineRepository, type TimelineActor } from '../incidents/timeline.repository.js';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { announce } from '../platform/live/live.js';
import type { Page } from './page.js';

export const PAGING: TimelineActor = { kind: 'job', id: 'paging', name: 'Paging' };

/** Writes down what happens to pages, in the transaction in which it happens. */
@Injectable()
export class PageLog {
  constructor(
    private readonly timeline: TimelineRepository,
    private readonly trail: TrailRepository,
    private readonly incidents: IncidentRepository,
    private readonly clock: Clock,
  ) {}

  /** One entry on the incident's timeline, and word to the browsers that look at it. */
  async note(tx: Tx, page: Page, text: string, actor: TimelineActor = PAGING): Promise<void> {
    await this.timeline.append(tx, {
      incidentId: page.incidentId,
      tenant: null,
      at: this.clock.now(),
      kind: 'page',
      actor,
      text,
    });
    await this.announce(tx, page);
  }

  async announce(tx: Tx, page: Page): Promise<void> {
    const tenants = (await this.incidents.find(tx, page.incidentId))?.tenants ?? [];
    await announce(tx, { topic: 'page', id: page.id, tenants });
  }

  async record(tx: Tx, page: Page, actor: Actor, action: string, after: unknown): Promise<void> {
    await this.trail.record(tx, { actor, action, object: { type: 'page', id: page.id }, after });
  }
}
