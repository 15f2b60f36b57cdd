import { siloTopic, type Stream } from '../platform/event-log/topics.js';
import { principalOf } from './silo-principals.js';

export interface ShipperTarget {
  readonly tenant: string;
  readonly brokers: string;
  readonly isTls: boolean;
  /** Whether the broker's certificate is of an authority of one's own, whose certificate then lies with the shipper. */
  readonly hasOwnCa: boolean;
}

const CA_FILE = '/etc/silowatch/ca.pem';

export const SHIPPERS = ['vector', 'fluent-bit'] as const;
export type Shipper = (typeof SHIPPERS)[number];

/** A configuration to start from, complete but for the paths of the silo's files. The password stays outside, in the environment. */
export function shipperConfiguration(shipper: Shipper, target: ShipperTarget): string {
  return shipper === 'vector' ? vector(target) : fluentBit(target);
}

/** `secret`: the variable that holds it, in the shipper's environment. */
const vectorHead = (
  secret: string,
): string => `# Vector (https://vector.dev): set ${secret} in its environment, and the paths below.
data_dir: /var/lib/vector

sources:
  access:
    type: file
    include: [/var/log/nginx/access.log]
  audit:
    type: file
    include: [/var/log/app/audit.ndjson]

sinks:
`;

function vector({ tenant, brokers, isTls, hasOwnCa }: ShipperTarget): string {
  return `${vectorHead('SILOWATCH_SHIPPER_PASSWORD')}  silowatch_access: &kafka
    type: kafka
    inputs: [access]
    bootstrap_servers: ${brokers}
    topic: ${siloTopic(tenant, 'access')}
    encoding: { codec: text }
    acknowledgements: { enabled: true }
    sasl: { enabled: true, mechanism: SCRAM-SHA-512, username: ${principalOf(tenant, 'shipper')}, password: '\${SILOWATCH_SHIPPER_PASSWORD}' }
    tls: { enabled: ${isTls}${isTls && hasOwnCa ? `, ca_file: ${CA_FILE}` : ''} }
    # Nothing is dropped while the broker is away: it waits on disk.
    buffer: { type: disk, max_size: 1073741824, when_full: block }
  silowatch_audit:
    <<: *kafka
    inputs: [audit]
    topic: ${siloTopic(tenant, 'audit')}
`;
}

const fluentBitHead = (
  secret: string,
): string => `# Fluent Bit (https://fluentbit.io): set ${secret} in its environment, and the paths below.
[SERVICE]
    flush                     1
    storage.path              /var/lib/fluent-bit/
${input('access', '/var/log/nginx/access.log')}${input('audit', '/var/log/app/audit.ndjson')}`;

function fluentBit(target: ShipperTarget): string {
  return `${fluentBitHead('SILOWATCH_SHIPPER_PASSWORD')}${output('access', target)}${output('audit', target)}`;
}

const input = (tag: string, path: string): string => `
[INPUT]
    name                      tail
    tag                       ${tag}
    path                      ${path}
    db                        /var/lib/fluent-bit/${tag}.db
    storage.type              filesystem
`;

const output = (stream: Stream, { tenant, brokers, isTls, hasOwnCa }: ShipperTarget): string => `
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
${isTls && hasOwnCa ? `    rdkafka.ssl.ca.location   ${CA_FILE}\n` : ''}`;

export interface IntakeTarget {
  /** Of the intake, without a slash at the end. */
  readonly url: string;
}

export const INTAKE_SHIPPERS = ['vector', 'fluent-bit', 'otel-collector'] as const;
export type IntakeShipper = (typeof INTAKE_SHIPPERS)[number];

/** Likewise for a silo that sends over HTTP. The token stays outside, in the environment. */
export function intakeConfiguration(shipper: IntakeShipper, target: IntakeTarget): string {
  switch (shipper) {
    case 'vector':
      return vectorOverHttp(target);
    case 'fluent-bit':
      return fluentBitOverHttp(target);
    case 'otel-collector':
      return otelCollector(target);
  }
}

function vectorOverHttp({ url }: IntakeTarget): string {
  return `${vectorHead('SILOWATCH_INTAKE_TOKEN')}${vectorSink('access', url)}${vectorSink('audit', url)}`;
}

const vectorSink = (stream: Stream, url: string): string => `  silowatch_${stream}:
    type: http
    inputs: [${stream}]
    uri: ${url}/${stream}
    method: post
    encoding: { codec: text }
    framing: { method: newline_delimited }
    compression: gzip
    auth: { strategy: bearer, token: '\${SILOWATCH_INTAKE_TOKEN}' }
    request: { headers: { Content-Type: text/plain } }
    acknowledgements: { enabled: true }
    # Nothing is dropped while the intake is away: it waits on disk.
    buffer: { type: disk, max_size: 1073741824, when_full: block }
`;

function fluentBitOverHttp({ url }: IntakeTarget): string {
  return `${fluentBitHead('SILOWATCH_INTAKE_TOKEN')}${httpOutput('access', url)}${httpOutput('audit', url)}`;
}

function httpOutput(stream: Stream, url: string): string {
  const { protocol, hostname, port, pathname } = new URL(`${url}/${stream}`);
  const isTls = protocol === 'https:';
  return `
[OUTPUT]
    name                      http
    match                     ${stream}
    host                      ${hostname}
    port                      ${port === '' ? (isTls ? '443' : '80') : port}
    uri                       ${pathname}
    format                    json_lines
    compress                  gzip
    header                    Authorization Bearer \${SILOWATCH_INTAKE_TOKEN}
    tls                       ${isTls ? 'on' : 'off'}
    retry_limit               no_limits
`;
}

function otelCollector({ url }: IntakeTarget): string {
  return `# OpenTelemetry Collector (contrib, for filelog): set SILOWATCH_INTAKE_TOKEN in its environment, and the paths below.
receivers:
  filelog/access:
    include: [/var/log/nginx/access.log]
    storage: file_storage
  filelog/audit:
    include: [/var/log/app/audit.ndjson]
    storage: file_storage

extensions:
  file_storage:
    directory: /var/lib/otelcol

# Nothing is dropped while the intake is away: it waits on disk.
exporters:
${otelExporter('access', url)}${otelExporter('audit', url)}
service:
  extensions: [file_storage]
  pipelines:
    logs/access: { receivers: [filelog/access], exporters: [otlphttp/access] }
    logs/audit: { receivers: [filelog/audit], exporters: [otlphttp/audit] }
`;
}

const otelExporter = (stream: Stream, url: string): string => `  otlphttp/${stream}:
    logs_endpoint: ${url}/${stream}/v1/logs
    compression: gzip
    headers: { Authorization: 'Bearer \${env:SILOWATCH_INTAKE_TOKEN}' }
    sending_queue: { storage: file_storage }
    retry_on_failure: { max_elapsed_time: 0 }
`;
