import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { passwordRejected } from './access.errors.js';
import type { Account } from './account.js';
import { CredentialRepository } from './credential.repository.js';
import { PasswordHasher } from './password-hasher.js';
import { passwordFault } from './password-rules.js';
import { type Client } from './session.service.js';
import { SignInLimiter } from './sign-in-limiter.service.js';
import { SessionRepository } from './session.repository.js';
import { TrailRepository } from './trail.repository.js';

/** Changes one's own password, which ends every session of the account. */
@Injectable()
export class PasswordService {
  constructor(
    private readonly database: Database,
    private readonly hasher: PasswordHasher,
    private readonly credentials: CredentialRepository,
    private readonly limiter: SignInLimiter,
    private readonly sessions: SessionRepository,
    private readonly trail: TrailRepository,
  ) {}

  async change(
    account: Account,
    passwords: { readonly current: string; readonly next: string },
    client: Client,
    device: string | undefined,
  ): Promise<void> {
    const counted = await this.limiter.countPassword(account.email, client.ip, device);
    const secrets = await this.database.transaction(system('sign-in'), (tx) => this.credentials.find(tx, account.id));
    if (!(await this.hasher.matches(passwords.current, secrets?.passwordHash))) {
      throw passwordRejected('The current password is wrong');
    }
    const fault = passwordFault(passwords.next, account);
    if (fault !== undefined) throw passwordRejected(fault);
    if (passwords.next === passwords.current) throw passwordRejected('The new password is the old one');
    const hash = await this.hasher.hash(passwords.next);
    await this.database.transaction(system('sign-in'), async (tx) => {
      await this.limiter.forgive(tx, counted);
      await this.credentials.setPassword(tx, account.id, hash, null);
      await this.sessions.endAllOf(tx, account.id);
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: account.id, ip: client.ip },
        action: 'password.change',
        object: { type: 'staff', id: account.id },
      });
    });
  }
}
