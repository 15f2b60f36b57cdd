import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import type { Account, Credentials } from './account.js';
import { STAFF_COLUMNS, type StaffRow, toAccount } from './staff.repository.js';

interface CredentialRow extends StaffRow {
  readonly password_hash: string;
  readonly must_change_password: boolean;
  readonly setup_expires_at: Date | null;
  readonly totp_sealed: string | null;
  readonly totp_pending_sealed: string | null;
  readonly last_totp_step: string;
}

/** An account with what it signs in with. */
export interface AccountSecrets extends Credentials {
  readonly account: Account;
}

/** Password hashes, sealed TOTP secrets and hashed recovery codes. */
@Injectable()
export class CredentialRepository {
  constructor(private readonly clock: Clock) {}

  async find(tx: Tx, staffId: string): Promise<AccountSecrets | undefined> {
    return this.one(tx, 's.id', staffId);
  }

  async findByEmail(tx: Tx, email: string): Promise<AccountSecrets | undefined> {
    return this.one(tx, 's.email', email);
  }

  private async one(tx: Tx, column: 's.id' | 's.email', value: string): Promise<AccountSecrets | undefined> {
    const rows = await tx.query<CredentialRow[]>(
      `select ${STAFF_COLUMNS}, c.password_hash, c.must_change_password, c.setup_expires_at, c.totp_sealed, c.totp_pending_sealed,
         c.last_totp_step
       from staff s join staff_credentials c on c.staff_id = s.id where ${column} = $1`,
      [value],
    );
    return rows.map((row) => ({
      account: toAccount(row),
      passwordHash: row.password_hash,
      mustChangePassword: row.must_change_password,
      isSetupOver: row.setup_expires_at !== null && row.setup_expires_at <= this.clock.now(),
      totpSealed: row.totp_sealed,
      totpPendingSealed: row.totp_pending_sealed,
      lastTotpStep: Number(row.last_totp_step),
    }))[0];
  }

  /** `setupExpiresAt` set: a password that another person chose, to be changed at the first sign-in. */
  async setPassword(tx: Tx, staffId: string, hash: string, setupExpiresAt: Date | null): Promise<void> {
    await tx.query(
      `insert into staff_credentials (staff_id, password_hash, password_changed_at, must_change_password, setup_expires_at)
       values ($1, $2, $3, $4, $5)
       on conflict (staff_id) do update set password_hash = excluded.password_hash, password_changed_at = excluded.password_changed_at,
         must_change_password = excluded.must_change_password, setup_expires_at = excluded.setup_expires_at`,
      [staffId, hash, this.clock.now(), setupExpiresAt !== null, setupExpiresAt],
    );
  }

  async setPendingTotp(tx: Tx, staffId: string, sealed: string): Promise<void> {
    await tx.query(`update staff_credentials set totp_pending_sealed = $2 where staff_id = $1`, [staffId, sealed]);
  }

  /** The factor is enrolled, and with it the account becomes active. */
  async setTotp(tx: Tx, staffId: string, sealed: string, lastStep: number): Promise<void> {
    await tx.query(
      `update staff_credentials set totp_sealed = $2, totp_pending_sealed = null, totp_enrolled_at = $3, last_totp_step = $4
       where staff_id = $1`,
      [staffId, sealed, this.clock.now(), lastStep],
    );
    await tx.query(`update staff set state = 'active', version = version + 1 where id = $1 and state = 'invited'`, [
      staffId,
    ]);
  }

  /** Marks the step as used; false when it, or a newer one, was used before, even by a request at the same moment. */
  async useTotpStep(tx: Tx, staffId: string, step: number): Promise<boolean> {
    const [, changed] = await tx.query<[unknown, number]>(
      `update staff_credentials set last_totp_step = $2 where staff_id = $1 and last_totp_step < $2`,
      [staffId, step],
    );
    return changed === 1;
  }

  /** The next sign-in enrols anew. */
  async removeFactors(tx: Tx, staffId: string): Promise<void> {
    await tx.query(
      `update staff_credentials set totp_sealed = null, totp_pending_sealed = null, totp_enrolled_at = null where staff_id = $1`,
      [staffId],
    );
    await tx.query(`delete from recovery_codes where staff_id = $1`, [staffId]);
  }

  async replaceRecoveryCodes(tx: Tx, staffId: string, hashes: readonly string[]): Promise<void> {
    await tx.query(`delete from recovery_codes where staff_id = $1`, [staffId]);
    await tx.query(`insert into recovery_codes (staff_id, code_hash) select $1, unnest($2::text[])`, [staffId, hashes]);
  }

  /** False when there is no such code or it was used. */
  async useRecoveryCode(tx: Tx, staffId: string, hash: string): Promise<boolean> {
    const [, changed] = await tx.query<[unknown, number]>(
      `update recovery_codes set used_at = $3 where staff_id = $1 and code_hash = $2 and used_at is null`,
      [staffId, hash, this.clock.now()],
    );
    return changed === 1;
  }

  async staffWithFactor(tx: Tx): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ staff_id: string }[]>(
      `select staff_id from staff_credentials where totp_sealed is not null`,
    );
    return new Set(rows.map((row) => row.staff_id));
  }
}
