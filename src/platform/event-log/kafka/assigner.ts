import { AssignerProtocol, type Cluster, type GroupMember, type PartitionAssigner } from 'kafkajs';

const NAME = 'SilowatchAssigner';
const VERSION = 0;

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: number;
}

/**
 * Gives each partition to the member with the fewest among those that asked for its topic. kafkajs' own assigner hands out the leader's
 * topics to everybody, and a member that had not asked for one drops it without a word.
 */
export function assign(
  subscriptions: ReadonlyMap<string, ReadonlySet<string>>,
  topics: readonly TopicPartitions[],
): ReadonlyMap<string, Record<string, number[]>> {
  const members = [...subscriptions.keys()].sort();
  const assigned = new Map<string, Record<string, number[]>>(members.map((member) => [member, {}]));
  const held = new Map(members.map((member) => [member, 0]));
  const count = (member: string): number => held.get(member) ?? 0;
  for (const { topic, partitions } of [...topics].sort((a, b) => (a.topic < b.topic ? -1 : 1))) {
    const able = members.filter((member) => subscriptions.get(member)?.has(topic) === true);
    if (able.length === 0) continue;
    for (let partition = 0; partition < partitions; partition += 1) {
      const taker = able.reduce((best, member) => (count(member) < count(best) ? member : best));
      const share = assigned.get(taker);
      if (share !== undefined) (share[topic] ??= []).push(partition);
      held.set(taker, count(taker) + 1);
    }
  }
  return assigned;
}

function subscriptionsOf(members: readonly GroupMember[]): Map<string, ReadonlySet<string>> {
  return new Map(
    members.map(({ memberId, memberMetadata }) => [
      memberId,
      new Set(AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? []),
    ]),
  );
}

/** The leader may be asked for topics that it has not heard of itself; those wait for the rebalance that it starts on hearing of them. */
async function partitionCounts(cluster: Cluster, topics: readonly string[]): Promise<TopicPartitions[]> {
  const unknown = topics.filter((topic) => cluster.findTopicPartitionMetadata(topic).length === 0);
  // A topic that is gone is not worth failing the whole group for.
  if (unknown.length > 0) await cluster.addMultipleTargetTopics(unknown).catch(() => undefined);
  return topics.map((topic) => ({ topic, partitions: cluster.findTopicPartitionMetadata(topic).length }));
}

export const silowatchAssigner: PartitionAssigner = ({ cluster }) => ({
  name: NAME,
  version: VERSION,
  async assign({ members }) {
    const subscriptions = subscriptionsOf(members);
    const topics = [...new Set([...subscriptions.values()].flatMap((names) => [...names]))];
    const assigned = assign(subscriptions, await partitionCounts(cluster, topics));
    return [...assigned].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment,
        userData: Buffer.alloc(0),
      }),
    }));
  },
  protocol: ({ topics }) => ({
    name: NAME,
    metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) }),
  }),
});
