import type { Grant } from '../platform/event-log/broker-access.js';
import { siloTopic } from '../platform/event-log/topics.js';

/** Two principals, so that one stolen credential cannot forge both a result and the events that prove it. */
export const CREDENTIAL_KINDS = ['shipper', 'agent'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** The principal's name at the broker. */
export const principalOf = (tenant: string, kind: CredentialKind): string => `silo.${tenant}.${kind}`;

/** The one consumer group in which a silo's agent may read its commands. */
export const agentGroup = (tenant: string): string => `silo.${tenant}.agent`;

/** All that the principal may do; at Kafka reading and writing include describing. */
export function grantsOf(tenant: string, kind: CredentialKind): readonly Grant[] {
  if (kind === 'shipper') {
    return [
      { resource: 'topic', name: siloTopic(tenant, 'access'), operations: ['write'] },
      { resource: 'topic', name: siloTopic(tenant, 'audit'), operations: ['write'] },
    ];
  }
  return [
    { resource: 'topic', name: siloTopic(tenant, 'commands'), operations: ['read'] },
    { resource: 'group', name: agentGroup(tenant), operations: ['read'] },
    { resource: 'topic', name: siloTopic(tenant, 'results'), operations: ['write'] },
  ];
}
