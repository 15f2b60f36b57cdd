import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Ids, tokenHash } from '../platform/ids/ids.js';
import type { Account } from './account.js';
import { ABSOLUTE_MS, isLive, isRotationDue, isTouchDue, UNFINISHED_MS } from './session-lifetime.js';
import { type Session, SessionRepository, type SessionState, type StaffSession } from './session.repository.js';
import { TrailRepository } from './trail.repository.js';

/** Where a request comes from. */
export interface Client {
  readonly ip: string;
  readonly userAgent: string;
}

/** A live session. `newToken` is present when the token was replaced: the cookie must be set anew. */
export interface SignedIn extends StaffSession {
  readonly newToken: string | undefined;
}

/** Finds, makes, rotates and ends sessions. */
@Injectable()
export class SessionService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly box: SealedBox,
    private readonly sessions: SessionRepository,
    private readonly trail: TrailRepository,
  ) {}

  /** The live session of a token in one of `states`, or undefined. `isActivity`: whether the request is a person's doing. */
  async find(
    token: string | undefined,
    states: readonly SessionState[],
    isActivity = true,
  ): Promise<SignedIn | undefined> {
    if (token === undefined) return undefined;
    const hash = tokenHash(token);
    return this.database.transaction(system('sign-in'), async (tx) => {
      const found = await this.sessions.findByTokenHash(tx, hash);
      if (found === undefined || !states.includes(found.session.state)) return undefined;
      if (found.account.state === 'disabled' || !isLive(found.session, this.clock.now())) return undefined;
      return { ...found, newToken: isActivity ? await this.keepAlive(tx, found.session, hash) : undefined };
    });
  }

  /** A new session in the caller's transaction; returns its token, which is nowhere stored. */
  async create(tx: Tx, staffId: string, state: SessionState, client: Client): Promise<string> {
    const token = this.ids.token();
    const lifetimeMs = state === 'full' ? ABSOLUTE_MS : UNFINISHED_MS;
    const expiresAt = new Date(this.clock.nowMs() + lifetimeMs);
    await this.sessions.insert(tx, {
      id: this.ids.uuid(),
      staffId,
      state,
      tokenHash: tokenHash(token),
      expiresAt,
      ...client,
    });
    return token;
  }

  /** Both factors were shown: the unfinished session ends and a full one begins under a new token, which is returned. */
  async enter(tx: Tx, account: Account, unfinishedId: string, client: Client, factor: string): Promise<string> {
    await this.sessions.end(tx, unfinishedId);
    const token = await this.create(tx, account.id, 'full', client);
    await this.trail.record(tx, {
      actor: { kind: 'staff', id: account.id, ip: client.ip },
      action: 'session.begin',
      object: { type: 'staff', id: account.id },
      after: { factor },
    });
    return token;
  }

  /** The second factor was shown again: returns the session's new token. */
  async renewFactor(tx: Tx, sessionId: string): Promise<string> {
    const token = this.ids.token();
    await this.sessions.renewFactor(tx, sessionId, tokenHash(token));
    return token;
  }

  /** Somebody who knew the password did not know the code. */
  async recordRefusedCode(tx: Tx, staffId: string, client: Client): Promise<void> {
    await this.trail.record(tx, {
      actor: { kind: 'staff', id: staffId, ip: client.ip },
      action: 'factor.refuse',
      object: { type: 'staff', id: staffId },
    });
  }

  /** Signs the person out everywhere. */
  async signOut(staffId: string, client: Client): Promise<void> {
    await this.database.transaction(system('sign-in'), async (tx) => {
      await this.sessions.endAllOf(tx, staffId);
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: staffId, ip: client.ip },
        action: 'session.end',
        object: { type: 'staff', id: staffId },
      });
    });
  }

  /** What the page sends back as `x-csrf-token`: bound to the session, not to its rotating token. */
  csrfToken(sessionId: string): string {
    return this.box.mac('csrf', sessionId);
  }

  isCsrfToken(sessionId: string, given: string | undefined): boolean {
    return given !== undefined && this.box.macMatches('csrf', sessionId, given);
  }

  private async keepAlive(tx: Tx, session: Session, hash: string): Promise<string | undefined> {
    const now = this.clock.now();
    if (session.state === 'full' && !session.isByPreviousToken && isRotationDue(session, now)) {
      const token = this.ids.token();
      return (await this.sessions.rotate(tx, session.id, hash, tokenHash(token))) ? token : undefined;
    }
    if (isTouchDue(session, now)) await this.sessions.touch(tx, session.id);
    return undefined;
  }
}
