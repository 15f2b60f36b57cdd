import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { Ids } from '../platform/ids/ids.js';
import { type Account, type AccountState, normaliseEmail } from './account.js';
import { CredentialRepository } from './credential.repository.js';
import { PasswordHasher } from './password-hasher.js';
import type { Role } from './permissions.js';
import { StaffRepository } from './staff.repository.js';

/** A setup password is good for three days; at its first use it must be changed. */
const SETUP_MS = 72 * 3600 * 1000;

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly tenants: 'all' | readonly string[];
}

export interface SetupPassword {
  readonly text: string;
  readonly hash: string;
}

/** Makes accounts and sets their first password. */
@Injectable()
export class AccountSetup {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly hasher: PasswordHasher,
    private readonly staff: StaffRepository,
    private readonly credentials: CredentialRepository,
  ) {}

  /** A setup password of 120 random bits, or the given text; hashing takes a quarter of a second, so it is done outside transactions. */
  async newPassword(text = this.ids.token().slice(0, 20)): Promise<SetupPassword> {
    return { text, hash: await this.hasher.hash(text) };
  }

  /** Returns the account's id. Throws CONFLICT when the address is taken. */
  async add(tx: Tx, account: NewAccount, password: SetupPassword): Promise<string> {
    const id = this.ids.uuid();
    await this.staff.insert(tx, { ...account, id, email: normaliseEmail(account.email), state: 'invited' });
    await this.setPassword(tx, id, password);
    return id;
  }

  async setPassword(tx: Tx, id: string, password: SetupPassword): Promise<void> {
    await this.credentials.setPassword(tx, id, password.hash, new Date(this.clock.nowMs() + SETUP_MS));
  }

  async removeFactors(tx: Tx, id: string): Promise<void> {
    await this.credentials.removeFactors(tx, id);
  }

  async enrolled(tx: Tx): Promise<ReadonlySet<string>> {
    return this.credentials.staffWithFactor(tx);
  }

  /** An account that is enabled again without a factor is invited, not active. */
  async stateAfter(tx: Tx, account: Account, wished: 'active' | 'disabled' | undefined): Promise<AccountState> {
    if (wished === undefined || wished === 'disabled') return wished ?? account.state;
    return (await this.enrolled(tx)).has(account.id) ? 'active' : 'invited';
  }
}
