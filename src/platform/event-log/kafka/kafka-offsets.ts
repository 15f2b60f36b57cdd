import type { Cluster, TopicOffsets } from 'kafkajs';
import type { PartitionOffsets } from '../event-log.js';
import { partitionKey } from '../reader-state.js';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

const grouped = (partitions: readonly TopicPartition[]): { topic: string; partitions: { partition: number }[] }[] => {
  const topics = new Map<string, { partition: number }[]>();
  for (const { topic, partition } of partitions) {
    const list = topics.get(topic) ?? [];
    list.push({ partition });
    topics.set(topic, list);
  }
  return [...topics].map(([topic, list]) => ({ topic, partitions: list }));
};

const byKey = (offsets: readonly TopicOffsets[]): Map<string, number> =>
  new Map(
    offsets.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [partitionKey(topic, partition), Number(offset)] as const),
    ),
  );

/** Start and end of each partition's log; the cluster must know the topics. Two requests to each broker, however many topics. */
export async function logRanges(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<string, PartitionOffsets>> {
  const topics = grouped(partitions);
  const ask = async (fromBeginning: boolean): Promise<Map<string, number>> =>
    byKey(await cluster.fetchTopicsOffset(topics.map((topic) => ({ ...topic, fromBeginning }))));
  const [starts, ends] = [await ask(true), await ask(false)];
  const ranges = new Map<string, PartitionOffsets>();
  for (const { topic, partition } of partitions) {
    const at = partitionKey(topic, partition);
    const [start, end] = [starts.get(at), ends.get(at)];
    if (start === undefined || end === undefined) throw new Error(`Kafka does not tell the offsets of ${at}`);
    ranges.set(at, { partition, start, end });
  }
  return ranges;
}

/** What the group has committed; partitions without a position are absent. */
export async function committedPositions(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<string, number>> {
  const coordinator = await cluster.findGroupCoordinator({ groupId });
  // The types ask for an offset that the request does not have.
  const topics = grouped(partitions) as unknown as TopicOffsets[];
  const { responses } = await coordinator.offsetFetch({ groupId, topics });
  return new Map([...byKey(responses)].filter(([, offset]) => offset >= 0));
}
