import kafkajs, { type Admin, type Cluster, type ITopicConfig, type Kafka, type KafkaMessage } from 'kafkajs';
import { DomainError } from '../../errors/domain-error.js';
import type { Log } from '../../logging/logging.js';
import { RETRY, type RetryTimes } from '../delivery.js';
import {
  EventLog,
  type AssignedOptions,
  type GroupOptions,
  type LogReader,
  type LogRecord,
  type OutgoingMessage,
  type PartitionOffsets,
  type Position,
  type TopicInfo,
  type TopicSpec,
} from '../event-log.js';
import { parseSiloTopic, SIGNALS_RETENTION_MS, SIGNALS_TOPIC } from '../topics.js';
import { recordsOf } from './fetch-answers.js';
import { KafkaAppender } from './kafka-appender.js';
import { clusterOf, newKafka, type KafkaOptions } from './kafka-connection.js';
import { classify, protocolError } from './kafka-errors.js';
import { KafkaReader } from './kafka-reader.js';

export interface KafkaEventLogOptions extends KafkaOptions {
  /** How often new topics are looked for; 5 s unless a test is in a hurry. */
  readonly discoverEveryMs?: number;
  readonly retry?: RetryTimes;
}

const TOPIC_WAIT_MS = 30_000;
const READ_BYTES = 4 * 1024 * 1024;

/** The log on a Kafka of its own. */
export class KafkaEventLog extends EventLog {
  readonly #options: KafkaEventLogOptions;
  readonly #log: Log;
  readonly #appender: KafkaAppender;
  readonly #readers = new Set<LogReader>();
  #admin: Promise<Admin> | undefined;
  #cluster: Promise<Cluster> | undefined;

  constructor(options: KafkaEventLogOptions, log: Log) {
    super();
    this.#options = options;
    this.#log = log;
    this.#appender = new KafkaAppender(() => this.#newKafka());
  }

