import { Injectable } from '@nestjs/common';
import { may } from '../access/permissions.js';
import { scopeOf, type Staff } from '../access/staff.js';
import { IncidentDeskService, requireWholeView, type Done } from '../incidents/incident-desk.service.js';
import { StaffDirectoryRepository } from '../incidents/staff-directory.repository.js';
import type { Incident } from '../incidents/incident.js';
import { Database, type Tx } from '../platform/database/database.js';
import { conflict, forbidden, notFound, unmet } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import { addJob } from '../platform/jobs/jobs.js';
import { announce } from '../platform/live/live.js';
import { mayBecome, type ActionState, type ContainmentAction } from './action.js';
import { ActionRepository } from './action.repository.js';
import { AgentKeyRepository } from './agent-key.repository.js';
import { isApproved, whyNotApprove } from './approval.js';
import { buildAction } from './build-action.js';
import { describeAction, findEntry } from './catalogue.js';
import { sendCommand } from './containment-jobs.js';
import { ProposalService } from './proposal.service.js';

type Work = (tx: Tx, action: ContainmentAction, incident: Incident, now: Date) => Promise<Pick<Done, 'text' | 'after'>>;

/** What people decide about an action: approve, reject, do by hand, take back. */
@Injectable()
export class ApprovalService {
  constructor(
    private readonly ids: Ids,
    private readonly database: Database,
    private readonly desk: IncidentDeskService,
    private readonly actions: ActionRepository,
    private readonly agents: AgentKeyRepository,
    private readonly proposals: ProposalService,
    private readonly staff: StaffDirectoryRepository,
  ) {}

  /** Counts a person's word for the exact bytes they saw; with enough of them the command goes out. Also tries again what failed. */
  async approve(staff: Staff, id: string, hash: string): Promise<void> {
    await this.decide(staff, id, 'containment.approve', async (tx, action, _incident, now) => {
      const isCommander = may(staff.roles, 'containment.approve');
      const approvals = await this.actions.approvals(tx, id);
      // What failed needs a new word: what was approved was another moment.
      const given = action.state === 'proposed' ? approvals : [];
      const refusal = whyNotApprove(action, given, { id: staff.id, isCommander }, hash);
      if (refusal?.kind === 'forbidden') throw forbidden(refusal.text);
      if (refusal?.kind === 'conflict') throw conflict(refusal.text);
      if (refusal !== null) throw unmet('CONTAINMENT_APPROVAL', refusal.text);
      if ((await this.agents.keys(tx, action.tenant)).size === 0)
        throw unmet('CONTAINMENT_NO_AGENT', `No agent is enrolled in ${action.tenant}: do it by hand`);
      const approval = { staffId: staff.id, name: staff.name, isCommander, hash, at: now };
      await this.actions.approve(tx, action, approval);
      const what = describeAction(action.kind, action.target);
      if (!isApproved(action, [...given.filter(({ staffId }) => staffId !== staff.id), approval]))
        return { text: `Approved by one, a second person is needed: ${what}`, after: { hash } };
      this.require(action, 'approved');
      await this.actions.change(tx, action, { state: 'approved', approvedAt: now, attempts: 0, reason: null }, now);
      await addJob(tx, sendCommand, { actionId: id });
      return { text: `Approved: ${what}`, after: { hash } };
    });
  }

  async reject(staff: Staff, id: string, reason: string): Promise<void> {
    await this.decide(staff, id, 'containment.reject', async (tx, action, _incident, now) => {
      this.require(action, 'rejected');
      await this.actions.change(tx, action, { state: 'rejected', reason }, now);
      return { text: `Rejected: ${describeAction(action.kind, action.target)}: ${reason}`, after: { reason } };
    });
  }

  /** Somebody did it without the agent; it counts once the named second person confirms. */
  async byHand(staff: Staff, id: string, evidence: string, secondPersonId: string): Promise<void> {
    await this.decide(staff, id, 'containment.by_hand', async (tx, action, _incident, now) => {
      if (secondPersonId === staff.id) throw forbidden('The second person is someone else');
      const second = await this.staff.get(tx, secondPersonId);
      if (action.state === 'done_by_hand') throw unmet('CONTAINMENT_STATE', 'It is recorded as done by hand already');
      this.require(action, 'done_by_hand');
      const byHand = {
        by: { id: staff.id, name: staff.name },
        evidence,
        at: now.toISOString(),
        secondPerson: { id: second.id, name: second.name },
        confirmedAt: null,
      };
      await this.actions.change(tx, action, { state: 'done_by_hand', byHand, sentAt: now }, now);
      const what = describeAction(action.kind, action.target);
      return { text: `Done by hand, ${second.name} is to confirm: ${what}: ${evidence}`, after: byHand };
    });
  }

  async confirmByHand(staff: Staff, id: string): Promise<void> {
    await this.decide(staff, id, 'containment.confirm_by_hand', async (tx, action, _incident, now) => {
      const { byHand } = action;
      if (action.state !== 'done_by_hand' || byHand === null)
        throw unmet('CONTAINMENT_STATE', 'It was not done by hand');
      if (byHand.secondPerson.id !== staff.id) throw forbidden(`${byHand.secondPerson.name} is to confirm it`);
      if (byHand.confirmedAt !== null) throw unmet('CONTAINMENT_STATE', 'It is confirmed already');
      await this.actions.change(tx, action, { byHand: { ...byHand, confirmedAt: now.toISOString() } }, now);
      return { text: `Confirmed as done by hand: ${describeAction(action.kind, action.target)}`, after: { id } };
    });
  }

  /** Proposes the inverse; the action counts as undone when that is proven. */
  async undo(staff: Staff, id: string): Promise<void> {
    await this.decide(staff, id, 'containment.undo', async (tx, action, incident, now) => {
      const inverse = findEntry(findEntry(action.kind)?.undo ?? '');
      if (inverse === undefined) throw unmet('CONTAINMENT_NO_UNDO', 'There is nothing to take back: it needs no undo');
      if (!mayBecome(action.state, 'undone')) throw unmet('CONTAINMENT_STATE', `It is ${action.state}, not in force`);
      const undo = buildAction(inverse, {
        id: this.ids.uuid(),
        incident,
        tenant: action.tenant,
        target: action.target,
        proposer: { kind: 'staff', id: staff.id, name: staff.name },
        undoes: id,
        now,
      });
      await this.proposals.store(tx, undo);
      return { text: `Proposed to take back: ${describeAction(undo.kind, undo.target)}`, after: { undo: undo.id } };
    });
  }

  private async decide(staff: Staff, id: string, trail: string, work: Work): Promise<void> {
    const found = await this.database.transaction(scopeOf(staff), (tx) => this.actions.find(tx, id));
    if (found === undefined) throw notFound('The action');
    await this.desk.change(
      staff,
      found.incidentId,
      { action: trail, isPossibleWhenSettled: true },
      async (tx, incident, now) => {
        const action = await this.actions.lock(tx, id);
        requireWholeView(staff, { ...incident, tenants: [action.tenant] });
        const done = await work(tx, action, incident, now);
        await announce(tx, { topic: 'action', id, tenants: [action.tenant] });
        return {
          kind: 'action',
          tenant: action.tenant,
          text: done.text,
          before: { actionId: id, state: action.state },
          after: done.after,
        };
      },
    );
  }

  private require(action: ContainmentAction, to: ActionState): void {
    if (!mayBecome(action.state, to))
      throw unmet(
        'CONTAINMENT_STATE',
        `An action that is ${action.state.replaceAll('_', ' ')} does not become ${to.replaceAll('_', ' ')}`,
      );
  }
}
