import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { SESSIONS_CHANNEL } from '../platform/live/live-listener.js';
import type { Account } from './account.js';
import { IDLE_MS, ROTATION_GRACE_MS, type SessionTimes } from './session-lifetime.js';
import { STAFF_COLUMNS, type StaffRow, toAccount } from './staff.repository.js';

/** `totp`, `enrol`: the password was right, the second factor is still to be shown or enrolled. */
export type SessionState = 'totp' | 'enrol' | 'full';

export interface Session extends SessionTimes {
  readonly id: string;
  readonly state: SessionState;
  readonly failedCodes: number;
  /** Found by the token that was replaced less than a minute ago. */
  readonly isByPreviousToken: boolean;
}

/** A session with its person. */
export interface StaffSession {
  readonly session: Session;
  readonly account: Account;
  readonly mustChangePassword: boolean;
}

interface SessionRow extends StaffRow {
  readonly session_id: string;
  readonly session_state: SessionState;
  readonly must_change_password: boolean;
  readonly last_seen_at: Date;
  readonly rotated_at: Date;
  readonly expires_at: Date;
  readonly last_factor_at: Date | null;
  readonly failed_codes: number;
  readonly by_previous: boolean;
}

export interface NewSession {
  readonly id: string;
  readonly staffId: string;
  readonly state: SessionState;
  readonly tokenHash: string;
  readonly expiresAt: Date;
  readonly ip: string;
  readonly userAgent: string;
}

/** Sessions; of their tokens only the hashes. */
@Injectable()
export class SessionRepository {
  constructor(private readonly clock: Clock) {}

  /** Whether it has ended is for the caller to decide. */
  async findByTokenHash(tx: Tx, tokenHash: string): Promise<StaffSession | undefined> {
    const rows = await tx.query<SessionRow[]>(
      `select x.id as session_id, x.state as session_state, x.last_seen_at, x.rotated_at, x.expires_at, x.last_factor_at, x.failed_codes,
         x.token_hash <> $1 as by_previous, c.must_change_password, ${STAFF_COLUMNS}
       from sessions x join staff s on s.id = x.staff_id join staff_credentials c on c.staff_id = s.id
       where x.token_hash = $1 or (x.previous_token_hash = $1 and x.previous_valid_until > $2)`,
      [tokenHash, this.clock.now()],
    );
    return rows.map((row) => ({
      session: {
        id: row.session_id,
        state: row.session_state,
        lastSeenAt: row.last_seen_at,
        rotatedAt: row.rotated_at,
        expiresAt: row.expires_at,
        lastFactorAt: row.last_factor_at,
        failedCodes: row.failed_codes,
        isByPreviousToken: row.by_previous,
      },
      account: toAccount(row),
      mustChangePassword: row.must_change_password,
    }))[0];
  }

  async insert(tx: Tx, session: NewSession): Promise<void> {
    const now = this.clock.now();
    await tx.query(
      `insert into sessions (id, staff_id, state, token_hash, created_at, last_seen_at, rotated_at, expires_at, last_factor_at, ip, user_agent)
       values ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8, $9)`,
      [
        session.id,
        session.staffId,
        session.state,
        session.tokenHash,
        now,
        session.expiresAt,
        session.state === 'full' ? now : null,
        session.ip,
        session.userAgent.slice(0, 300),
      ],
    );
    if (session.state === 'full') {
      await tx.query(`update staff set last_sign_in_at = $2 where id = $1`, [session.staffId, now]);
    }
  }

  async touch(tx: Tx, id: string): Promise<void> {
    await tx.query(`update sessions set last_seen_at = $2 where id = $1`, [id, this.clock.now()]);
  }

  /** Replaces the token; false when another request did so first. The old one is good for another minute. */
  async rotate(tx: Tx, id: string, oldHash: string, newHash: string): Promise<boolean> {
    const now = this.clock.now();
    const [, changed] = await tx.query<[unknown, number]>(
      `update sessions set token_hash = $3, previous_token_hash = token_hash, previous_valid_until = $4, rotated_at = $5, last_seen_at = $5
       where id = $1 and token_hash = $2`,
      [id, oldHash, newHash, new Date(now.getTime() + ROTATION_GRACE_MS), now],
    );
    return changed === 1;
  }

  /** The second factor was shown in a full session: a new token, and the old one ends at once. */
  async renewFactor(tx: Tx, id: string, tokenHash: string): Promise<void> {
    const now = this.clock.now();
    await tx.query(
      `update sessions set token_hash = $2, previous_token_hash = token_hash, previous_valid_until = $3, rotated_at = $4,
         last_factor_at = $4, last_seen_at = $4, failed_codes = 0
       where id = $1`,
      [id, tokenHash, new Date(now.getTime() + ROTATION_GRACE_MS), now],
    );
  }

  async countFailedCode(tx: Tx, id: string): Promise<number> {
    const [rows] = await tx.query<[{ failed_codes: number }[], number]>(
      `update sessions set failed_codes = failed_codes + 1 where id = $1 returning failed_codes`,
      [id],
    );
    return rows[0]?.failed_codes ?? 0;
  }

  async end(tx: Tx, id: string): Promise<void> {
    await tx.query(`delete from sessions where id = $1`, [id]);
    await tx.query('select pg_notify($1, $2)', [SESSIONS_CHANNEL, `session:${id}`]);
  }

  /** Ends every session of the account; its live streams end when the transaction commits. */
  async endAllOf(tx: Tx, staffId: string): Promise<void> {
    await tx.query(`delete from sessions where staff_id = $1`, [staffId]);
    await tx.query('select pg_notify($1, $2)', [SESSIONS_CHANNEL, `staff:${staffId}`]);
  }

  /** Which of `ids` are still live. */
  async liveAmong(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const now = this.clock.now();
    const rows = await tx.query<{ id: string }[]>(
      `select id from sessions where id = any($1) and expires_at > $2 and last_seen_at > $3`,
      [ids, now, new Date(now.getTime() - IDLE_MS)],
    );
    return new Set(rows.map((row) => row.id));
  }

  async deleteEnded(tx: Tx): Promise<void> {
    const now = this.clock.now();
    await tx.query(`delete from sessions where expires_at <= $1 or last_seen_at <= $2`, [
      now,
      new Date(now.getTime() - IDLE_MS),
    ]);
  }
}