  override async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    await this.#withAdmin('creation of topics', async (admin) => {
      const existing = new Map((await this.listTopics()).map((topic) => [topic.name, topic.partitions]));
      for (const { name, partitions } of specs) {
        const found = existing.get(name);
        if (found !== undefined && found !== partitions) {
          throw new DomainError('EVENT_LOG_TOPIC_DIFFERS', `${name} has ${found} partitions, not ${partitions}`);
        }
      }
      const missing = specs.filter(({ name }) => !existing.has(name));
      if (missing.length === 0) return;
      try {
        // kafkajs' own waiting rejects although the topics are made; we look ourselves.
        await admin.createTopics({ topics: missing.map(topicConfig), waitForLeaders: false, timeout: 15_000 });
      } catch (error) {
        // Another instance was quicker with some of them; the others are made all the same.
        if (!isExisting(error)) throw error;
      }
      await this.#untilUsable(admin, missing);
    });
  }

  override async deleteTopics(names: readonly string[]): Promise<void> {
    await this.#withAdmin('deletion of topics', async (admin) => {
      const existing = new Set(await admin.listTopics());
      const present = names.filter((name) => existing.has(name));
      if (present.length > 0) await admin.deleteTopics({ topics: present, timeout: 15_000 });
    });
  }

  override async listTopics(): Promise<readonly TopicInfo[]> {
    return this.#withAdmin('list of topics', async (admin) => {
      const { topics } = await admin.fetchTopicMetadata();
      return topics
        .filter(({ name }) => !name.startsWith('__'))
        .map(({ name, partitions }) => ({ name, partitions: partitions.length }));
    });
  }

  override async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    return this.#withAdmin(`offsets of ${topic}`, async (admin) => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets
        .map(({ partition, low, high }) => ({ partition, start: Number(low), end: Number(high) }))
        .sort((a, b) => a.partition - b.partition);
    });
  }

  override async append(messages: readonly OutgoingMessage[]): Promise<readonly Position[]> {
    return this.#appender.append(messages);
  }

  override async read(topic: string, partition: number, from: number, limit: number): Promise<readonly LogRecord[]> {
    return twice(`read of ${topic}`, async () => {
      try {
        return await readStretch(await this.#connectedCluster(), topic, partition, from, limit);
      } catch (error) {
        await this.#dropCluster();
        throw error;
      }
    });
  }

  override async consume(options: GroupOptions): Promise<LogReader> {
    return this.#start({ ...options, groups: options.groups ?? 1 });
  }

  override async consumeAssigned(options: AssignedOptions): Promise<LogReader> {
    const { onAssigned, onRevoked, topic } = options;
    const owner = { onAssigned, onRevoked };
    return this.#start({ ...options, groups: 1, topics: () => Promise.resolve([topic]), owner });
  }

  override async weaknesses(): Promise<readonly string[]> {
    return this.#withAdmin('description of topics', async (admin) => {
      const { topics } = await admin.fetchTopicMetadata();
      const ours = topics.filter(({ name }) => name === SIGNALS_TOPIC || parseSiloTopic(name) !== undefined);
      if (ours.length === 0) return [];
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: ours.map(({ name }) => ({
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name,
          configNames: ['min.insync.replicas', 'retention.ms'],
        })),
      });
      const settings = new Map(resources.map(({ resourceName, configEntries }) => [resourceName, configEntries]));
      return ours.flatMap(({ name, partitions }) => {
        const setting = (wanted: string): number =>
          Number(settings.get(name)?.find(({ configName }) => configName === wanted)?.configValue);
        const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
        return weaknessesOf(name, replicas, setting('min.insync.replicas'), setting('retention.ms'));
      });
    });
  }

  override async answers(): Promise<boolean> {
    return this.#withAdmin('list of topics', async (admin) => {
      await admin.describeCluster();
      return true;
    }).catch(() => false);
  }

  override async close(): Promise<void> {
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.#appender.close();
    await this.#dropAdmin();
    await this.#dropCluster();
  }

  #newKafka(clientId?: string): Kafka {
    return newKafka(this.#options, this.#log, clientId);
  }

  async #start(
    options: Omit<GroupOptions, 'groups'> & {
      groups: number;
      owner?: Pick<AssignedOptions, 'onAssigned' | 'onRevoked'>;
    },
  ): Promise<LogReader> {
    const reader = new KafkaReader({
      ...options,
      newKafka: (clientId) => this.#newKafka(clientId),
      existing: async (names) => {
        const existing = new Set((await this.listTopics()).map(({ name }) => name));
        return names.filter((name) => existing.has(name));
      },
      discoverEveryMs: this.#options.discoverEveryMs ?? 5_000,
      retry: this.#options.retry ?? RETRY,
      log: this.#log,
      onFailure: options.onFailure ?? (() => undefined),
      onOutOfRange: options.onOutOfRange ?? (() => Promise.resolve('stop' as const)),
      onRebalanced: options.onRebalanced ?? (() => undefined),
    });
    this.#readers.add(reader);
    await reader.start();
    return reader;
  }

  /**
   * Runs `work` with a connected admin client. kafkajs' clients do not recover from every failure, and one that remembers a topic that is
   * gone fails for all others: so a second try is made with a new one.
   */
  async #withAdmin<T>(doing: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    return twice(doing, async () => {
      try {
        this.#admin ??= this.#connectAdmin();
        return await work(await this.#admin);
      } catch (error) {
        await this.#dropAdmin();
        throw error;
      }
    });
  }

  async #connectAdmin(): Promise<Admin> {
    const admin = this.#newKafka().admin();
    await admin.connect();
    return admin;
  }

  async #dropAdmin(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.then((connected) => connected.disconnect()).catch(() => undefined);
  }

  async #connectedCluster(): Promise<Cluster> {
    this.#cluster ??= (async () => {
      const cluster = clusterOf(this.#newKafka());
      await cluster.connect();
      return cluster;
    })();
    return this.#cluster;
  }

  async #dropCluster(): Promise<void> {
    const cluster = this.#cluster;
    this.#cluster = undefined;
    await cluster?.then((connected) => connected.disconnect()).catch(() => undefined);
  }

  async #untilUsable(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
    const deadline = performance.now() + TOPIC_WAIT_MS;
    const names = specs.map(({ name }) => name);
    for (;;) {
      const answer = await admin.fetchTopicMetadata({ topics: names }).catch((error: unknown) => {
        if (protocolError(error) === 'UNKNOWN_TOPIC_OR_PARTITION' || protocolError(error) === 'LEADER_NOT_AVAILABLE') {
          return undefined;
        }
        throw error;
      });
      const isUsable = specs.every(({ name, partitions }) => {
        const found = answer?.topics.find((topic) => topic.name === name)?.partitions ?? [];
        return found.length === partitions && found.every(({ leader }) => leader >= 0);
      });
      if (isUsable) return;
      if (performance.now() > deadline) {
        throw new DomainError('EVENT_LOG_UNAVAILABLE', `${names.join(', ')}: created, but without a leader yet`, {
          retryable: true,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A second try after what a new connection may cure; the failure is then ours, by its code. */
async function twice<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = classify(error, doing);
    if (!failure.retryable && failure.code !== 'EVENT_LOG_UNKNOWN_TOPIC') throw failure;
  }
  return work().catch((error: unknown) => {
    throw classify(error, doing);
  });
}

async function readStretch(
  cluster: Cluster,
  topic: string,
  partition: number,
  from: number,
  limit: number,
): Promise<readonly LogRecord[]> {
  await cluster.addMultipleTargetTopics([topic]);
  const leader = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))[0];
  if (leader === undefined) throw new DomainError('EVENT_LOG_UNKNOWN_TOPIC', `${topic} has no partition ${partition}`);
  const broker = await cluster.findBroker({ nodeId: leader });
  const records: LogRecord[] = [];
  for (let next = from; records.length < limit;) {
    const answer = (await broker.fetch({
      maxWaitTime: 100,
      minBytes: 1,
      maxBytes: READ_BYTES,
      isolationLevel: 1,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(next), maxBytes: READ_BYTES }] }],
    })) as FetchAnswer;
    const fresh = recordsOf(answer.responses[0]?.partitions[0]?.messages ?? [], next);
    records.push(...fresh.slice(0, limit - records.length));
    const last = fresh.at(-1);
    if (last === undefined) break;
    next = last.offset + 1;
  }
  return records;
}

