import { Injectable } from '@nestjs/common';
import { ContainmentState } from '../incidents/workstream-state.js';
import type { Tx } from '../platform/database/database.js';
import { missingFor } from './action.js';
import { ActionRepository } from './action.repository.js';
import { viewAction } from './action-view.js';

/** What incidents ask of containment. Bound to ContainmentState in app/. */
@Injectable()
export class ContainmentStateService extends ContainmentState {
  constructor(private readonly actions: ActionRepository) {
    super();
  }

  override async missing(tx: Tx, incidentId: string): Promise<readonly string[]> {
    const actions = await this.actions.ofIncident(tx, incidentId);
    return actions.map(missingFor).filter((text) => text !== null);
  }

  override async summary(
    tx: Tx,
    incidentId: string,
  ): Promise<{ readonly count: number; readonly lastActionAt: Date | null }> {
    const actions = await this.actions.ofIncident(tx, incidentId);
    const times = actions.map(({ sentAt }) => sentAt?.getTime()).filter((time) => time !== undefined);
    return { count: actions.length, lastActionAt: times.length === 0 ? null : new Date(Math.max(...times)) };
  }

  override async list(tx: Tx, incidentId: string): Promise<readonly unknown[]> {
    const views: unknown[] = [];
    for (const action of await this.actions.ofIncident(tx, incidentId))
      views.push(viewAction(action, await this.actions.approvals(tx, action.id)));
    return views;
  }
}
