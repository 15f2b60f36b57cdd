import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { Database, type Tx } from '../platform/database/database.js';
import { forbidden, notFound, unmet } from '../platform/errors/domain-error.js';
import { listPage, readCursor, type ListPage } from '../platform/http/list-page.js';
import { Ids } from '../platform/ids/ids.js';
import { whyNotTransition, type CorrectiveAction } from './corrective-action.js';
import { CorrectiveActionRepository } from './corrective-action.repository.js';
import type { Review } from './gates/review-gate.js';
import { IncidentDeskService, requireWholeView, type Done } from './incident-desk.service.js';
import { viewCorrectiveAction } from './incident-view.js';
import { ReviewRepository } from './review.repository.js';
import { StaffDirectoryRepository } from './staff-directory.repository.js';

export interface CorrectiveActionChange {
  readonly state?: CorrectiveAction['state'] | undefined;
  readonly ownerId?: string | undefined;
  readonly dueOn?: string | undefined;
  readonly trackerUrl?: string | undefined;
  readonly reason?: string | undefined;
}

const STATES = ['open', 'done', 'verified'] as const;

/** The review after an incident, and the corrective actions that outlive it. */
@Injectable()
export class ReviewService {
  constructor(
    private readonly ids: Ids,
    private readonly database: Database,
    private readonly desk: IncidentDeskService,
    private readonly reviews: ReviewRepository,
    private readonly actions: CorrectiveActionRepository,
    private readonly staff: StaffDirectoryRepository,
  ) {}

  async write(staff: Staff, incidentId: string, text: Omit<Review, 'author' | 'updatedAt'>): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.review' }, async (tx, incident, now) => {
      requireWholeView(staff, incident);
      const before = await this.reviews.find(tx, incidentId);
      const author = { id: staff.id, name: staff.name };
      await this.reviews.write(tx, incidentId, { ...text, author, updatedAt: now });
      return { kind: 'decision', text: `Review of ${text.heldOn} written`, before, after: text };
    });
  }

  /** Possible after closing too: a lesson may come late. */
  async addAction(
    staff: Staff,
    incidentId: string,
    wanted: { readonly title: string; readonly ownerId: string; readonly dueOn: string; readonly trackerUrl: string },
  ): Promise<string> {
    const id = this.ids.uuid();
    const change = { action: 'corrective_action.add', isPossibleWhenSettled: true };
    await this.desk.change(staff, incidentId, change, async (tx, incident, now) => {
      requireWholeView(staff, incident);
      const owner = await this.staff.get(tx, wanted.ownerId);
      await this.actions.insert(tx, {
        id,
        incidentId,
        title: wanted.title,
        owner: { id: owner.id, name: owner.name },
        dueOn: wanted.dueOn,
        trackerUrl: wanted.trackerUrl,
        state: 'open',
        doneBy: null,
        doneAt: null,
        verifiedBy: null,
        verifiedAt: null,
        lastReminder: null,
        createdAt: now,
        version: 1,
      });
      return {
        kind: 'decision',
        text: `Corrective action: ${wanted.title} (${owner.name}, due ${wanted.dueOn})`,
        links: [{ label: 'Tracker', href: wanted.trackerUrl }],
        after: { id, ...wanted },
      };
    });
    return id;
  }

  /** Moves a corrective action on, or gives it another owner, day or link. A later due day takes a reason. */
  async changeAction(staff: Staff, id: string, change: CorrectiveActionChange): Promise<void> {
    const incidentId = await this.incidentOf(staff, id);
    const desk = { action: 'corrective_action.change', isPossibleWhenSettled: true };
    await this.desk.change(staff, incidentId, desk, async (tx, incident, now) => {
      requireWholeView(staff, incident);
      const before = await this.actions.lock(tx, id);
      if (before === undefined) throw notFound('The corrective action');
      const after = await this.changed(tx, staff, before, change, now);
      await this.actions.save(tx, after);
      return describe(before, after, change.reason);
    });
  }

  async list(
    staff: Staff,
    state: string | undefined,
    cursor: string | undefined,
    limit: number,
  ): Promise<ListPage<unknown>> {
    const wanted = state === undefined ? STATES : STATES.filter((one) => state.split(',').includes(one));
    const after = readCursor(cursor);
    return this.database.transaction(scopeOf(staff), async (tx) => {
      const place = after === undefined ? undefined : { dueOn: after.at.toISOString().slice(0, 10), id: after.id };
      const found = await this.actions.list(tx, staff.id, wanted, place, limit + 1);
      const page = listPage(found, limit, ({ dueOn, id }) => ({ at: new Date(`${dueOn}T00:00:00Z`), id }));
      return { ...page, items: page.items.map(viewCorrectiveAction) };
    });
  }

  private async incidentOf(staff: Staff, id: string): Promise<string> {
    const action = await this.database.transaction(scopeOf(staff), (tx) => this.actions.lock(tx, id));
    if (action === undefined) throw notFound('The corrective action');
    return action.incidentId;
  }

  private async changed(
    tx: Tx,
    staff: Staff,
    before: CorrectiveAction,
    change: CorrectiveActionChange,
    now: Date,
  ): Promise<CorrectiveAction> {
    const to = change.state ?? before.state;
    if (change.state !== undefined) {
      const refusal = whyNotTransition(before, to, staff.id);
      if (refusal !== null)
        throw refusal.startsWith('Someone') ? forbidden(refusal) : unmet('CORRECTIVE_ACTION_STATE', refusal);
    }
    if (change.dueOn !== undefined && change.dueOn > before.dueOn && change.reason === undefined)
      throw unmet('CORRECTIVE_ACTION_REASON', 'A later due day needs a reason', {
        missing: ['A reason for the later day'],
      });
    const owner = change.ownerId === undefined ? before.owner : await this.staff.get(tx, change.ownerId);
    const isDone = to !== 'open';
    return {
      ...before,
      state: to,
      owner: { id: owner.id, name: owner.name },
      dueOn: change.dueOn ?? before.dueOn,
      trackerUrl: change.trackerUrl ?? before.trackerUrl,
      doneBy: isDone ? (before.doneBy ?? staff.id) : null,
      doneAt: isDone ? (before.doneAt ?? now) : null,
      verifiedBy: to === 'verified' ? staff.id : null,
      verifiedAt: to === 'verified' ? now : null,
      // Another day starts the reminders anew.
      lastReminder: change.dueOn === undefined ? before.lastReminder : null,
    };
  }
}

function describe(before: CorrectiveAction, after: CorrectiveAction, reason: string | undefined): Done {
  const changes = [
    before.state === after.state ? null : after.state,
    before.owner.id === after.owner.id ? null : `now with ${after.owner.name}`,
    before.dueOn === after.dueOn ? null : `due ${after.dueOn} instead of ${before.dueOn}`,
    before.trackerUrl === after.trackerUrl ? null : 'another tracker link',
  ].filter((text) => text !== null);
  const why = reason === undefined ? '' : `: ${reason}`;
  return {
    kind: 'decision',
    text: `Corrective action “${after.title}”: ${changes.join(', ') || 'unchanged'}${why}`,
    before,
    after,
  };
}
