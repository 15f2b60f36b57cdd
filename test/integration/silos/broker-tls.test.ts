import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { Secret } from '../../../src/platform/config/secret.js';
import { KafkaAccess } from '../../../src/platform/event-log/kafka/kafka-access.js';
import { KafkaEventLog } from '../../../src/platform/event-log/kafka/kafka-event-log.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { makeCertificate } from '../../harness/kafka.js';
import { kafkaAddress, testTenant } from '../../harness/servers.js';
import { until } from '../event-log/contract.js';

const log = new PinoLog('silent');

describe('the listener that speaks TLS', () => {
  const opened: { close(): Promise<void> }[] = [];
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'silowatch-tls-'));
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await rm(folder, { recursive: true, force: true });
  });

  const address = kafkaAddress();
  // The harness's own broker has it; one that tests are pointed at may not.
  const { tls = { brokers: address.brokers, ca: '' } } = address;
  const credentials = { username: address.username, password: new Secret(address.password) };
  const open = (brokers: string, trusted?: { ca?: string }): KafkaEventLog => {
    const eventLog = new KafkaEventLog(
      { brokers: brokers.split(','), credentials, ...(trusted === undefined ? {} : { tls: trusted }) },
      log,
    );
    opened.push(eventLog);
    return eventLog;
  };

  it('is reached by who trusts its certificate', async () => {
    expect(await open(tls.brokers, { ca: tls.ca }).answers()).toBe(true);
  });

  it('refuses who speaks plainly', async () => {
    expect(await open(tls.brokers).answers()).toBe(false);
  });

  it('is not trusted by who trusts another certificate, or the public ones', async () => {
    const stranger = await makeCertificate(folder);
    expect(await open(tls.brokers, { ca: stranger.ca }).answers()).toBe(false);
    expect(await open(tls.brokers, {}).answers()).toBe(false);
  });

  it('is not taken for the plain one', async () => {
    expect(await open(address.brokers, { ca: tls.ca }).answers()).toBe(false);
  });

  it('ends a connection that was opened under a password which has been replaced since', async () => {
    const access = new KafkaAccess({ brokers: address.brokers.split(','), credentials }, log);
    opened.push(access);
    const tenant = testTenant();
    const topic = `silo.${tenant}.access`;
    const principal = `silo.${tenant}.shipper`;
    await open(address.brokers).ensureTopics([{ name: topic, partitions: 1, timestamps: 'arrival' }]);
    await access.grant(principal, [{ resource: 'topic', name: topic, operations: ['write'] }]);
    await access.setPassword(principal, 'the-first-one');
    const producer = await producerOf(principal, 'the-first-one', topic);
    await access.setPassword(principal, 'the-second-one');
    await until('the old connection is refused', () => isRefused(producer, topic));
    // Not by chance, nor for a moment.
    for (let i = 0; i < 3; i += 1) expect(await isRefused(producer, topic)).toBe(true);
    const renewed = await producerOf(principal, 'the-second-one', topic);
    await access.remove(principal);
    await until('a right that was taken away ends on an open connection too', () => isRefused(renewed, topic));
  });

  const write = (producer: Producer, topic: string): Promise<unknown> =>
    producer.send({ topic, messages: [{ value: 'x', partition: 0 }] });

  const isRefused = (producer: Producer, topic: string): Promise<boolean> =>
    write(producer, topic).then(
      () => false,
      () => true,
    );

  /** A producer whose connection is open: it has written. */
  async function producerOf(username: string, password: string, topic: string): Promise<Producer> {
    const kafka = new Kafka({
      brokers: [tls.brokers],
      ssl: { ca: [tls.ca] },
      sasl: { mechanism: 'scram-sha-512', username, password },
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
    });
    let connected: Producer | undefined;
    // A new password takes a moment to reach the broker's memory.
    await until('the producer writes', async () => {
      const producer = kafka.producer({ allowAutoTopicCreation: false });
      try {
        await producer.connect();
        await write(producer, topic);
      } catch {
        await producer.disconnect();
        return false;
      }
      connected = producer;
      opened.push({ close: () => producer.disconnect() });
      return true;
    });
    if (connected === undefined) throw new Error('no producer');
    return connected;
  }
});
