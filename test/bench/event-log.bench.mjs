// Raw speed of both logs, without any stage: node test/bench/event-log.bench.mjs [records]
// Starts its own Kafka and Postgres; prints records per second appended (batches of 500, four callers) and read by one group.
import '../harness/source-hooks.mjs';

const { startServers } = await import('../harness/start-servers.ts');
const { stopAll } = await import('../harness/running.ts');
const { SystemClock } = await import('../../src/platform/clock/clock.ts');
const { Secret } = await import('../../src/platform/config/secret.ts');
const { EmbeddedEventLog } = await import('../../src/platform/event-log/embedded/embedded-event-log.ts');
const { KafkaEventLog } = await import('../../src/platform/event-log/kafka/kafka-event-log.ts');
const { PinoLog } = await import('../../src/platform/logging/logging.ts');

const RECORDS = Number(process.argv[2] ?? 100_000);
const BATCH = 500;
const PARTITIONS = 4;
const line =
  '203.0.113.9 - - [01/Mar/2026:09:30:00 +0000] "GET /invoices/4711 HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (X11; Linux x86_64)"'.padEnd(
    200,
  );

async function measure(name, log) {
  const topic = 'silo.bench.access';
  await log.ensureTopics([{ name: topic, partitions: PARTITIONS, timestamps: 'arrival' }]);
  const startedAt = performance.now();
  const caller = async (partition) => {
    const messages = Array.from({ length: BATCH }, () => ({ topic, partition, key: null, value: line }));
    for (let sent = 0; sent < RECORDS / PARTITIONS; sent += BATCH) await log.append(messages);
  };
  await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => caller(partition)));
  const appendedAt = performance.now();
  let read = 0;
  let firstAt = 0;
  await new Promise((resolve) => {
    void log.consume({
      group: 'bench',
      topics: async () => [topic],
      handler: async ({ records }) => {
        if (read === 0) firstAt = performance.now();
        read += records.length;
        if (read >= RECORDS) resolve();
      },
    });
  });
  const readMs = performance.now() - firstAt;
  const perSecond = (ms) => Math.round(RECORDS / (ms / 1000));
  console.log(
    JSON.stringify({
      log: name,
      records: RECORDS,
      appendedPerSecond: perSecond(appendedAt - startedAt),
      readPerSecond: perSecond(readMs),
    }),
  );
  await log.close();
}

process.env.TEST_SERVERS = 'postgres,kafka';
await startServers();
try {
  const { serviceUrl, kafka } = JSON.parse(process.env.SILOWATCH_TEST_SERVERS);
  const silent = new PinoLog('silent');
  await measure('postgres', new EmbeddedEventLog({ url: serviceUrl }, new SystemClock(), silent));
  const credentials = { username: kafka.username, password: new Secret(kafka.password) };
  await measure('kafka', new KafkaEventLog({ brokers: kafka.brokers.split(','), credentials }, silent));
} finally {
  await stopAll();
}
