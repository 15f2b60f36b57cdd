import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { BrokerAccess } from '../platform/event-log/broker-access.js';
import { EventLog } from '../platform/event-log/event-log.js';
import { siloTopic, siloTopics, STREAMS } from '../platform/event-log/topics.js';
import { CREDENTIAL_KINDS, grantsOf, principalOf, type CredentialKind } from './silo-principals.js';

/** What a silo has at the broker: four topics, and two principals where the broker knows principals. Every step may be repeated. */
@Injectable()
export class SiloBroker {
  constructor(
    private readonly eventLog: EventLog,
    private readonly access: BrokerAccess,
  ) {}

  get hasPrincipals(): boolean {
    return this.access.hasPrincipals;
  }

  /** Whether a topic that a shipper writes is not there. */
  async lacksStream(tenant: string): Promise<boolean> {
    const existing = new Set((await this.eventLog.listTopics()).map(({ name }) => name));
    return STREAMS.some((stream) => !existing.has(siloTopic(tenant, stream)));
  }

  async provision(tenant: string, partitions: number): Promise<void> {
    const existing = new Map((await this.eventLog.listTopics()).map((topic) => [topic.name, topic.partitions]));
    // A silo's topics keep the size that they were made with.
    const specs = siloTopics(tenant, partitions).filter(({ name }) => !existing.has(name));
    await this.eventLog.ensureTopics(specs);
    for (const kind of CREDENTIAL_KINDS) {
      await this.access.grant(principalOf(tenant, kind), grantsOf(tenant, kind));
    }
  }

  async setPassword(tenant: string, kind: CredentialKind, password: string): Promise<void> {
    await this.access.setPassword(principalOf(tenant, kind), password);
  }

  /** The principals first, so that nothing more arrives; the topics after `graceMs`, when readers have let go of them. */
  async remove(tenant: string, graceMs: number): Promise<void> {
    for (const kind of CREDENTIAL_KINDS) await this.access.remove(principalOf(tenant, kind));
    await sleep(graceMs);
    await this.eventLog.deleteTopics(siloTopics(tenant, 1).map(({ name }) => name));
  }
}
