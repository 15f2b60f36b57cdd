import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type Actor, TrailRepository } from '../access/trail.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { notFound } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import { SiloBroker } from './silo-broker.service.js';
import { SiloCredentialRepository } from './silo-credential.repository.js';
import { CREDENTIAL_KINDS, principalOf, type CredentialKind } from './silo-principals.js';
import type { Silo } from './silo.js';
import { SiloRepository } from './silo.repository.js';
import type { SiloTerms } from './silo.schema.js';

/** A password as it is shown once; nobody keeps it but the broker, as a salted hash. */
export interface IssuedCredential {
  readonly kind: CredentialKind;
  readonly principal: string;
  readonly password: string;
}

export interface AddedSilo {
  readonly silo: Silo;
  /** `added`: new, or taken up again under a new incarnation after a removal. `remade`: likewise, since a stream's topic was gone. */
  readonly outcome: 'added' | 'updated' | 'remade';
  /** Those that had none so far; a repetition issues nothing. */
  readonly issued: readonly IssuedCredential[];
}

const DEFAULTS = { timeZone: 'UTC', language: 'en', noticeHours: 72 };

/**
 * Readers look every 5 s which silos there are; a topic that is deleted under one makes its group start again. And one that sleeps all the
 * while has lost its session (15 s), and with it the right to commit positions, which would be positions in a topic made anew.
 */
const READERS_LET_GO_MS = 20_000;

/** Makes silos, renews their credentials and removes them. Each step may be repeated after a crash, and completes what was begun. */
@Injectable()
export class SiloProvisioning {
  constructor(
    private readonly database: Database,
    private readonly silos: SiloRepository,
    private readonly credentials: SiloCredentialRepository,
    private readonly broker: SiloBroker,
    private readonly trail: TrailRepository,
    private readonly source: { readonly clock: Clock; readonly ids: Ids },
  ) {}

  /**
   * The row comes before the topics: a record must find its silo's incarnation from the first on. A topic that somebody deleted under an
   * active silo is made anew under a new one, or its first records would pass for those that were counted; `graceMs` as in `remove`.
   */
  async add(terms: SiloTerms, actor: Actor, graceMs = READERS_LET_GO_MS): Promise<AddedSilo> {
    const isLacking = await this.broker.lacksStream(terms.tenant);
    const { silo, outcome } = await this.database.transaction(system('operator'), (tx) =>
      this.write(tx, terms, actor, isLacking),
    );
    if (outcome === 'remade') await sleep(graceMs);
    await this.broker.provision(silo.tenant, terms.partitions);
    const known = await this.database.transaction(system('operator'), (tx) => this.credentials.list(tx, silo.tenant));
    const missing = CREDENTIAL_KINDS.filter((kind) => !known.some((credential) => credential.kind === kind));
    const issued = this.broker.hasPrincipals
      ? await this.issue(silo.tenant, missing, 'silo_credential.issue', actor)
      : [];
    return { silo, outcome, issued };
  }

  /** New passwords; the old ones end at once, so the shipper must get its new one right after. */
  async rotate(tenant: string, kinds: readonly CredentialKind[], actor: Actor): Promise<readonly IssuedCredential[]> {
    const silo = await this.database.transaction(system('operator'), (tx) => this.silos.find(tx, tenant));
    if (silo?.state !== 'active') throw notFound(`The silo ${tenant}`);
    if (!this.broker.hasPrincipals) return [];
    return this.issue(tenant, kinds, 'silo_credential.rotate', actor);
  }

  /** Its principals, rights and topics go, with every event in them; what became alerts and incidents stays. */
  async remove(tenant: string, actor: Actor, graceMs = READERS_LET_GO_MS): Promise<void> {
    await this.database.transaction(system('operator'), async (tx) => {
      if ((await this.silos.find(tx, tenant)) === undefined) throw notFound(`The silo ${tenant}`);
      await this.credentials.remove(tx, tenant);
      if (!(await this.silos.remove(tx, tenant))) return;
      await this.trail.record(tx, { actor, action: 'silo.remove', object: { type: 'silo', id: tenant }, tenant });
    });
    await this.broker.remove(tenant, graceMs);
  }

  private async write(
    tx: Tx,
    terms: SiloTerms,
    actor: Actor,
    isLacking: boolean,
  ): Promise<Pick<AddedSilo, 'silo' | 'outcome'>> {
    const before = await this.silos.find(tx, terms.tenant);
    const known = isLacking ? 'remade' : 'updated';
    const outcome = before?.state === 'active' ? known : 'added';
    const facts = {
      tenant: terms.tenant,
      name: terms.name ?? before?.name ?? terms.tenant,
      timeZone: terms.timeZone ?? before?.timeZone ?? DEFAULTS.timeZone,
      language: terms.language ?? before?.language ?? DEFAULTS.language,
      jurisdictions: terms.jurisdictions ?? before?.jurisdictions ?? [],
      noticeHours: terms.noticeHours ?? before?.noticeHours ?? DEFAULTS.noticeHours,
      trustedProxies: terms.trustedProxies ?? before?.trustedProxies ?? [],
      accessFormat: terms.accessFormat === undefined ? (before?.accessFormat ?? null) : terms.accessFormat,
      auditFormat: terms.auditFormat === undefined ? (before?.auditFormat ?? null) : terms.auditFormat,
      createdAt: this.source.clock.now(),
    };
    const silo = await this.silos.upsert(tx, facts, outcome === 'remade');
    for (const contact of terms.contacts) {
      // The operator took the address from the contract.
      await this.silos.upsertContact(tx, {
        id: this.source.ids.uuid(),
        tenant: silo.tenant,
        isVerified: true,
        ...contact,
      });
    }
    await this.trail.record(tx, {
      actor,
      action: outcome === 'added' ? 'silo.add' : 'silo.update',
      object: { type: 'silo', id: silo.tenant },
      tenant: silo.tenant,
      ...(before && { before }),
      after: { ...silo, contacts: terms.contacts },
    });
    return { silo, outcome };
  }

  private async issue(
    tenant: string,
    kinds: readonly CredentialKind[],
    action: string,
    actor: Actor,
  ): Promise<readonly IssuedCredential[]> {
    const issued: IssuedCredential[] = [];
    for (const kind of kinds) {
      const principal = principalOf(tenant, kind);
      const password = this.source.ids.token();
      // The broker first: should the note fail, a repetition issues another password.
      await this.broker.setPassword(tenant, kind, password);
      await this.database.transaction(system('operator'), async (tx) => {
        await this.credentials.set(tx, tenant, kind, principal, this.source.clock.now());
        await this.trail.record(tx, { actor, action, object: { type: 'silo_credential', id: principal }, tenant });
      });
      issued.push({ kind, principal, password });
    }
    return issued;
  }
}
