import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TrailRepository } from '../access/trail.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { DomainError, notFound } from '../platform/errors/domain-error.js';
import { SiloDirectory } from '../silos/silo-directory.service.js';
import { AgentKeyRepository } from './agent-key.repository.js';
import { keyId } from './agent-token.js';
import { CommandSigner } from './command-signer.js';

export interface Enrolled {
  readonly kid: string;
  /** What the agent has to pin. */
  readonly commandKey: JsonWebKey;
}

/** Pins an agent's public key to its silo, and gives out the key that the agent pins. */
@Injectable()
export class EnrolmentService {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly directory: SiloDirectory,
    private readonly agents: AgentKeyRepository,
    private readonly signer: CommandSigner,
    private readonly trail: TrailRepository,
  ) {}

  /** The silo's former key stops counting at once. Throws NOT_FOUND, AGENT_KEY_INVALID. */
  async enrol(tenant: string, publicKey: unknown, by: string): Promise<Enrolled> {
    const jwk = publicOnly(publicKey);
    const kid = await keyId(jwk);
    const now = this.clock.now();
    await this.database.transaction(system('operator'), async (tx) => {
      if ((await this.directory.find(tx, tenant))?.state !== 'active') throw notFound(`The silo ${tenant}`);
      await this.agents.enrol(tx, { tenant, kid, publicKey: jwk }, by, now);
      await this.agents.retireOthers(tx, tenant, kid, now);
      await this.trail.record(tx, {
        actor: { kind: 'operator', id: by },
        action: 'agent.enrol',
        object: { type: 'agent', id: kid },
        tenant,
        after: { kid },
      });
    });
    return { kid, commandKey: (await this.signer.publicKey()).jwk };
  }
}

/** Exactly the three members of an Ed25519 public key (RFC 8037), so that a private part given by mistake is never stored. */
function publicOnly(given: unknown): JsonWebKey & { readonly kty: string } {
  const { kty, crv, x } = (given ?? {}) as Record<string, unknown>;
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string')
    throw new DomainError(
      'AGENT_KEY_INVALID',
      'An Ed25519 public key as JWK is needed: {"kty":"OKP","crv":"Ed25519","x":"…"}',
    );
  const jwk = { kty, crv, x };
  try {
    createPublicKey({ key: jwk, format: 'jwk' });
  } catch (cause) {
    throw new DomainError('AGENT_KEY_INVALID', 'The key is no Ed25519 public key', { cause });
  }
  return jwk;
}
