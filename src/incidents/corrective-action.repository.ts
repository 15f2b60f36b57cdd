import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { conflict } from '../platform/errors/domain-error.js';
import type { CorrectiveAction, ReminderStage } from './corrective-action.js';

interface Row {
  id: string;
  incident_id: string;
  title: string;
  owner_id: string;
  owner_name: string;
  due_on: string;
  tracker_url: string;
  state: CorrectiveAction['state'];
  done_by: string | null;
  done_at: Date | null;
  verified_by: string | null;
  verified_at: Date | null;
  last_reminder: ReminderStage | null;
  created_at: Date;
  version: number;
}

const COLUMNS = `a.id, a.incident_id, a.title, a.owner_id, a.owner_name, a.due_on::text as due_on, a.tracker_url, a.state, a.done_by,
  a.done_at, a.verified_by, a.verified_at, a.last_reminder, a.created_at, a.version`;

@Injectable()
export class CorrectiveActionRepository {
  async ofIncident(tx: Tx, incidentId: string): Promise<readonly CorrectiveAction[]> {
    const rows = await tx.query<Row[]>(
      `select ${COLUMNS} from corrective_actions a where a.incident_id = $1 order by a.due_on, a.id`,
      [incidentId],
    );
    return rows.map(toAction);
  }

  /** By due day, the earliest first, with the incident's number; `after` is the cursor's (due day, id). Restricted incidents' are shown to the people on their list. */
  async list(
    tx: Tx,
    staffId: string,
    states: readonly CorrectiveAction['state'][],
    after: { readonly dueOn: string; readonly id: string } | undefined,
    limit: number,
  ): Promise<readonly (CorrectiveAction & { readonly number: string })[]> {
    const rows = await tx.query<(Row & { number: string })[]>(
      `select ${COLUMNS}, i.number from corrective_actions a join incidents i on i.id = a.incident_id
       where a.state = any($1)
         and (not i.is_restricted or exists (select from incident_access x where x.incident_id = i.id and x.staff_id = $5))
         and ($2::date is null or (a.due_on, a.id) > ($2::date, $3::uuid))
       order by a.due_on, a.id limit $4`,
      [states, after?.dueOn ?? null, after?.id ?? null, limit, staffId],
    );
    return rows.map((row) => ({ ...toAction(row), number: row.number }));
  }

  async lock(tx: Tx, id: string): Promise<CorrectiveAction | undefined> {
    const rows = await tx.query<Row[]>(
      `select ${COLUMNS} from corrective_actions a where a.id = $1 for no key update`,
      [id],
    );
    return rows.map(toAction)[0];
  }

  /** Open ones due before the day, locked; those that another instance holds are passed over. */
  async takeOpenDueBefore(tx: Tx, day: string): Promise<readonly CorrectiveAction[]> {
    const rows = await tx.query<Row[]>(
      `select ${COLUMNS} from corrective_actions a where a.state = 'open' and a.due_on <= $1::date for no key update of a skip locked`,
      [day],
    );
    return rows.map(toAction);
  }

  async insert(tx: Tx, action: CorrectiveAction): Promise<void> {
    await tx.query(
      `insert into corrective_actions (id, incident_id, title, owner_id, owner_name, due_on, tracker_url, state, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        action.id,
        action.incidentId,
        action.title,
        action.owner.id,
        action.owner.name,
        action.dueOn,
        action.trackerUrl,
        action.state,
        action.createdAt,
      ],
    );
  }

  async save(tx: Tx, action: CorrectiveAction): Promise<void> {
    const [, count] = await tx.query<[unknown, number]>(
      `update corrective_actions set title = $3, owner_id = $4, owner_name = $5, due_on = $6, tracker_url = $7, state = $8, done_by = $9,
         done_at = $10, verified_by = $11, verified_at = $12, last_reminder = $13, version = version + 1
       where id = $1 and version = $2`,
      [
        action.id,
        action.version,
        action.title,
        action.owner.id,
        action.owner.name,
        action.dueOn,
        action.trackerUrl,
        action.state,
        action.doneBy,
        action.doneAt,
        action.verifiedBy,
        action.verifiedAt,
        action.lastReminder,
      ],
    );
    if (count !== 1) throw conflict('The corrective action was changed meanwhile: look again');
  }
}

function toAction(row: Row): CorrectiveAction {
  return {
    id: row.id,
    incidentId: row.incident_id,
    title: row.title,
    owner: { id: row.owner_id, name: row.owner_name },
    dueOn: row.due_on,
    trackerUrl: row.tracker_url,
    state: row.state,
    doneBy: row.done_by,
    doneAt: row.done_at,
    verifiedBy: row.verified_by,
    verifiedAt: row.verified_at,
    lastReminder: row.last_reminder,
    createdAt: row.created_at,
    version: row.version,
  };
}
