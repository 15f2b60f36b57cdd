import type { Clock } from '../clock/clock.js';
import type { Config } from '../config/config.js';
import { DomainError } from '../errors/domain-error.js';
import type { Log } from '../logging/logging.js';
import { type BrokerAccess, NoBrokerAccess } from './broker-access.js';
import { EmbeddedEventLog } from './embedded/embedded-event-log.js';
import { eventLogConfig } from './event-log.config.js';
import type { EventLog } from './event-log.js';
import { KafkaAccess } from './kafka/kafka-access.js';
import type { KafkaOptions } from './kafka/kafka-connection.js';
import { KafkaEventLog } from './kafka/kafka-event-log.js';

export interface OpenEventLog {
  readonly kind: 'kafka' | 'embedded';
  readonly log: EventLog;
  readonly access: BrokerAccess;
  /** What shippers and agents connect to; undefined without Kafka. */
  readonly brokers: string | undefined;
  readonly isTls: boolean;
  close(): Promise<void>;
}

/** The log that the configuration asks for: Kafka where KAFKA_BROKERS is set, else the table in Postgres at `databaseUrl` (of the service's role). */
export function openEventLog(config: Config, databaseUrl: string, clock: Clock, log: Log): OpenEventLog {
  const settings = config.get(eventLogConfig);
  if (settings.KAFKA_BROKERS === undefined) {
    const embedded = new EmbeddedEventLog({ url: databaseUrl }, clock, log);
    return {
      kind: 'embedded',
      log: embedded,
      access: new NoBrokerAccess(),
      brokers: undefined,
      isTls: false,
      close: () => embedded.close(),
    };
  }
  const options = kafkaOptions(settings);
  const kafka = new KafkaEventLog(options, log);
  const access = new KafkaAccess(options, log);
  return {
    kind: 'kafka',
    log: kafka,
    access,
    brokers: settings.KAFKA_BROKERS,
    isTls: settings.KAFKA_TLS === true,
    close: async () => {
      await kafka.close();
      await access.close();
    },
  };
}

function kafkaOptions(settings: ReturnType<typeof eventLogConfig.parse>): KafkaOptions {
  const { KAFKA_BROKERS: brokers = '', KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = settings;
  if ((username === undefined) !== (password === undefined)) {
    throw new DomainError(
      'EVENT_LOG_CREDENTIALS',
      'KAFKA_USERNAME and KAFKA_PASSWORD belong together: set both or none',
    );
  }
  const ca = settings.KAFKA_TLS_CA;
  return {
    brokers: brokers.split(','),
    ...(username !== undefined && password !== undefined && { credentials: { username, password } }),
    ...(settings.KAFKA_TLS === true && { tls: ca === undefined ? {} : { ca } }),
  };
}

/** Throws with every line of `EventLog.weaknesses`, unless the configuration allows them. For the service's start; the demo does not ask. */
export async function refuseWeakLog(log: EventLog, config: Config): Promise<void> {
  if (config.get(eventLogConfig).KAFKA_ALLOW_UNREPLICATED) return;
  const found = await log.weaknesses();
  if (found.length === 0) return;
  const more = found.length > 5 ? ` and ${found.length - 5} more` : '';
  throw new DomainError(
    'EVENT_LOG_TOO_WEAK',
    `Kafka may lose events: ${found.slice(0, 5).join('; ')}${more}. Raise the topics' replication, or set KAFKA_ALLOW_UNREPLICATED=true to accept it`,
  );
}
