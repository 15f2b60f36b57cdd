import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Secret } from '../../../src/platform/config/secret.js';
import { DomainError } from '../../../src/platform/errors/domain-error.js';
import { KafkaEventLog } from '../../../src/platform/event-log/kafka/kafka-event-log.js';
import type { Rebalance } from '../../../src/platform/event-log/event-log.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { startKafka, type RunningKafka } from '../../harness/kafka.js';
import { requireJava, resolveJars } from '../../harness/maven.js';
import { until } from './contract.js';

/** What is left of a stretch when repeats are dropped as a reader drops them: by keeping only what lies above all before. */
function withoutRepeats(values: readonly number[]): number[] {
  const kept: number[] = [];
  for (const value of values) if (value > (kept.at(-1) ?? -1)) kept.push(value);
  return kept;
}

describe('a broker that restarts under load', () => {
  let kafka: RunningKafka;
  let log: KafkaEventLog;
  beforeAll(async () => {
    await requireJava();
    const { kafkaClassPath } = await resolveJars();
    kafka = await startKafka(kafkaClassPath, await mkdtemp(path.join(tmpdir(), 'silowatch-kafka-')));
    const { brokers, username, password } = kafka.address;
    log = new KafkaEventLog(
      {
        brokers: [brokers],
        credentials: { username, password: new Secret(password) },
        discoverEveryMs: 500,
        retry: { firstMs: 100, mostMs: 1_000 },
      },
      new PinoLog('silent'),
    );
  }, 60_000);
  afterAll(async () => {
    await log.close();
    await kafka.server.stop();
  });

  it('loses nothing that was acknowledged, and shows nothing before what was appended earlier', async () => {
    const topic = 'silo.harbor.access';
    await log.ensureTopics([{ name: topic, partitions: 2, timestamps: 'arrival' }]);
    const seen: number[][] = [[], []];
    const position = [0, 0];
    const owned: number[][] = [[], []];
    const rebalances: Rebalance[] = [];
    const reader = await log.consume({
      group: 'group-kept-by-kafka',
      onRebalanced: (rebalance) => rebalances.push(rebalance),
      topics: () => Promise.resolve([topic]),
      handler: async ({ partition, records }) => {
        seen[partition]?.push(...records.map(({ value }) => Number(value)));
      },
    });
    await log.consumeAssigned({
      group: 'group-with-positions',
      topic,
      onAssigned: async (partitions) => new Map(partitions.map((partition) => [partition, position[partition] ?? 0])),
      onRevoked: () => Promise.resolve(),
      handler: async ({ partition, records }) => {
        owned[partition]?.push(...records.map(({ value }) => Number(value)));
        position[partition] = (records.at(-1)?.offset ?? 0) + 1;
      },
    });
    const writing = { isOver: false };
    let next = 0;
    const writer = (async () => {
      for (; !writing.isOver; next += 1) {
        const messages = [0, 1].map((partition) => ({ topic, partition, key: null, value: String(next) }));
        for (let isDone = false; !isDone;) {
          isDone = await log.append(messages).then(
            () => true,
            (error: unknown) => {
              if (error instanceof DomainError && error.retryable) return false;
              throw error;
            },
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await until('both read', () => seen.flat().length > 100 && owned.flat().length > 100);
    expect(rebalances).toEqual([
      { group: 'group-kept-by-kafka', partitions: 2, topics: [topic], seconds: expect.any(Number) as number },
    ]);
    expect(Math.max(...reader.positions().map(({ heardAgoMs }) => heardAgoMs))).toBeLessThan(5_000);
    const restarted = kafka.restart();
    await until('it shows that the broker is not heard', () =>
      reader.positions().every(({ heardAgoMs }) => heardAgoMs > 1_000),
    );
    await restarted;
    const before = next;
    await until('it is written again', () => next > before + 50, 40_000);
    writing.isOver = true;
    await writer;
    const whole = Array.from({ length: next }, (_, i) => i);
    const isWhole = (values: readonly number[] | undefined): boolean => withoutRepeats(values ?? []).length === next;
    await until('all are read', () => [...seen, ...owned].every(isWhole), 40_000);
    for (const values of [...seen, ...owned]) expect(withoutRepeats(values)).toEqual(whole);
    expect(rebalances.length).toBeGreaterThan(1);
    // Positions of one's own make each record arrive once; only the writer's repeats are left.
    const stored = await Promise.all([0, 1].map((partition) => log.read(topic, partition, 0, 1_000_000)));
    expect(owned).toEqual(stored.map((records) => records.map(({ value }) => Number(value))));
  }, 150_000);
});
