import { Kafka, logLevel, type Cluster, type KafkaConfig } from 'kafkajs';
import type { Secret } from '../../config/secret.js';
import type { Log } from '../../logging/logging.js';
import { decodeFetchesHere } from './fetch-answers.js';
import { restWhenIdle } from './idle-requests.js';
import { openSocket } from './kafka-socket.js';
import { encodeProducesHere } from './produce-requests.js';

export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly credentials?: { readonly username: string; readonly password: Secret };
  /** `ca`: certificates in PEM form to trust in place of the public ones. */
  readonly tls?: { readonly ca?: string };
}

/**
 * A client of its own: kafkajs keeps one table of committed offsets per client, which two readers of one group in one process would
 * overwrite for each other. `clientId`: what the broker calls the connections by.
 */
export function newKafka(options: KafkaOptions, log: Log, clientId = 'silowatch'): Kafka {
  restWhenIdle();
  decodeFetchesHere();
  encodeProducesHere();
  const config: KafkaConfig = {
    clientId,
    brokers: [...options.brokers],
    socketFactory: openSocket,
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    // Spelled out, since kafkajs takes other defaults when it finds itself in a test. Few, since what is worth more is decided here; enough
    // to try each broker of the list.
    retry: {
      initialRetryTime: 100,
      maxRetryTime: 1_000,
      factor: 0.2,
      multiplier: 2,
      retries: Math.max(2, options.brokers.length),
    },
    logLevel: logLevel.WARN,
    // Its complaints repeat what the readers report in a better place.
    logCreator: () => (entry) => {
      log.debug({ event: 'kafka.client', namespace: entry.namespace }, entry.log.message);
    },
  };
  if (options.credentials !== undefined) {
    const { username, password } = options.credentials;
    config.sasl = { mechanism: 'scram-sha-512', username, password: password.reveal() };
  }
  if (options.tls !== undefined) config.ssl = options.tls.ca === undefined ? true : { ca: [options.tls.ca] };
  return new Kafka(config);
}

/** kafkajs' own connections, for requests that it has no call for. Its one public way to them is the argument of a partition assigner. */
export function clusterOf(kafka: Kafka): Cluster {
  let found: Cluster | undefined;
  kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        found = cluster;
        return {
          name: 'none',
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  if (found === undefined) throw new Error('kafkajs did not make its assigners');
  return found;
}
