import type { Kafka } from 'kafkajs';
import { clusterOf } from './kafka-connection.js';

/** A call of kafkajs' brokers that its types leave out. */
interface GroupLeaver {
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
}

/**
 * Takes a member out of its group. By connections of their own: those of a consumer ask about all its topics first, and fail when one of them
 * is gone, which may be what its crash came from.
 */
export async function leaveGroup(kafka: Kafka, groupId: string, memberId: string): Promise<void> {
  const cluster = clusterOf(kafka);
  try {
    await cluster.connect();
    const coordinator = (await cluster.findGroupCoordinator({ groupId })) as unknown as GroupLeaver;
    await coordinator.leaveGroup({ groupId, memberId });
  } finally {
    await cluster.disconnect();
  }
}
