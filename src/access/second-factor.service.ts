import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { codeRefused, signedOut } from './access.errors.js';
import { CredentialRepository } from './credential.repository.js';
import { normaliseRecoveryCode } from './recovery-codes.js';
import { type Counted, SignInLimiter } from './sign-in-limiter.service.js';
import { type Client, SessionService, type SignedIn } from './session.service.js';
import { SessionRepository } from './session.repository.js';
import { checkTotp } from './totp.js';

/** So many wrong codes end an unfinished session: the password must be shown again. */
const MAX_FAILED_CODES = 5;

type Factor = 'totp' | 'recovery';

export interface FullSession {
  readonly token: string;
  /** Remembers this browser. */
  readonly device: string;
}

/** The seal's context: a secret copied to another account does not open there. */
export const totpContext = (staffId: string): string => `totp:${staffId}`;
export const recoveryHash = (code: string): string => createHash('sha256').update(`recovery ${code}`).digest('hex');

/** Checks codes of authenticators and recovery codes; each is good once. */
@Injectable()
export class SecondFactorService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly box: SealedBox,
    private readonly stores: CredentialRepository,
    private readonly limiter: SignInLimiter,
    private readonly sessions: SessionService,
    private readonly sessionRows: SessionRepository,
  ) {}

  /** The last step of the way in. Throws CODE_REFUSED, SIGNED_OUT without an unfinished session. */
  async signIn(
    token: string | undefined,
    code: string,
    client: Client,
    device: string | undefined,
  ): Promise<FullSession> {
    const found = await this.sessions.find(token, ['totp']);
    if (found === undefined) throw signedOut();
    const { account, session } = found;
    return this.withCode(found, code, client, device, async (tx, factor) => ({
      token: await this.sessions.enter(tx, account, session.id, client, factor),
      device: this.limiter.deviceFor(account.email),
    }));
  }

  /** The factor again, for dangerous actions: returns the session's new token. */
  async stepUp(found: SignedIn, code: string, client: Client, device: string | undefined): Promise<string> {
    return this.withCode(found, code, client, device, (tx) => this.sessions.renewFactor(tx, found.session.id));
  }

  private async withCode<T>(
    found: SignedIn,
    code: string,
    client: Client,
    device: string | undefined,
    work: (tx: Tx, factor: Factor) => Promise<T>,
  ): Promise<T> {
    const { account, session } = found;
    const counted: Counted = await this.limiter.countCode(account.email, client.ip, device);
    const done = await this.database.transaction(system('sign-in'), async (tx) => {
      const factor = await this.use(tx, account.id, code);
      if (factor === undefined) {
        await this.sessions.recordRefusedCode(tx, account.id, client);
        const failed = await this.sessionRows.countFailedCode(tx, session.id);
        if (failed >= MAX_FAILED_CODES) await this.sessionRows.end(tx, session.id);
        return undefined;
      }
      await this.limiter.forgive(tx, counted);
      return { result: await work(tx, factor) };
    });
    // Thrown outside: the count of failures must be committed.
    if (done === undefined) throw codeRefused();
    return done.result;
  }

  private async use(tx: Tx, staffId: string, code: string): Promise<Factor | undefined> {
    const secrets = await this.stores.find(tx, staffId);
    if (secrets === undefined || secrets.totpSealed === null) return undefined;
    const secret = this.box.open(secrets.totpSealed, totpContext(staffId)).toString();
    const step = checkTotp(secret, code.replace(/\s/g, ''), this.clock.now(), secrets.lastTotpStep);
    if (step !== undefined) return (await this.stores.useTotpStep(tx, staffId, step)) ? 'totp' : undefined;
    const recovery = normaliseRecoveryCode(code);
    if (recovery === undefined) return undefined;
    return (await this.stores.useRecoveryCode(tx, staffId, recoveryHash(recovery))) ? 'recovery' : undefined;
  }
}
