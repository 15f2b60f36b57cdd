import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import type { Delivery, Person } from './notice.js';

interface Row {
  id: string;
  notice_id: string;
  incident_id: string;
  tenant_id: string;
  name: string;
  address: string;
  state: Delivery['state'];
  at: Date;
  first_sent_at: Date | null;
  answer: string | null;
  message_id: string;
  received_at: Date | null;
  settled_reason: string | null;
  settled_by: Person | null;
}

const COLUMNS = `id, notice_id, incident_id, tenant_id, name, address, state, at, first_sent_at, answer, message_id, received_at,
  settled_reason, settled_by`;

/** Rows of `notice_deliveries` and `notice_tokens`. */
@Injectable()
export class DeliveryRepository {
  constructor(private readonly clock: Clock) {}

  async insert(
    tx: Tx,
    delivery: Pick<Delivery, 'id' | 'noticeId' | 'incidentId' | 'tenant' | 'name' | 'address'> & { messageId: string },
  ): Promise<void> {
    await tx.query(
      `insert into notice_deliveries (id, notice_id, incident_id, tenant_id, name, address, state, at, message_id)
       values ($1, $2, $3, $4, $5, $6, 'queued', $7, $8)`,
      [
        delivery.id,
        delivery.noticeId,
        delivery.incidentId,
        delivery.tenant,
        delivery.name,
        delivery.address,
        this.clock.now(),
        delivery.messageId,
      ],
    );
  }

  async find(tx: Tx, id: string): Promise<Delivery | undefined> {
    const rows = await tx.query<Row[]>(`select ${COLUMNS} from notice_deliveries where id = $1`, [id]);
    return rows.map(toDelivery)[0];
  }

  async ofNotices(tx: Tx, noticeIds: readonly string[]): Promise<readonly Delivery[]> {
    const rows = await tx.query<Row[]>(
      `select ${COLUMNS} from notice_deliveries where notice_id = any($1) order by address`,
      [noticeIds],
    );
    return rows.map(toDelivery);
  }

  async ofIncident(tx: Tx, incidentId: string): Promise<readonly Delivery[]> {
    const rows = await tx.query<Row[]>(
      `select ${COLUMNS} from notice_deliveries where incident_id = $1 order by at, id`,
      [incidentId],
    );
    return rows.map(toDelivery);
  }

  /** What the server said, while the outcome is open; the state stays. */
  async noteAnswer(tx: Tx, id: string, answer: string): Promise<void> {
    await tx.query(`update notice_deliveries set answer = $2, at = $3 where id = $1 and state = 'queued'`, [
      id,
      answer,
      this.clock.now(),
    ]);
  }

  /** False when it came to that end before. A bounce may follow an acceptance, nothing follows a bounce. */
  async settle(tx: Tx, id: string, state: 'sent' | 'failed' | 'bounced', answer: string): Promise<boolean> {
    const rows = await tx.query<[unknown, number]>(
      `update notice_deliveries set state = $2, answer = $3, at = $4,
         first_sent_at = case when $2 = 'sent' then coalesce(first_sent_at, $4) else first_sent_at end
       where id = $1 and state = any($5)`,
      [id, state, answer, this.clock.now(), state === 'bounced' ? ['queued', 'sent'] : ['queued']],
    );
    return rows[1] > 0;
  }

  /** False when receipt was confirmed before. */
  async confirm(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query<[unknown, number]>(
      `update notice_deliveries set received_at = $2 where id = $1 and received_at is null`,
      [id, this.clock.now()],
    );
    return rows[1] > 0;
  }

  /** A person has seen to a bounce or failure. False when there is none, or it was seen to before. */
  async dealWith(tx: Tx, id: string, by: Person, reason: string): Promise<boolean> {
    const rows = await tx.query<[unknown, number]>(
      `update notice_deliveries set settled_by = $2, settled_reason = $3
       where id = $1 and state in ('bounced', 'failed') and settled_by is null`,
      [id, JSON.stringify(by), reason],
    );
    return rows[1] > 0;
  }

  async insertToken(
    tx: Tx,
    token: { readonly hash: string; readonly deliveryId: string; readonly tenant: string; readonly expiresAt: Date },
  ): Promise<void> {
    await tx.query(
      `insert into notice_tokens (hash, delivery_id, tenant_id, created_at, expires_at) values ($1, $2, $3, $4, $5)`,
      [token.hash, token.deliveryId, token.tenant, this.clock.now(), token.expiresAt],
    );
  }

  /** The delivery that the link belongs to. */
  async findByToken(tx: Tx, hash: string): Promise<Delivery | undefined> {
    const rows = await tx.query<{ delivery_id: string }[]>(
      `select delivery_id from notice_tokens where hash = $1 and expires_at > $2`,
      [hash, this.clock.now()],
    );
    return rows[0] === undefined ? undefined : this.find(tx, rows[0].delivery_id);
  }
}

function toDelivery(row: Row): Delivery {
  return {
    id: row.id,
    noticeId: row.notice_id,
    incidentId: row.incident_id,
    tenant: row.tenant_id,
    name: row.name,
    address: row.address,
    state: row.state,
    at: row.at,
    firstSentAt: row.first_sent_at,
    answer: row.answer,
    messageId: row.message_id,
    receivedAt: row.received_at,
    settled: row.settled_by === null ? null : { by: row.settled_by, reason: row.settled_reason ?? '' },
  };
}
