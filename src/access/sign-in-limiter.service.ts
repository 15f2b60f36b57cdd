import { Injectable } from '@nestjs/common';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Ids } from '../platform/ids/ids.js';
import { tooMany } from './access.errors.js';
import { AttemptCounterRepository } from './attempt-counter.repository.js';
import type { Limit } from './attempt-limit.js';
import { type Attempt, codeLimits, passwordLimits } from './sign-in-limits.js';

/** Attempts that were counted, to be forgiven when they turn out right. */
export type Counted = readonly Limit[];

/** Slows guessing down without letting strangers lock a person out. */
@Injectable()
export class SignInLimiter {
  constructor(
    private readonly database: Database,
    private readonly ids: Ids,
    private readonly box: SealedBox,
    private readonly counters: AttemptCounterRepository,
  ) {}

  /** Counts before the password is looked at, so that guesses at the same moment all count. Throws RATE_LIMITED. */
  async countPassword(email: string, ip: string, device: string | undefined): Promise<Counted> {
    return this.count(passwordLimits(this.attempt(email, ip, device)));
  }

  async countCode(email: string, ip: string, device: string | undefined): Promise<Counted> {
    return this.count(codeLimits(this.attempt(email, ip, device)));
  }

  async forgive(tx: Tx, counted: Counted): Promise<void> {
    await this.counters.forgive(tx, counted);
  }

  /** The cookie of a browser that has just signed in to this account. */
  deviceFor(email: string): string {
    const nonce = this.ids.token();
    return `${nonce}.${this.box.mac('device', `${nonce} ${email}`)}`;
  }

  /** How an address that nobody has here is named in the trail: the same each time, and not readable. */
  pseudonym(email: string): string {
    return `unknown:${this.box.mac('account', email).slice(0, 16)}`;
  }

  private attempt(email: string, ip: string, cookie: string | undefined): Attempt {
    const [nonce, mac] = cookie?.split('.') ?? [];
    const isKnown = nonce !== undefined && mac !== undefined && this.box.macMatches('device', `${nonce} ${email}`, mac);
    return { account: this.box.mac('account', email), ip, device: isKnown ? nonce : undefined };
  }

  private async count(limits: readonly Limit[]): Promise<Counted> {
    const waitSeconds = await this.database.transaction(system('sign-in'), (tx) => this.counters.count(tx, limits));
    if (waitSeconds > 0) throw tooMany(waitSeconds);
    return limits;
  }
}
