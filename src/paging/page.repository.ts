import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { Cursor } from '../platform/http/list-page.js';
import { Clock } from '../platform/clock/clock.js';
import { Ids } from '../platform/ids/ids.js';
import type { EscalationPolicy } from './escalation.js';
import type { Page, PageAttempt, PageCause, PageState } from './page.js';

interface PageRow {
  id: string;
  incident_id: string;
  number: string;
  severity: string;
  cause: PageCause;
  detail: string;
  is_digest: boolean;
  policy: EscalationPolicy;
  cursor: number;
  state: PageState;
  started_at: Date;
  due_at: Date | null;
  record_at: Date | null;
  first_sent_at: Date | null;
  acknowledged_by: string | null;
  acknowledged_name: string | null;
  acknowledged_at: Date | null;
  acknowledged_via: Page['acknowledgedVia'];
}

interface AttemptRow {
  id: string;
  page_id: string;
  incident_id: string;
  staff_id: string;
  staff_name: string;
  method: 'mail';
  address: string;
  cursor: number;
  step: number | null;
  is_late: boolean;
  state: PageAttempt['outcome'];
  created_at: Date;
  at: Date | null;
  answer: string | null;
}

const PAGE = `id, incident_id, number, severity, cause, detail, is_digest, policy, cursor, state, started_at, due_at, record_at, first_sent_at,
  acknowledged_by, acknowledged_name, acknowledged_at, acknowledged_via`;
const ATTEMPT = `id, page_id, incident_id, staff_id, staff_name, method, address, cursor, step, is_late, state, created_at, at, answer`;

export interface PageChange {
  readonly severity?: string;
  readonly state?: PageState;
  readonly cursor?: number;
  readonly dueAt?: Date | null;
  readonly firstSentAt?: Date;
  readonly acknowledged?: {
    readonly id: string;
    readonly name: string;
    readonly at: Date;
    readonly via: 'dashboard' | 'link';
  };
  readonly recheckAt?: Date | null;
  readonly endedAt?: Date;
}

/** Rows of `pages`, `page_attempts` and `page_tokens`. */
@Injectable()
export class PageRepository {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** Undefined when a page of this incident is running already, or it was paged as opened before. */
  async insert(
    tx: Tx,
    page: Pick<
      Page,
      'incidentId' | 'number' | 'severity' | 'cause' | 'detail' | 'isDigest' | 'policy' | 'startedAt' | 'recordAt'
    >,
  ): Promise<Page | undefined> {
    const rows = await tx.query<PageRow[]>(
      `insert into pages (id, incident_id, number, severity, cause, detail, policy, state, started_at, due_at, record_at, is_digest)
       values ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $8, $9, $10)
       on conflict do nothing returning ${PAGE}`,
      [
        this.ids.uuid(),
        page.incidentId,
        page.number,
        page.severity,
        page.cause,
        page.detail,
        JSON.stringify(page.policy),
        page.startedAt,
        page.recordAt,
        page.isDigest,
      ],
    );
    return rows.map(toPage)[0];
  }

  /** Whether the incident was paged as opened. */
  async isOpened(tx: Tx, incidentId: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>(`select 1 from pages where incident_id = $1 and cause = 'opened'`, [
      incidentId,
    ]);
    return rows.length > 0;
  }

