import { TrailRepository, type Actor } from '../../../src/access/trail.repository.js';
import { SystemClock } from '../../../src/platform/clock/clock.js';
import { Secret } from '../../../src/platform/config/secret.js';
import type { Database } from '../../../src/platform/database/database.js';
import { type BrokerAccess, NoBrokerAccess } from '../../../src/platform/event-log/broker-access.js';
import type { EventLog } from '../../../src/platform/event-log/event-log.js';
import type { KafkaOptions } from '../../../src/platform/event-log/kafka/kafka-connection.js';
import { RandomIds } from '../../../src/platform/ids/ids.js';
import { SiloBroker } from '../../../src/silos/silo-broker.service.js';
import { SiloCredentialRepository } from '../../../src/silos/silo-credential.repository.js';
import { SiloProvisioning } from '../../../src/silos/silo-provisioning.service.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { kafkaAddress } from '../../harness/servers.js';

export const OPERATOR: Actor = { kind: 'operator', id: 'test' };

/** What makes and removes silos, on a test's own database and log. */
export function provisioningOf(
  database: Database,
  eventLog: EventLog,
  access: BrokerAccess = new NoBrokerAccess(),
): SiloProvisioning {
  const source = { clock: new SystemClock(), ids: new RandomIds() };
  const broker = new SiloBroker(eventLog, access);
  const trail = new TrailRepository(source.clock, source.ids);
  return new SiloProvisioning(database, new SiloRepository(), new SiloCredentialRepository(), broker, trail, source);
}

/** The tests' broker, under the principal with all rights or another. */
export function brokerAs(
  { username, password }: { readonly username: string; readonly password: string } = kafkaAddress(),
): KafkaOptions {
  return { brokers: kafkaAddress().brokers.split(','), credentials: { username, password: new Secret(password) } };
}
