import type { Config } from '../config/config.js';
import type { Log } from '../logging/logging.js';
import { NoBrokerAccess, type BrokerAccess } from './broker-access.js';
import { eventLogConfig } from './event-log.config.js';
import { KafkaAccess } from './kafka/kafka-access.js';

/** The principals of the configured Kafka, or none where there is no Kafka. */
export function openBrokerAccess(config: Config, log: Log): BrokerAccess {
  const {
    KAFKA_BROKERS: brokers,
    KAFKA_USERNAME: username,
    KAFKA_PASSWORD: password,
    KAFKA_TLS: isTls,
    KAFKA_TLS_CA: ca,
  } = config.get(eventLogConfig);
  if (brokers === undefined) return new NoBrokerAccess();
  return new KafkaAccess(
    {
      brokers: brokers.split(','),
      ...(username !== undefined && password !== undefined && { credentials: { username, password } }),
      ...(isTls === true && { tls: ca === undefined ? {} : { ca } }),
    },
    log,
  );
}
