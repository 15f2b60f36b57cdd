import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import QRCode from 'qrcode';
import { Clock } from '../platform/clock/clock.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { codeRefused, signedOut } from './access.errors.js';
import { CredentialRepository } from './credential.repository.js';
import { newRecoveryCodes, normaliseRecoveryCode } from './recovery-codes.js';
import { recoveryHash, totpContext } from './second-factor.service.js';
import { type Client, SessionService } from './session.service.js';
import { checkTotp, newTotpSecret, totpUri } from './totp.js';
import { TrailRepository } from './trail.repository.js';

export interface EnrolmentStart {
  readonly secret: string;
  readonly otpauthUrl: string;
  readonly qrSvg: string;
}

export interface EnrolmentEnd {
  readonly recoveryCodes: readonly string[];
  readonly token: string;
}

/** Enrols the second factor, which every account must have before it can do anything else. */
@Injectable()
export class EnrolmentService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly box: SealedBox,
    private readonly credentials: CredentialRepository,
    private readonly sessions: SessionService,
    private readonly trail: TrailRepository,
  ) {}

  async start(token: string | undefined): Promise<EnrolmentStart> {
    const found = await this.sessions.find(token, ['enrol']);
    if (found === undefined) throw signedOut();
    const { account } = found;
    const secret = newTotpSecret();
    const sealed = this.box.seal(secret, totpContext(account.id));
    await this.database.transaction(system('sign-in'), (tx) => this.credentials.setPendingTotp(tx, account.id, sealed));
    const otpauthUrl = totpUri(secret, account.email);
    return { secret, otpauthUrl, qrSvg: await QRCode.toString(otpauthUrl, { type: 'svg', errorCorrectionLevel: 'M' }) };
  }

  /** A first code proves that the authenticator has the secret. Returns the recovery codes, which are shown once. */
  async finish(token: string | undefined, code: string, client: Client): Promise<EnrolmentEnd> {
    const found = await this.sessions.find(token, ['enrol']);
    if (found === undefined) throw signedOut();
    const { account, session } = found;
    return this.database.transaction(system('sign-in'), async (tx) => {
      const pending = (await this.credentials.find(tx, account.id))?.totpPendingSealed;
      if (pending === undefined || pending === null) throw codeRefused();
      const secret = this.box.open(pending, totpContext(account.id)).toString();
      const step = checkTotp(secret, code.replace(/\s/g, ''), this.clock.now(), 0);
      if (step === undefined) throw codeRefused();
      const recoveryCodes = newRecoveryCodes(randomBytes);
      const hashes = recoveryCodes.map((each) => recoveryHash(normaliseRecoveryCode(each) ?? ''));
      await this.credentials.setTotp(tx, account.id, pending, step);
      await this.credentials.replaceRecoveryCodes(tx, account.id, hashes);
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: account.id, ip: client.ip },
        action: 'factor.enrol',
        object: { type: 'staff', id: account.id },
        after: { factor: 'totp' },
      });
      return { recoveryCodes, token: await this.sessions.enter(tx, account, session.id, client, 'totp') };
    });
  }
}
