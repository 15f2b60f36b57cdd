import { Injectable } from '@nestjs/common';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import type { Tx } from '../platform/database/database.js';
import { Ids } from '../platform/ids/ids.js';
import type { MessageAttachment, ReportMessage } from './report.js';
import { sha256 } from './report.repository.js';

interface Row {
  id: string;
  report_id: string;
  direction: ReportMessage['direction'];
  at: Date;
  message_id: string | null;
  content_sealed: string;
  has_raw: boolean;
  delivery: ReportMessage['delivery'];
  answer: string | null;
}

interface Content {
  readonly from: string;
  readonly text: string;
  readonly attachments: readonly MessageAttachment[];
}

const COLUMNS = `id, report_id, direction, at, message_id, content_sealed, raw_sealed is not null as has_raw, delivery, answer`;

/** Rows of `report_messages`; what was written is sealed, the raw mail too. */
@Injectable()
export class ReportMessageRepository {
  constructor(
    private readonly ids: Ids,
    private readonly box: SealedBox,
  ) {}

  /** Whether this very mail was kept before: a mailbox may be read anew. */
  async isKnown(tx: Tx, raw: Uint8Array): Promise<boolean> {
    const rows = await tx.query<unknown[]>(`select 1 from report_messages where raw_sha256 = $1`, [sha256(raw)]);
    return rows.length > 0;
  }

  /** Returns the message's id. */
  async insert(
    tx: Tx,
    message: Content & {
      readonly reportId: string;
      readonly direction: ReportMessage['direction'];
      readonly at: Date;
      readonly messageId: string | null;
      readonly raw?: Uint8Array;
      readonly delivery?: 'queued';
      readonly authorId?: string;
    },
  ): Promise<string> {
    const id = this.ids.uuid();
    const content: Content = { from: message.from, text: message.text, attachments: message.attachments };
    await tx.query(
      `insert into report_messages (id, report_id, direction, at, message_id, content_sealed, raw_sealed, raw_sha256, delivery, author_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        id,
        message.reportId,
        message.direction,
        message.at,
        message.messageId,
        this.box.seal(JSON.stringify(content), `report message:${id}`),
        message.raw === undefined ? null : this.box.seal(message.raw, `report mail:${id}`),
        message.raw === undefined ? null : sha256(message.raw),
        message.delivery ?? null,
        message.authorId ?? null,
      ],
    );
    return id;
  }

  async setMessageId(tx: Tx, id: string, messageId: string): Promise<void> {
    await tx.query(`update report_messages set message_id = $2 where id = $1`, [id, messageId]);
  }

  /** Oldest first. */
  async ofReport(tx: Tx, reportId: string): Promise<readonly ReportMessage[]> {
    const rows = await tx.query<Row[]>(`select ${COLUMNS} from report_messages where report_id = $1 order by at, id`, [
      reportId,
    ]);
    return rows.map((row) => this.#message(row));
  }

  async find(tx: Tx, id: string): Promise<ReportMessage | undefined> {
    const rows = await tx.query<Row[]>(`select ${COLUMNS} from report_messages where id = $1`, [id]);
    return rows.map((row) => this.#message(row))[0];
  }

  /** The mail as it came; undefined when there is none. */
  async raw(tx: Tx, id: string): Promise<Buffer | undefined> {
    const rows = await tx.query<{ raw_sealed: string | null }[]>(
      `select raw_sealed from report_messages where id = $1`,
      [id],
    );
    const sealed = rows[0]?.raw_sealed ?? null;
    return sealed === null ? undefined : this.box.open(sealed, `report mail:${id}`);
  }

  async settle(tx: Tx, id: string, delivery: 'sent' | 'failed', answer: string): Promise<void> {
    await tx.query(`update report_messages set delivery = $2, answer = $3 where id = $1 and delivery = 'queued'`, [
      id,
      delivery,
      answer,
    ]);
  }

  #message(row: Row): ReportMessage {
    const content = JSON.parse(
      this.box.open(row.content_sealed, `report message:${row.id}`).toString('utf8'),
    ) as Content;
    return {
      id: row.id,
      reportId: row.report_id,
      direction: row.direction,
      at: row.at,
      messageId: row.message_id,
      ...content,
      delivery: row.delivery,
      answer: row.answer,
      hasRaw: row.has_raw,
    };
  }
}
