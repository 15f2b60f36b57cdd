import type { Consumer } from 'kafkajs';
import type { Log } from '../../logging/logging.js';
import { newState, partitionKey, reasonOf, type PartitionState } from '../reader-state.js';

/** The partitions that a consumer holds, and what kafkajs is told of them: where to read, what to leave alone, what is done. */
export class HeldPartitions {
  readonly #consumer: Consumer;
  readonly #log: Log;
  #states = new Map<string, PartitionState>();
  #isPaused: boolean;

  constructor(consumer: Consumer, log: Log, isPaused: boolean) {
    this.#consumer = consumer;
    this.#log = log;
    this.#isPaused = isPaused;
  }

  get states(): readonly PartitionState[] {
    return [...this.#states.values()];
  }

  find(topic: string, partition: number): PartitionState | undefined {
    return this.#states.get(partitionKey(topic, partition));
  }

  /** Takes these in place of all before; nothing of them is fetched until `read`. */
  replace(assigned: Readonly<Record<string, readonly number[]>>): void {
    this.#states = new Map();
    for (const [topic, partitions] of Object.entries(assigned)) {
      for (const partition of partitions) {
        const state = newState(topic, partition);
        this.#states.set(partitionKey(topic, partition), state);
        this.rest(state);
      }
    }
  }

  /** Nothing is fetched until `resume`, whatever `read` says. */
  pause(): void {
    this.#isPaused = true;
    for (const state of this.#states.values()) this.rest(state);
  }

  resume(): void {
    this.#isPaused = false;
    for (const state of this.#states.values()) if (state.status === 'reading') this.#letGo(state);
  }

  isRead({ status }: PartitionState): boolean {
    return status === 'reading' && !this.#isPaused;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Nothing of it is fetched any more. */
  rest({ topic, partition }: PartitionState): void {
    this.#consumer.pause([{ topic, partitions: [partition] }]);
  }

  seek({ topic, partition, position }: PartitionState): void {
    this.#consumer.seek({ topic, partition, offset: String(position) });
  }

  /** It is read from where kafkajs stands. */
  read(state: PartitionState): void {
    state.status = 'reading';
    state.readingSinceMs = Date.now();
    if (!this.#isPaused) this.#letGo(state);
  }

  /** Commits what has moved. Never rejects: what is not committed is the next time. */
  async commit(): Promise<void> {
    const dirty = this.states.filter(({ position, committed }) => position >= 0 && position !== committed);
    if (dirty.length === 0) return;
    const positions = dirty.map(({ topic, partition, position }) => ({ topic, partition, offset: String(position) }));
    try {
      await this.#consumer.commitOffsets(positions);
      dirty.forEach((state, i) => (state.committed = Number(positions[i]?.offset)));
    } catch (error) {
      this.#log.debug({ event: 'event_log.commit_failed', error: reasonOf(error) }, 'positions not committed');
    }
  }

  #letGo({ topic, partition }: PartitionState): void {
    this.#consumer.resume([{ topic, partitions: [partition] }]);
  }
}
