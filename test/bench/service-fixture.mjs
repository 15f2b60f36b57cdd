// What the benches that run the whole service share: the log, silos on it, and the service's environment.
const { kafkaAddress } = await import('../harness/servers.ts');
const { SystemClock } = await import('../../src/platform/clock/clock.ts');
const { Secret } = await import('../../src/platform/config/secret.ts');
const { system } = await import('../../src/platform/database/scope.ts');
const { EmbeddedEventLog } = await import('../../src/platform/event-log/embedded/embedded-event-log.ts');
const { KafkaEventLog } = await import('../../src/platform/event-log/kafka/kafka-event-log.ts');
const { siloTopics } = await import('../../src/platform/event-log/topics.ts');
const { PinoLog } = await import('../../src/platform/logging/logging.ts');
const { SiloRepository } = await import('../../src/silos/silo.repository.ts');

export function openLog(kind, db) {
  const quiet = new PinoLog('silent');
  if (kind !== 'kafka') return new EmbeddedEventLog({ url: db.serviceUrl }, new SystemClock(), quiet);
  const { brokers, username, password } = kafkaAddress();
  return new KafkaEventLog(
    { brokers: brokers.split(','), credentials: { username, password: new Secret(password) } },
    quiet,
  );
}

export async function addSilos(db, log, tenants) {
  const silos = new SiloRepository();
  const terms = { timeZone: 'UTC', language: 'en', jurisdictions: [], noticeHours: 72, createdAt: new Date() };
  for (const tenant of tenants) {
    await db.database.transaction(system('operator'), (tx) => silos.upsert(tx, { tenant, name: tenant, ...terms }));
    await log.ensureTopics(siloTopics(tenant, 1));
  }
}

/** `dataDir`: a folder of the service's own. */
export function serviceEnv(kind, db, dataDir) {
  const kafka = kind === 'kafka' ? kafkaAddress() : undefined;
  return {
    PATH: process.env.PATH,
    PORT: '0',
    SILOWATCH_DATA: dataDir,
    DATABASE_URL: db.serviceUrl,
    DATABASE_WORKER_URL: db.workerUrl,
    ...(kafka && {
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_USERNAME: kafka.username,
      KAFKA_PASSWORD: kafka.password,
      KAFKA_ALLOW_UNREPLICATED: 'true',
    }),
  };
}
