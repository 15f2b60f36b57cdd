import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isListening, startJava, testPort, type JavaServer } from './java-server.js';

const run = promisify(execFile);
const deployed = fileURLToPath(new URL('../../deploy/kafka/server.properties', import.meta.url));
const certificates = fileURLToPath(new URL('../../deploy/kafka/make-certificate.sh', import.meta.url));
const logging = fileURLToPath(new URL('java/log4j2.properties', import.meta.url));

/** How tests reach Kafka. */
export interface KafkaAddress {
  readonly brokers: string;
  /** The principal with all rights. */
  readonly username: string;
  readonly password: string;
  /** The same broker over TLS, with the certificate to trust; absent when the broker is not the harness's own. */
  readonly tls?: { readonly brokers: string; readonly ca: string };
}

export interface RunningKafka {
  readonly address: KafkaAddress;
  readonly server: JavaServer;
  /** Of the broker as it runs now. */
  pid(): number;
  /** Ends the broker and starts it again on the same data and ports. */
  restart(): Promise<void>;
}

/** Starts a real broker from the properties that are deployed, with only ports, folders, the TLS key and a listener without TLS its own. */
export async function startKafka(classPath: string, folder: string): Promise<RunningKafka> {
  await mkdir(folder, { recursive: true });
  const [plain, tls, internal, controller] = [await testPort(), await testPort(), await testPort(), await testPort()];
  const password = randomBytes(18).toString('base64url');
  const { certificate, ca } = await makeCertificate(folder);
  const properties = path.join(folder, 'server.properties');
  await writeFile(
    properties,
    `${await readFile(deployed, 'utf8')}
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=CLIENT://127.0.0.1:${tls},PLAIN://127.0.0.1:${plain},INTERNAL://127.0.0.1:${internal},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=CLIENT://127.0.0.1:${tls},PLAIN://127.0.0.1:${plain},INTERNAL://127.0.0.1:${internal}
listener.security.protocol.map=CLIENT:SASL_SSL,PLAIN:SASL_PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
listener.name.plain.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.client.scram-sha-512.connections.max.reauth.ms=${TLS_REAUTH_MS}
listener.name.client.ssl.keystore.location=${certificate}
log.dirs=${path.join(folder, 'data')}
log.flush.interval.messages=9223372036854775807
log.cleaner.dedupe.buffer.size=10485760
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=0
file.delete.delay.ms=1000
`,
    { mode: 0o600 },
  );
  const java = [
    '-Xmx512m',
    // Quick to start rather than quick for hours.
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    `-Dlog4j2.configurationFile=${logging}`,
    '-cp',
    classPath,
  ];
  const credential = `SCRAM-SHA-512=[name=silowatch,password=${password}]`;
  // Kafka's tools take a leading dash for an option.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  await run('java', [
    ...java,
    'kafka.tools.StorageTool',
    'format',
    '-c',
    properties,
    // As one word: the id may begin with a dash.
    `--cluster-id=${clusterId}`,
    '-S',
    credential,
  ]);
  const start = (): Promise<JavaServer> =>
    startJava('Kafka', [...java, 'kafka.Kafka', properties], () => isListening(plain));
  let server = await start();
  return {
    address: {
      brokers: `127.0.0.1:${plain}`,
      username: 'silowatch',
      password,
      tls: { brokers: `127.0.0.1:${tls}`, ca },
    },
    pid: () => server.pid,
    server: {
      get pid() {
        return server.pid;
      },
      stop: async () => {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    },
    restart: async () => {
      await server.stop();
      server = await start();
    },
  };
}

/** Short on the one listener that few tests use, so that a test can wait for it; kafkajs proves itself anew 10 s before. */
export const TLS_REAUTH_MS = 12_000;

/** A certificate for 127.0.0.1 and who vouches for it, made as operators make it. */
export async function makeCertificate(folder: string): Promise<{ certificate: string; ca: string }> {
  await run('sh', [certificates, folder, '127.0.0.1', 'localhost']);
  const ca = await readFile(path.join(folder, 'kafka_ca'), 'utf8');
  return { certificate: path.join(folder, 'kafka_certificate'), ca };
}
