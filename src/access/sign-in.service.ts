import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { signInRefused } from './access.errors.js';
import { normaliseEmail } from './account.js';
import { type AccountSecrets, CredentialRepository } from './credential.repository.js';
import { PasswordHasher } from './password-hasher.js';
import { SignInLimiter } from './sign-in-limiter.service.js';
import { type Client, SessionService } from './session.service.js';
import { TrailRepository } from './trail.repository.js';

export interface FirstStep {
  /** Show the second factor, or enrol one. */
  readonly next: 'totp' | 'enrol';
  readonly token: string;
}

/** The first step of the way in. */
@Injectable()
export class SignInService {
  constructor(
    private readonly database: Database,
    private readonly hasher: PasswordHasher,
    private readonly credentials: CredentialRepository,
    private readonly limiter: SignInLimiter,
    private readonly sessions: SessionService,
    private readonly trail: TrailRepository,
  ) {}

  /** Throws SIGN_IN_REFUSED, the same and after the same time whether the account exists or not. */
  async password(typedEmail: string, password: string, client: Client, device: string | undefined): Promise<FirstStep> {
    const email = normaliseEmail(typedEmail);
    const counted = await this.limiter.countPassword(email, client.ip, device);
    const secrets = await this.database.transaction(system('sign-in'), (tx) => this.credentials.findByEmail(tx, email));
    const isRight = await this.hasher.matches(password, secrets?.passwordHash);
    if (!isRight || secrets === undefined || !isUsable(secrets)) {
      await this.recordRefusal(secrets?.account.id ?? this.limiter.pseudonym(email), client);
      throw signInRefused();
    }
    const next = secrets.totpSealed === null ? 'enrol' : 'totp';
    const token = await this.database.transaction(system('sign-in'), async (tx) => {
      await this.limiter.forgive(tx, counted);
      return this.sessions.create(tx, secrets.account.id, next, client);
    });
    return { next, token };
  }

  private async recordRefusal(staffId: string, client: Client): Promise<void> {
    await this.database.transaction(system('sign-in'), (tx) =>
      this.trail.record(tx, {
        actor: { kind: 'staff', id: staffId, ip: client.ip },
        action: 'session.refuse',
        object: { type: 'staff', id: staffId },
      }),
    );
  }
}

const isUsable = (secrets: AccountSecrets): boolean => secrets.account.state !== 'disabled' && !secrets.isSetupOver;
