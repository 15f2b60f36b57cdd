import { AssignerProtocol, Kafka, logLevel } from 'kafkajs';
import { Secret } from '../../../src/platform/config/secret.js';
import { KafkaEventLog } from '../../../src/platform/event-log/kafka/kafka-event-log.js';
import { leaveGroup } from '../../../src/platform/event-log/kafka/leave-group.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { kafkaAddress, testTenant } from '../../harness/servers.js';
import { describeEventLog, until } from './contract.js';

function openKafka(): KafkaEventLog {
  const { brokers, username, password } = kafkaAddress();
  return new KafkaEventLog(
    {
      brokers: brokers.split(','),
      credentials: { username, password: new Secret(password) },
      discoverEveryMs: 200,
      retry: { firstMs: 50, mostMs: 500 },
    },
    new PinoLog(process.env['TEST_LOG_LEVEL'] ?? 'silent'),
  );
}

function clientOf(clientId: string): Kafka {
  const { brokers, username, password } = kafkaAddress();
  return new Kafka({
    clientId,
    brokers: brokers.split(','),
    sasl: { mechanism: 'scram-sha-512', username, password },
    logLevel: logLevel.NOTHING,
  });
}

async function deleteRecordsBelow(topic: string, partition: number, offset: number): Promise<void> {
  const admin = clientOf('test').admin();
  await admin.connect();
  // It knows the topic only after this.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  await admin.disconnect();
}

describeEventLog('Kafka', () => {
  const log = openKafka();
  const second = openKafka();
  return Promise.resolve({
    log,
    second,
    forgetBelow: deleteRecordsBelow,
    close: async () => {
      await Promise.all([log.close(), second.close()]);
    },
  });
});

describe('Kafka', () => {
  it('is reached over TLS with the certificate that is configured, and not without', async () => {
    const { tls, username, password } = kafkaAddress();
    if (tls === undefined) return;
    const over = (ca: object): KafkaEventLog =>
      new KafkaEventLog(
        { brokers: [tls.brokers], credentials: { username, password: new Secret(password) }, tls: ca },
        new PinoLog('silent'),
      );
    const trusting = over({ ca: tls.ca });
    const wary = over({});
    try {
      expect(await trusting.answers()).toBe(true);
      expect(await wary.answers()).toBe(false);
    } finally {
      await trusting.close();
      await wary.close();
    }
  });

  it('reads partitions that are added to a topic while it is read', async () => {
    const log = openKafka();
    const admin = clientOf('test').admin();
    const topic = `silo.${testTenant()}.access`;
    const put = (partition: number, value: string): Promise<unknown> =>
      log.append([{ topic, partition, key: null, value }]);
    try {
      await admin.connect();
      await log.ensureTopics([{ name: topic, partitions: 1, timestamps: 'arrival' }]);
      const seen = new Set<string>();
      const reader = await log.consume({
        group: topic,
        groups: 1,
        topics: () => Promise.resolve([topic]),
        handler: ({ records }) => {
          for (const { value } of records) seen.add(value?.toString() ?? '');
          return Promise.resolve();
        },
      });
      await put(0, 'old');
      await until('the first partition is read', () => seen.has('old'));
      await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
      await until('the log knows them', async () => (await log.offsets(topic)).length === 3);
      await Promise.all([put(1, 'one'), put(2, 'two'), put(0, 'zero')]);
      await until('they are read', () => ['one', 'two', 'zero'].every((value) => seen.has(value)), 25_000);
      expect(
        reader
          .positions()
          .map(({ partition }) => partition)
          .sort(),
      ).toEqual([0, 1, 2]);
      await log.deleteTopics([topic]);
    } finally {
      await admin.disconnect();
      await log.close();
    }
  });

  it('refuses a wrong password for good', async () => {
    const { brokers, username } = kafkaAddress();
    const log = new KafkaEventLog(
      { brokers: brokers.split(','), credentials: { username, password: new Secret('wrong') } },
      new PinoLog('silent'),
    );
    try {
      await expect(log.listTopics()).rejects.toMatchObject({ code: 'EVENT_LOG_NOT_ALLOWED', retryable: false });
    } finally {
      await log.close();
    }
  });

  it('takes a member out of its group that failed on the way in, and no other', async () => {
    const log = openKafka();
    const topic = `silo.${testTenant()}.access`;
    await log.ensureTopics([{ name: topic, partitions: 1, timestamps: 'arrival' }]);
    const groupId = `leaving-${topic}`;
    const admin = clientOf('test').admin();
    await admin.connect();
    const members = async (): Promise<string[]> =>
      (await admin.describeGroups([groupId])).groups.flatMap((group) => group.members.map(({ clientId }) => clientId));
    const consumer = clientOf('failing').consumer({
      groupId,
      retry: { retries: 0, restartOnFailure: () => Promise.resolve(false) },
      partitionAssigners: [
        () => ({
          name: 'failing',
          version: 0,
          // Asked of the leader once it has joined.
          assign: () => Promise.reject(new Error('a topic is gone')),
          protocol: ({ topics }) => ({
            name: 'failing',
            metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
          }),
        }),
      ],
    });
    try {
      const crashed = new Promise((resolve) => consumer.on(consumer.events.CRASH, resolve));
      await consumer.connect();
      await consumer.subscribe({ topics: [topic] });
      await consumer.run({ eachMessage: () => Promise.resolve() });
      await crashed;
      await consumer.disconnect();
      expect(await members()).toEqual(['failing']);
      await leaveGroup(clientOf('test'), groupId, 'another');
      expect(await members()).toEqual(['failing']);
      await leaveGroup(clientOf('test'), groupId, 'failing');
      expect(await members()).toEqual([]);
    } finally {
      await admin.disconnect();
      await log.deleteTopics([topic]);
      await log.close();
    }
  });

  it('tells that a single broker is no place for the only copy', async () => {
    const log = openKafka();
    try {
      const topic = 'silo.weak.access';
      await log.ensureTopics([{ name: topic, partitions: 1, timestamps: 'arrival' }]);
      expect(await log.weaknesses()).toEqual(
        expect.arrayContaining([
          `${topic}: 1 of at least 3 replicas`,
          `${topic}: min.insync.replicas is 1, not at least 2`,
        ]),
      );
      await log.deleteTopics([topic]);
    } finally {
      await log.close();
    }
  });
});
