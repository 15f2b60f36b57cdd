import type { Log } from '../../logging/logging.js';
import { groupName, groupOf, retryDelayMs } from '../delivery.js';
import type { LogReader, ReaderPosition } from '../event-log.js';
import { positionsOf, reasonOf, stoppedOf, type StoppedPartition } from '../reader-state.js';
import { KafkaMember, type MemberOptions } from './kafka-member.js';

export interface KafkaReaderOptions extends Omit<MemberOptions, 'groupId'> {
  readonly group: string;
  readonly groups: number;
  readonly topics: () => Promise<readonly string[]>;
  /** Which of these exist. */
  readonly existing: (topics: readonly string[]) => Promise<readonly string[]>;
  /** New topics within this time are taken up together, since each time costs a rebalance. */
  readonly discoverEveryMs: number;
}

/** Readers of up to K groups, each one consumer that is made anew when its list of topics changes: kafkajs cannot subscribe while running. */
export class KafkaReader implements LogReader {
  readonly #options: KafkaReaderOptions;
  readonly #slots: Slot[];
  #timer: NodeJS.Timeout | undefined;
  #discovery: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: KafkaReaderOptions) {
    this.#options = options;
    this.#slots = Array.from(
      { length: options.groups },
      (_, index) => new Slot({ ...options, groupId: groupName(options.group, options.groups, index) }),
    );
  }

  async start(): Promise<void> {
    await this.refresh().catch((error: unknown) => this.#complain(error));
    this.#timer = setInterval(() => {
      this.refresh().catch((error: unknown) => this.#complain(error));
    }, this.#options.discoverEveryMs);
  }

  positions(): readonly ReaderPosition[] {
    return this.#slots.flatMap((slot) => positionsOf(slot.states, slot.heardAgoMs));
  }

  stopped(): readonly StoppedPartition[] {
    return this.#slots.flatMap((slot) => [...slot.broken(), ...stoppedOf(slot.states)]);
  }

  pause(): void {
    for (const slot of this.#slots) slot.pause();
  }

  resume(): void {
    for (const slot of this.#slots) slot.resume();
  }

  async refresh(): Promise<void> {
    if (this.#isClosed) return;
    this.#discovery ??= this.#discover().finally(() => (this.#discovery = undefined));
    await this.#discovery;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#discovery?.catch(() => undefined);
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  async #discover(): Promise<void> {
    const { topics, existing, groups } = this.#options;
    const wanted = [...new Set(await topics())];
    const known = new Set(this.#slots.flatMap((slot) => slot.topics));
    const isSame = wanted.length === known.size && wanted.every((topic) => known.has(topic));
    if (isSame && !this.#slots.some((slot) => slot.isBroken)) return;
    const present = await existing(wanted);
    const perSlot = this.#slots.map(() => [] as string[]);
    for (const topic of present) perSlot[groupOf(topic, groups)]?.push(topic);
    if (this.#isClosed) return;
    await Promise.all(this.#slots.map((slot, index) => slot.setTopics((perSlot[index] ?? []).sort())));
  }

  #complain(error: unknown): void {
    this.#options.log.warn({ event: 'event_log.discovery_failed', error }, 'the list of topics could not be read');
  }
}

/** A member that lived this long did not fail for what its predecessor failed for. */
const HEALTHY_MS = 60_000;

/** One group's place: the present member, or none while it has no topics or is about to be made again. */
class Slot {
  readonly #options: MemberOptions;
  readonly #log: Log;
  topics: readonly string[] = [];
  #member: KafkaMember | undefined;
  #changing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #startedAt = 0;
  #reason = '';
  #isPaused = false;
  #isClosed = false;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  get states(): KafkaMember['states'] {
    return this.#member?.states ?? [];
  }

  get heardAgoMs(): number {
    return this.#member?.heardAgoMs ?? Infinity;
  }

  get isBroken(): boolean {
    return this.#reason !== '';
  }

  broken(): readonly StoppedPartition[] {
    if (!this.isBroken) return [];
    return this.topics.map((topic) => ({ topic, partition: -1, reason: this.#reason }));
  }

  pause(): void {
    this.#isPaused = true;
    this.#member?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#member?.resume();
  }

  async setTopics(topics: readonly string[]): Promise<void> {
    const isSame = topics.length === this.topics.length && topics.every((topic, i) => topic === this.topics[i]);
    if (isSame) return;
    this.topics = topics;
    this.#failures = 0;
    await this.#renew();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#changing;
    await this.#member?.close();
    this.#member = undefined;
  }

  /** Closes the member, if there is one, and makes another for the present topics. Never rejects. */
  async #renew(): Promise<void> {
    clearTimeout(this.#timer);
    this.#changing = this.#changing.then(async () => {
      const old = this.#member;
      this.#member = undefined;
      await old?.close();
      if (this.#isClosed || this.topics.length === 0) {
        this.#reason = '';
        return;
      }
      const member = new KafkaMember(this.#options, this.#isPaused, (error) => {
        if (this.#member === member) this.#renewLater(error);
      });
      this.#member = member;
      try {
        this.#startedAt = performance.now();
        await member.start(this.topics);
        // kafkajs tells of a refused join by an event, and not here.
        if (!member.isBroken) this.#reason = '';
      } catch (error) {
        this.#renewLater(error);
      }
    });
    await this.#changing;
  }

  #renewLater(error: unknown): void {
    if (this.#isClosed) return;
    if (performance.now() - this.#startedAt > HEALTHY_MS) this.#failures = 0;
    this.#failures += 1;
    this.#reason = reasonOf(error);
    const { groupId, retry } = this.#options;
    const retryInMs = retryDelayMs(this.#failures, retry);
    this.#log.warn(
      { event: 'event_log.reader_restarts', groupId, retryInMs, error },
      'a reader of the log starts again',
    );
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renew(), retryInMs);
  }
}