interface FetchAnswer {
  readonly responses: readonly {
    readonly partitions: readonly { readonly messages: readonly KafkaMessage[] }[];
  }[];
}

function topicConfig(spec: TopicSpec): ITopicConfig {
  const entries = [
    // Stored unpacked, whatever a writer sends: we need no codec for what shippers choose, and a batch that would swell beyond
    // max.message.bytes is refused by the broker instead of filling our memory.
    { name: 'compression.type', value: 'uncompressed' },
    { name: 'message.timestamp.type', value: spec.timestamps === 'arrival' ? 'LogAppendTime' : 'CreateTime' },
    ...(spec.retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(spec.retentionMs) }]),
    ...(spec.maxMessageBytes === undefined ? [] : [{ name: 'max.message.bytes', value: String(spec.maxMessageBytes) }]),
  ];
  // The cluster's default replication: one for a single broker, three where it matters.
  return { topic: spec.name, numPartitions: spec.partitions, replicationFactor: -1, configEntries: entries };
}

function isExisting(error: unknown): boolean {
  const inner = (error as { errors?: readonly unknown[] }).errors ?? [error];
  return inner.every((one) => protocolError(one) === 'TOPIC_ALREADY_EXISTS');
}

/** What makes a topic unfit to be the only copy of a customer's events. */
export function weaknessesOf(
  topic: string,
  replicas: number,
  minInsync: number,
  retentionMs: number,
): readonly string[] {
  const found: string[] = [];
  if (replicas < 3) found.push(`${topic}: ${replicas} of at least 3 replicas`);
  if (minInsync < 2) found.push(`${topic}: min.insync.replicas is ${minInsync}, not at least 2`);
  if (topic === SIGNALS_TOPIC && retentionMs !== -1 && retentionMs < SIGNALS_RETENTION_MS) {
    found.push(`${topic}: retention.ms is ${retentionMs}, less than 7 days`);
  }
  return found;
}
