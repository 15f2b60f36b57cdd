import { Injectable } from '@nestjs/common';
import { type Actor, TrailRepository } from '../access/trail.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { notFound } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import { type IntakeToken, newIntakeToken } from './intake-token.js';
import { IntakeTokenRepository } from './intake-token.repository.js';
import { SiloRepository } from './silo.repository.js';

/** Issues, rotates and ends the tokens with which a silo sends over HTTP. */
@Injectable()
export class IntakeTokenService {
  constructor(
    private readonly database: Database,
    private readonly silos: SiloRepository,
    private readonly tokens: IntakeTokenRepository,
    private readonly trail: TrailRepository,
    private readonly source: { readonly clock: Clock; readonly ids: Ids },
  ) {}

  /** The text of a first token, which is shown once; undefined when the silo has one already. */
  issue(tenant: string, actor: Actor): Promise<string | undefined> {
    return this.ofActive(tenant, async (tx, own) => {
      const now = this.source.clock.now();
      if (own.some(({ expiresAt }) => expiresAt === null || expiresAt > now)) return undefined;
      return this.add(tx, tenant, actor, 'intake_token.issue', {});
    });
  }

  /** The text of a new token; the ones before go on for `overlapMs`, so that shippers can be changed over without losing a record. */
  rotate(tenant: string, overlapMs: number, actor: Actor): Promise<string> {
    return this.ofActive(tenant, async (tx) => {
      const now = this.source.clock.now();
      const endsAt = new Date(now.getTime() + overlapMs);
      await this.tokens.end(tx, tenant, endsAt, now);
      return this.add(tx, tenant, actor, 'intake_token.rotate', { formerEndAt: endsAt });
    });
  }

  /** Ends all of the silo's tokens at once; returns how many were in force. */
  revoke(tenant: string, actor: Actor): Promise<number> {
    return this.ofActive(tenant, async (tx, own) => {
      await this.tokens.remove(tx, tenant);
      const now = this.source.clock.now();
      const inForce = own.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
      for (const { id } of inForce) {
        const object = { type: 'intake_token', id };
        await this.trail.record(tx, { actor, action: 'intake_token.revoke', object, tenant });
      }
      return inForce.length;
    });
  }

  private async ofActive<T>(tenant: string, work: (tx: Tx, own: readonly IntakeToken[]) => Promise<T>): Promise<T> {
    return this.database.transaction(system('operator'), async (tx) => {
      const silo = await this.silos.find(tx, tenant);
      if (silo?.state !== 'active') throw notFound(`The silo ${tenant}`);
      return work(tx, await this.tokens.list(tx, tenant));
    });
  }

  private async add(tx: Tx, tenant: string, actor: Actor, action: string, after: object): Promise<string> {
    const { text, token } = newIntakeToken(this.source.ids, tenant, this.source.clock.now());
    await this.tokens.add(tx, token);
    await this.trail.record(tx, { actor, action, object: { type: 'intake_token', id: token.id }, tenant, after });
    return text;
  }
}
