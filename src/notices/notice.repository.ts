import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { conflict, notFound } from '../platform/errors/domain-error.js';
import type { Cursor } from '../platform/http/list-page.js';
import type { LeakOverride, Notice, NoticeFacts, NoticeKind, NoticeState, Person } from './notice.js';

interface Row {
  id: string;
  incident_id: string;
  tenant_id: string;
  kind: NoticeKind;
  state: NoticeState;
  facts: NoticeFacts;
  author: Person;
  editors: Person[];
  overrides: LeakOverride[];
  created_at: Date;
  approved_by: Person | null;
  approved_at: Date | null;
  approved_hash: string | null;
  subject: string | null;
  html: string | null;
  text: string | null;
  sent_at: Date | null;
  version: number;
}

const COLUMNS = `id, incident_id, tenant_id, kind, state, facts, author, editors, overrides, created_at, approved_by, approved_at,
  approved_hash, subject, html, text, sent_at, version`;

/** Rows of `notices`. */
@Injectable()
export class NoticeRepository {
  async insert(
    tx: Tx,
    notice: Pick<Notice, 'id' | 'incidentId' | 'tenant' | 'kind' | 'facts' | 'author' | 'createdAt'>,
  ): Promise<void> {
    await tx.query(
      `insert into notices (id, incident_id, tenant_id, kind, state, facts, author, editors, created_at)
       values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8)`,
      [
        notice.id,
        notice.incidentId,
        notice.tenant,
        notice.kind,
        JSON.stringify(notice.facts),
        JSON.stringify(notice.author),
        JSON.stringify([notice.author]),
        notice.createdAt,
      ],
    );
  }

  /** Throws NOT_FOUND also for what the scope may not see. */
  async get(tx: Tx, id: string): Promise<Notice> {
    const rows = await tx.query<Row[]>(`select ${COLUMNS} from notices where id = $1`, [id]);
    return this.#only(rows);
  }

  /** Locks the row until commit. */
  async lock(tx: Tx, id: string): Promise<Notice> {
    const rows = await tx.query<Row[]>(`select ${COLUMNS} from notices where id = $1 for no key update`, [id]);
    return this.#only(rows);
  }

  /** Newest first. */
  async list(
    tx: Tx,
    filter: {
      readonly incidentId?: string | undefined;
      readonly tenant?: string;
      readonly before?: Cursor | undefined;
      readonly limit: number;
    },
  ): Promise<readonly Notice[]> {
    const rows = await tx.query<Row[]>(
      `select ${COLUMNS} from notices where ($1::uuid is null or incident_id = $1) and ($2::text is null or tenant_id = $2)
         and ($3::timestamptz is null or (created_at, id) < ($3, $4::uuid))
       order by created_at desc, id desc limit $5`,
      [
        filter.incidentId ?? null,
        filter.tenant ?? null,
        filter.before?.at ?? null,
        filter.before?.id ?? null,
        filter.limit,
      ],
    );
    return rows.map(toNotice);
  }

  /** New content by `editor`: overrides are void. Throws CONFLICT when somebody else was faster. */
  async edit(tx: Tx, notice: Notice, facts: NoticeFacts, editor: Person): Promise<void> {
    const editors = [...notice.editors.filter(({ id }) => id !== editor.id), editor];
    const rows = await tx.query<[unknown, number]>(
      `update notices set facts = $3, editors = $4, overrides = '[]', version = version + 1
       where id = $1 and version = $2 and state = 'draft'`,
      [notice.id, notice.version, JSON.stringify(facts), JSON.stringify(editors)],
    );
    if (rows[1] !== 1) throw conflict('The notice was changed meanwhile: look again');
  }

  async setOverrides(tx: Tx, id: string, overrides: readonly LeakOverride[]): Promise<void> {
    await tx.query(`update notices set overrides = $2 where id = $1`, [id, JSON.stringify(overrides)]);
  }

  async approve(
    tx: Tx,
    id: string,
    approval: {
      readonly by: Person;
      readonly at: Date;
      readonly hash: string;
      readonly subject: string;
      readonly html: string;
      readonly text: string;
    },
  ): Promise<void> {
    await tx.query(
      `update notices set state = 'queued', approved_by = $2, approved_at = $3, approved_hash = $4, subject = $5, html = $6, text = $7,
         version = version + 1 where id = $1 and state = 'draft'`,
      [id, JSON.stringify(approval.by), approval.at, approval.hash, approval.subject, approval.html, approval.text],
    );
  }

  async cancel(tx: Tx, id: string): Promise<void> {
    await tx.query(`update notices set state = 'cancelled', version = version + 1 where id = $1 and state = 'draft'`, [
      id,
    ]);
  }

  async finish(tx: Tx, id: string, at: Date): Promise<void> {
    await tx.query(`update notices set state = 'sent', sent_at = $2 where id = $1 and state = 'queued'`, [id, at]);
  }

  #only(rows: readonly Row[]): Notice {
    const [row] = rows;
    if (row === undefined) throw notFound('The notice');
    return toNotice(row);
  }
}

function toNotice(row: Row): Notice {
  return {
    id: row.id,
    incidentId: row.incident_id,
    tenant: row.tenant_id,
    kind: row.kind,
    state: row.state,
    facts: row.facts,
    author: row.author,
    editors: row.editors,
    overrides: row.overrides,
    createdAt: row.created_at,
    approvedBy: row.approved_by,
    approvedAt: row.approved_at,
    approvedHash: row.approved_hash,
    rendered: row.subject === null ? null : { subject: row.subject, html: row.html ?? '', text: row.text ?? '' },
    sentAt: row.sent_at,
    version: row.version,
  };
}
