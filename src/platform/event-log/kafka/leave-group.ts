import type { Kafka } from 'kafkajs';
import { clusterOf } from './kafka-connection.js';

/** Calls of kafkajs' brokers that its types leave out. */
interface GroupCoordinator {
  describeGroups(request: { groupIds: readonly string[] }): Promise<{
    readonly groups: readonly {
      readonly members: readonly { readonly memberId: string; readonly clientId: string }[];
    }[];
  }>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
}

/**
 * Takes out of a group what joined it as `clientId`. The group is asked who that is, since kafkajs does not tell a member's id before the whole
 * join has worked. By connections of their own: those of a consumer ask about all its topics first, and fail when one of them is gone, which
 * may be what its crash came from.
 */
export async function leaveGroup(kafka: Kafka, groupId: string, clientId: string): Promise<void> {
  const cluster = clusterOf(kafka);
  try {
    await cluster.connect();
    const coordinator = (await cluster.findGroupCoordinator({ groupId })) as unknown as GroupCoordinator;
    const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
    for (const member of groups.flatMap(({ members }) => members)) {
      if (member.clientId === clientId) await coordinator.leaveGroup({ groupId, memberId: member.memberId });
    }
  } finally {
    await cluster.disconnect();
  }
}
