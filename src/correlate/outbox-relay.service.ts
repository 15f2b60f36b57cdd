import { Injectable } from '@nestjs/common';
import { encodeMessage } from '../detect/signal-message.js';
import { SignalsTopic } from '../detect/signals-topic.service.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { EventLog } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { type PartitionMemory, TO_DEAD_LETTERS } from './partition-memory.js';
import { PartitionRepository } from './partition.repository.js';
import { decodeAside } from './put-aside.js';

/** Sends committed firings on to the correlations that they feed, in order. A repeat after a crash is dropped by its origin. */
@Injectable()
export class OutboxRelay {
  constructor(
    private readonly database: Database,
    private readonly eventLog: EventLog,
    private readonly partitions: PartitionRepository,
    private readonly signalsTopic: SignalsTopic,
  ) {}

  async send(memory: PartitionMemory): Promise<void> {
    const waiting = memory.outbox;
    if (waiting.length === 0) return;
    await this.eventLog.append(
      waiting.map(({ targetPartition, message }) =>
        targetPartition === TO_DEAD_LETTERS
          ? decodeAside(message)
          : { topic: SIGNALS_TOPIC, partition: targetPartition, key: null, value: message },
      ),
    );
    memory.relayedTo = waiting.at(-1)?.sequence ?? memory.relayedTo;
    memory.outbox = [];
  }

  /** Tells every partition how far these have come, so that what others feed there can take time for passed. */
  async tell(memories: readonly PartitionMemory[]): Promise<void> {
    const clocks = memories
      .filter(({ settledMs, isStale }) => settledMs > 0 && !isStale)
      .map(({ partition, settledMs }): [number, number] => [partition, settledMs]);
    if (clocks.length === 0) return;
    const value = encodeMessage({ v: 1, kind: 'relayed', clocks });
    await this.eventLog.append(
      Array.from({ length: this.signalsTopic.partitions }, (_, partition) => {
        return { topic: SIGNALS_TOPIC, partition, key: null, value };
      }),
    );
  }

  /** Takes out of the books what was acknowledged, whether or not more signals come: a resize waits until nothing is left there. */
  async clear(memories: readonly PartitionMemory[]): Promise<void> {
    const sent = memories
      .filter(({ relayedTo, clearedTo }) => relayedTo > clearedTo)
      .map((memory) => ({ memory, partition: memory.partition, epoch: memory.epoch, relayedTo: memory.relayedTo }));
    if (sent.length === 0) return;
    await this.database.transaction(system('correlate'), async (tx) => {
      const owned = await this.partitions.lock(tx, sent);
      await this.partitions.clearOutbox(
        tx,
        sent.filter((one) => owned.has(one)),
      );
    });
    for (const { memory, relayedTo } of sent) memory.clearedTo = relayedTo;
  }
}