  /** Open incidents that nobody has acknowledged and that have no page. */
  async neverPaged(tx: Tx): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }[]>(
      `select id from incidents i where status = 'open' and acknowledged_at is null
       and not exists (select from pages p where p.incident_id = i.id) order by opened_at limit 1000`,
    );
    return rows.map(({ id }) => id);
  }

  /** When somebody last did something for the incident. */
  async lastWorkAt(tx: Tx, incidentId: string): Promise<Date | null> {
    const rows = await tx.query<{ at: Date | null }[]>(
      `select max(recorded_at) as at from timeline_entries where incident_id = $1 and actor_kind in ('staff', 'link')`,
      [incidentId],
    );
    return rows[0]?.at ?? null;
  }

  /** Time of the record whose alert opened the incident; null when a person opened it. */
  async recordAt(tx: Tx, incidentId: string): Promise<Date | null> {
    const rows = await tx.query<{ at: Date | null }[]>(
      `select last_event_at as at from alerts where incident_id = $1 and not is_late order by created_at limit 1`,
      [incidentId],
    );
    return rows[0]?.at ?? null;
  }

  async find(tx: Tx, id: string): Promise<Page | undefined> {
    const rows = await tx.query<PageRow[]>(`select ${PAGE} from pages where id = $1`, [id]);
    return rows.map(toPage)[0];
  }

  /** Locks the row until commit. */
  async lock(tx: Tx, id: string): Promise<Page | undefined> {
    const rows = await tx.query<PageRow[]>(`select ${PAGE} from pages where id = $1 for no key update`, [id]);
    return rows.map(toPage)[0];
  }

  async lockRunning(tx: Tx, incidentId: string): Promise<Page | undefined> {
    const rows = await tx.query<PageRow[]>(
      `select ${PAGE} from pages where incident_id = $1 and state in ('pending', 'sent') for no key update`,
      [incidentId],
    );
    return rows.map(toPage)[0];
  }

  /** Pages with a step due, newest first, locked; those that another instance holds are passed over. */
  async takeDue(tx: Tx, limit: number): Promise<readonly Page[]> {
    const rows = await tx.query<PageRow[]>(
      `select ${PAGE} from pages where state in ('pending', 'sent') and due_at <= $1
       order by started_at desc limit $2 for no key update skip locked`,
      [this.clock.now(), limit],
    );
    return rows.map(toPage);
  }

  /** Acknowledged pages whose incident is to be looked at for progress, locked. */
  async takeToRecheck(tx: Tx, limit: number): Promise<readonly Page[]> {
    const rows = await tx.query<PageRow[]>(
      `select ${PAGE} from pages where recheck_at <= $1 order by recheck_at limit $2 for no key update skip locked`,
      [this.clock.now(), limit],
    );
    return rows.map(toPage);
  }

  /** The page that stands for all incidents of old events, while it runs. */
  async runningDigest(tx: Tx): Promise<Page | undefined> {
    const rows = await tx.query<PageRow[]>(
      `select ${PAGE} from pages where is_digest and state in ('pending', 'sent') limit 1`,
    );
    return rows.map(toPage)[0];
  }

  /** Newest first. */
  async list(
    tx: Tx,
    filter: { incidentId?: string | undefined; before?: Cursor | undefined; limit: number },
  ): Promise<readonly Page[]> {
    const rows = await tx.query<PageRow[]>(
      `select ${PAGE} from pages where ($1::uuid is null or incident_id = $1)
         and ($2::timestamptz is null or (started_at, id) < ($2, $3::uuid))
       order by started_at desc, id desc limit $4`,
      [filter.incidentId ?? null, filter.before?.at ?? null, filter.before?.id ?? null, filter.limit],
    );
    return rows.map(toPage);
  }

  async change(tx: Tx, id: string, change: PageChange): Promise<void> {
    const values: unknown[] = [id];
    const sets: string[] = [];
    const set = (column: string, value: unknown): void => void sets.push(`${column} = $${values.push(value)}`);
    if (change.state !== undefined) set('state', change.state);
    if (change.severity !== undefined) set('severity', change.severity);
    if (change.cursor !== undefined) set('cursor', change.cursor);
    if (change.dueAt !== undefined) set('due_at', change.dueAt);
    if (change.firstSentAt !== undefined) set('first_sent_at', change.firstSentAt);
    if (change.recheckAt !== undefined) set('recheck_at', change.recheckAt);
    if (change.endedAt !== undefined) set('ended_at', change.endedAt);
    if (change.acknowledged !== undefined) {
      set('acknowledged_by', change.acknowledged.id);
      set('acknowledged_name', change.acknowledged.name);
      set('acknowledged_at', change.acknowledged.at);
      set('acknowledged_via', change.acknowledged.via);
    }
    await tx.query(`update pages set ${sets.join(', ')} where id = $1`, values);
  }

  /** A newer page of the incident takes over the watch for progress. */
  async stopRechecks(tx: Tx, incidentId: string): Promise<void> {
    await tx.query(`update pages set recheck_at = null where incident_id = $1 and recheck_at is not null`, [
      incidentId,
    ]);
  }

  async insertAttempt(
    tx: Tx,
    attempt: Omit<PageAttempt, 'id' | 'outcome' | 'createdAt' | 'at' | 'answer'>,
  ): Promise<string> {
    const id = this.ids.uuid();
    await tx.query(
      `insert into page_attempts (id, page_id, incident_id, staff_id, staff_name, method, address, cursor, step, is_late, state, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', $11)`,
      [
        id,
        attempt.pageId,
        attempt.incidentId,
        attempt.staffId,
        attempt.staffName,
        attempt.method,
        attempt.address,
        attempt.cursor,
        attempt.step,
        attempt.isLate,
        this.clock.now(),
      ],
    );
    return id;
  }

  async attempts(tx: Tx, pageIds: readonly string[]): Promise<readonly PageAttempt[]> {
    const rows = await tx.query<AttemptRow[]>(
      `select ${ATTEMPT} from page_attempts where page_id = any($1) order by created_at, id`,
      [pageIds],
    );
    return rows.map(toAttempt);
  }

  /**
   * The attempt, for whoever sends it: nobody else has it until `staleAt`. Undefined when it is sent, given up or in another's hands.
   * `wasCutOff`: somebody had it and never said what became of it, so it may have been sent.
   */
  async claimAttempt(
    tx: Tx,
    id: string,
    staleAt: Date,
  ): Promise<{ readonly attempt: PageAttempt; readonly wasCutOff: boolean } | undefined> {
    const [before] = await tx.query<(AttemptRow & { claimed_at: Date | null })[]>(
      `select ${ATTEMPT}, claimed_at from page_attempts
       where id = $1 and state = 'queued' and (claimed_at is null or claimed_at < $2) for no key update`,
      [id, staleAt],
    );
    if (before === undefined) return undefined;
    await tx.query('update page_attempts set claimed_at = $2 where id = $1', [id, this.clock.now()]);
    return { attempt: toAttempt(before), wasCutOff: before.claimed_at !== null };
  }

  async releaseAttempt(tx: Tx, id: string, answer: string): Promise<void> {
    await tx.query(`update page_attempts set claimed_at = null, answer = $2 where id = $1 and state = 'queued'`, [
      id,
      answer,
    ]);
  }

  /** False when the outcome was known already. */
  async settleAttempt(tx: Tx, id: string, outcome: 'sent' | 'failed' | 'expired', answer: string): Promise<boolean> {
    const rows = await tx.query<[unknown, number]>(
      `update page_attempts set state = $2, answer = $3, at = $4 where id = $1 and state = 'queued'`,
      [id, outcome, answer, this.clock.now()],
    );
    return rows[1] > 0;
  }

  /** Attempts that the job queue has not got out since `before`. */
  async stuckAttempts(tx: Tx, before: Date, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }[]>(
      `select id from page_attempts where state = 'queued' and created_at < $1 and (claimed_at is null or claimed_at < $1)
       order by created_at desc limit $2`,
      [before, limit],
    );
    return rows.map(({ id }) => id);
  }

  async insertToken(
    tx: Tx,
    token: {
      readonly hash: string;
      readonly pageId: string;
      readonly incidentId: string;
      readonly staffId: string;
      readonly staffName: string;
      readonly expiresAt: Date;
    },
  ): Promise<void> {
    await tx.query(
      `insert into page_tokens (hash, page_id, incident_id, staff_id, staff_name, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [token.hash, token.pageId, token.incidentId, token.staffId, token.staffName, this.clock.now(), token.expiresAt],
    );
  }

  async findToken(
    tx: Tx,
    hash: string,
  ): Promise<{ readonly pageId: string; readonly staffId: string; readonly staffName: string } | undefined> {
    const rows = await tx.query<{ page_id: string; staff_id: string; staff_name: string }[]>(
      `select page_id, staff_id, staff_name from page_tokens where hash = $1 and expires_at > $2`,
      [hash, this.clock.now()],
    );
    const [row] = rows;
    return row === undefined ? undefined : { pageId: row.page_id, staffId: row.staff_id, staffName: row.staff_name };
  }

  async deleteExpiredTokens(tx: Tx): Promise<void> {
    await tx.query(`delete from page_tokens where expires_at < $1`, [this.clock.now()]);
  }
}

function toPage(row: PageRow): Page {
  return {
    id: row.id,
    incidentId: row.incident_id,
    number: row.number,
    severity: row.severity,
    cause: row.cause,
    detail: row.detail,
    isDigest: row.is_digest,
    policy: row.policy,
    cursor: row.cursor,
    state: row.state,
    startedAt: row.started_at,
    dueAt: row.due_at,
    recordAt: row.record_at,
    firstSentAt: row.first_sent_at,
    acknowledgedBy:
      row.acknowledged_by === null
        ? null
        : { id: row.acknowledged_by, name: row.acknowledged_name ?? row.acknowledged_by },
    acknowledgedAt: row.acknowledged_at,
    acknowledgedVia: row.acknowledged_via,
  };
}

function toAttempt(row: AttemptRow): PageAttempt {
  return {
    id: row.id,
    pageId: row.page_id,
    incidentId: row.incident_id,
    staffId: row.staff_id,
    staffName: row.staff_name,
    method: row.method,
    address: row.address,
    cursor: row.cursor,
    step: row.step,
    isLate: row.is_late,
    outcome: row.state,
    createdAt: row.created_at,
    at: row.at,
    answer: row.answer,
  };
}
