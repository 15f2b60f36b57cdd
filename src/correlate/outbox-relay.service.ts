import { Injectable } from '@nestjs/common';
import { EventLog } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import type { PartitionMemory } from './partition-memory.js';

/** Sends committed firings on to the correlations that they feed, in order. A repeat after a crash is dropped by its origin. */
@Injectable()
export class OutboxRelay {
  constructor(private readonly eventLog: EventLog) {}

  async send(memory: PartitionMemory): Promise<void> {
    const waiting = memory.outbox;
    if (waiting.length === 0) return;
    await this.eventLog.append(
      waiting.map(({ targetPartition, message }) => {
        return { topic: SIGNALS_TOPIC, partition: targetPartition, key: null, value: message };
      }),
    );
    memory.relayedTo = waiting.at(-1)?.sequence ?? memory.relayedTo;
    memory.outbox = [];
  }
}
