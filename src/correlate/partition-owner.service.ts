import { Injectable } from '@nestjs/common';
import { SignalsTopic } from '../detect/signals-topic.service.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { EventLog } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { GroupRepository } from './group.repository.js';
import { Marks } from './marks.js';
import { OutboxRelay } from './outbox-relay.service.js';
import { GroupCache, type PartitionMemory } from './partition-memory.js';
import { PartitionRepository } from './partition.repository.js';
import { RelayClock } from './relay-clock.js';
import { Watermarks } from './watermarks.js';

/** Takes signals partitions over and lets them go. */
@Injectable()
export class PartitionOwner {
  private readonly memories = new Map<number, PartitionMemory>();

  constructor(
    private readonly database: Database,
    private readonly eventLog: EventLog,
    private readonly groups: GroupRepository,
    private readonly partitions: PartitionRepository,
    private readonly relay: OutboxRelay,
    private readonly signalsTopic: SignalsTopic,
  ) {}

  /** Takes these partitions over, sends what their last owner left unsent, and says where to read on. */
  async take(partitions: readonly number[]): Promise<ReadonlyMap<number, number | 'stop'>> {
    const starts = new Map(
      (await this.eventLog.offsets(SIGNALS_TOPIC)).map(({ partition, start }) => [partition, start]),
    );
    const positions = new Map<number, number | 'stop'>();
    for (const partition of partitions) {
      const memory = await this.load(partition, starts.get(partition) ?? 0);
      await this.relay.send(memory);
      this.memories.set(partition, memory);
      positions.set(partition, memory.isStopped ? 'stop' : memory.position);
    }
    return positions;
  }

  release(partitions: readonly number[]): void {
    for (const partition of partitions) this.memories.delete(partition);
  }

  /** Remembers that it cannot be read on: a log that was replaced may later have grown past its position. */
  async stop(partition: number, now: Date): Promise<void> {
    const memory = this.memories.get(partition);
    if (memory === undefined) return;
    await this.database.transaction(system('correlate'), (tx) => this.partitions.stop(tx, memory, now));
  }

  /** The partitions that this process holds now. */
  held(): readonly PartitionMemory[] {
    return [...this.memories.values()];
  }

  /** Undefined when this process does not hold the partition, or must load it again first. */
  find(partition: number): PartitionMemory | undefined {
    const memory = this.memories.get(partition);
    return memory === undefined || memory.isStale ? undefined : memory;
  }

  /** Whether nobody else has taken the partition over, whatever state its memory is in. */
  async holds(partition: number): Promise<boolean> {
    const memory = this.memories.get(partition);
    if (memory === undefined) return false;
    return this.database.transaction(system('correlate'), async (tx) =>
      (await this.partitions.lock(tx, [memory])).has(memory),
    );
  }

  private async load(partition: number, startOffset: number): Promise<PartitionMemory> {
    await this.database.transaction(system('correlate'), async (tx) => {
      await this.partitions.raiseEpoch(tx, partition, startOffset);
      await this.signalsTopic.check(tx);
    });
    return this.database.transaction(system('correlate'), async (tx) => {
      const stored = await this.partitions.load(tx, partition);
      const outbox = await this.partitions.outbox(tx, partition);
      const next = (await this.groups.nextDue(tx, [partition])).get(partition);
      return {
        partition,
        epoch: stored.epoch,
        isStopped: stored.isStopped,
        position: stored.position,
        marks: new Marks(await this.partitions.marks(tx, partition)),
        watermarks: new Watermarks(stored.watermarks, stored.clockMs),
        relayClock: new RelayClock(this.signalsTopic.partitions),
        settledMs: 0,
        groups: new GroupCache(),
        nextDueMs: next?.dueMs,
        nextHeldMs: next?.heldMs,
        outboxSequence: stored.outboxSequence,
        outbox,
        relayedTo: (outbox[0]?.sequence ?? stored.outboxSequence + 1) - 1,
        clearedTo: (outbox[0]?.sequence ?? stored.outboxSequence + 1) - 1,
        counts: [],
        seen: [],
        work: [],
        committedMs: stored.clockMs,
        countedMs: stored.clockMs,
        isStale: false,
      };
    });
  }
}
