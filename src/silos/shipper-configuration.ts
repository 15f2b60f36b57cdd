import { siloTopic } from '../platform/event-log/topics.js';
import { principalOf } from './silo-principals.js';

export interface ShipperTarget {
  readonly tenant: string;
  readonly brokers: string;
  readonly isTls: boolean;
}

export const SHIPPERS = ['vector', 'fluent-bit'] as const;
export type Shipper = (typeof SHIPPERS)[number];

/** A configuration to start from, complete but for the paths of the silo's files. The password stays outside, in the environment. */
export function shipperConfiguration(shipper: Shipper, target: ShipperTarget): string {
  return shipper === 'vector' ? vector(target) : fluentBit(target);
}

function vector({ tenant, brokers, isTls }: ShipperTarget): string {
  return `# Vector (https://vector.dev): set SILOWATCH_SHIPPER_PASSWORD in its environment, and the paths below.
data_dir: /var/lib/vector

sources:
  access:
    type: file
    include: [/var/log/nginx/access.log]
  audit:
    type: file
    include: [/var/log/app/audit.ndjson]

sinks:
  silowatch_access: &kafka
    type: kafka
    inputs: [access]
    bootstrap_servers: ${brokers}
    topic: ${siloTopic(tenant, 'access')}
    encoding: { codec: text }
    acknowledgements: { enabled: true }
    sasl: { enabled: true, mechanism: SCRAM-SHA-512, username: ${principalOf(tenant, 'shipper')}, password: '\${SILOWATCH_SHIPPER_PASSWORD}' }
    tls: { enabled: ${isTls} }
    # Nothing is dropped while the broker is away: it waits on disk.
    buffer: { type: disk, max_size: 1073741824, when_full: block }
  silowatch_audit:
    <<: *kafka
    inputs: [audit]
    topic: ${siloTopic(tenant, 'audit')}
`;
}

function fluentBit(target: ShipperTarget): string {
  return `# Fluent Bit (https://fluentbit.io): set SILOWATCH_SHIPPER_PASSWORD in its environment, and the paths below.
[SERVICE]
    flush                     1
    storage.path              /var/lib/fluent-bit/
${input('access', '/var/log/nginx/access.log')}${input('audit', '/var/log/app/audit.ndjson')}${output('access', target)}${output('audit', target)}`;
}

const input = (tag: string, path: string): string => `
[INPUT]
    name                      tail
    tag                       ${tag}
    path                      ${path}
    db                        /var/lib/fluent-bit/${tag}.db
    storage.type              filesystem
`;

const output = (stream: 'access' | 'audit', { tenant, brokers, isTls }: ShipperTarget): string => `
[OUTPUT]
    name                      kafka
    match                     ${stream}
    brokers                   ${brokers}
    topics                    ${siloTopic(tenant, stream)}
    format                    raw
    raw_log_key               log
    rdkafka.acks              all
    rdkafka.security.protocol ${isTls ? 'SASL_SSL' : 'SASL_PLAINTEXT'}
    rdkafka.sasl.mechanism    SCRAM-SHA-512
    rdkafka.sasl.username     ${principalOf(tenant, 'shipper')}
    rdkafka.sasl.password     \${SILOWATCH_SHIPPER_PASSWORD}
`;
