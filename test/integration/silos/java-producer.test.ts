import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KafkaAccess } from '../../../src/platform/event-log/kafka/kafka-access.js';
import { KafkaEventLog } from '../../../src/platform/event-log/kafka/kafka-event-log.js';
import { siloTopic } from '../../../src/platform/event-log/topics.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { type IssuedCredential } from '../../../src/silos/silo-provisioning.service.js';
import { siloTermsSchema } from '../../../src/silos/silo.schema.js';
import { testDatabase, type TestDatabase } from '../../harness/database.js';
import { resolveJars } from '../../harness/maven.js';
import { kafkaAddress, testTenant } from '../../harness/servers.js';
import { brokerAs, OPERATOR, provisioningOf } from './provisioning.js';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
/** Long and alike, so that packing changes them. */
const lines = (codec: string): string[] =>
  Array.from({ length: 40 }, (_, n) => `${codec} ${n} ${'GET /invoices HTTP/1.1 '.repeat(20)}`);

describe("Kafka's own Java producer, idempotent as it is by default, under a silo's credential", () => {
  let db: TestDatabase;
  let eventLog: KafkaEventLog;
  let access: KafkaAccess;
  let folder: string;
  let shipper: IssuedCredential;
  let topic: string;

  beforeAll(async () => {
    const log = new PinoLog('silent');
    db = await testDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'silowatch-producer-'));
    eventLog = new KafkaEventLog(brokerAs(), log);
    access = new KafkaAccess(brokerAs(), log);
    const tenant = testTenant();
    topic = siloTopic(tenant, 'access');
    const { issued } = await provisioningOf(db.database, eventLog, access).add(
      siloTermsSchema.parse({ tenant }),
      OPERATOR,
    );
    shipper = issued.find(({ kind }) => kind === 'shipper')!;
  });
  afterAll(async () => {
    await Promise.all([eventLog.close(), access.close(), db.drop(), rm(folder, { recursive: true, force: true })]);
  });

  async function produce(codec: string): Promise<void> {
    const config = path.join(folder, `${codec}.properties`);
    const { principal, password } = shipper;
    await writeFile(
      config,
      `security.protocol=SASL_PLAINTEXT
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${principal}" password="${password}";
linger.ms=200
`,
      { mode: 0o600 },
    );
    const { kafkaClassPath } = await resolveJars();
    const command = ['-XX:TieredStopAtLevel=1', '-cp', kafkaClassPath, 'org.apache.kafka.tools.ConsoleProducer'];
    const to = ['--bootstrap-server', kafkaAddress().brokers, '--topic', topic];
    await new Promise<void>((resolve, reject) => {
      const child = execFile(
        'java',
        [...command, ...to, '--compression-codec', codec, '--producer.config', config],
        (error, _stdout, stderr) => {
          // It ends with 0 although nothing was taken.
          if (error !== null || /error|exception/i.test(stderr)) reject(error ?? new Error(stderr));
          else resolve();
        },
      );
      child.stdin?.end(`${lines(codec).join('\n')}\n`);
    });
  }

  it('may pack its records in any way that Kafka knows: the broker keeps them unpacked, and all are read', async () => {
    await Promise.all(CODECS.map(produce));
    const read = await eventLog.read(topic, 0, 0, 1_000);
    expect(read.map(({ value }) => String(value)).sort()).toEqual(CODECS.flatMap(lines).sort());
  });
});
