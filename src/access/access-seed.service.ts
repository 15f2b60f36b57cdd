import { Injectable } from '@nestjs/common';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Ids } from '../platform/ids/ids.js';
import { normaliseEmail } from './account.js';
import { CredentialRepository } from './credential.repository.js';
import { PasswordHasher } from './password-hasher.js';
import type { Role } from './permissions.js';
import { totpContext } from './second-factor.service.js';
import { StaffRepository } from './staff.repository.js';

export interface SeedAccount {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly tenants: 'all' | readonly string[];
  readonly password: string;
  /** Base32. */
  readonly totpSecret: string;
}

/** Makes ready-to-use accounts for the demo, which runs on loopback alone. Nothing else may call it. */
@Injectable()
export class AccessSeed {
  constructor(
    private readonly database: Database,
    private readonly ids: Ids,
    private readonly box: SealedBox,
    private readonly staff: StaffRepository,
    private readonly credentials: CredentialRepository,
    private readonly hasher: PasswordHasher,
  ) {}

  /** Returns the account's id. An account that exists keeps its name and roles and gets the given password and secret. */
  async ensure(seed: SeedAccount): Promise<string> {
    const hash = await this.hasher.hash(seed.password);
    const email = normaliseEmail(seed.email);
    return this.database.transaction(system('operator'), async (tx) => {
      const existing = await this.credentials.findByEmail(tx, email);
      const id = existing?.account.id ?? this.ids.uuid();
      if (existing === undefined) await this.staff.insert(tx, { ...seed, id, email, state: 'active' });
      await this.credentials.setPassword(tx, id, hash, null);
      const lastStep = existing?.lastTotpStep ?? 0;
      await this.credentials.setTotp(tx, id, this.box.seal(seed.totpSecret, totpContext(id)), lastStep);
      return id;
    });
  }
}
