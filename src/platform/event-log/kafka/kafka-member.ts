import { randomUUID } from 'node:crypto';
import type { Cluster, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Log } from '../../logging/logging.js';
import { deliver, fail } from '../deliver.js';
import { AT_ONCE, isOutOfRange, type RetryTimes } from '../delivery.js';
import {
  Fenced,
  type BatchHandler,
  type OutOfRange,
  type PartitionFailure,
  type PartitionOffsets,
  type Rebalance,
} from '../event-log.js';
import { partitionKey, reasonOf, stopByOwner, type PartitionState } from '../reader-state.js';
import { silowatchAssigner } from './assigner.js';
import { recordsOf } from './fetch-answers.js';
import { FetchRounds } from './fetch-rounds.js';
import { HeldPartitions } from './held-partitions.js';
import { committedPositions, logRanges } from './kafka-offsets.js';
import { leaveGroup } from './leave-group.js';

/** With kafkajs' default of 5 s a resumed partition waits for seconds. */
const MAX_WAIT_MS = 250;
/** Some milliseconds of ordinary lines and up to 0.3 s of costly ones, so that a busy partition gets no more than its turn; and few enough answers to wait for. */
const MAX_PARTITION_BYTES = 1024 * 1024;
const COMMIT_EVERY_MS = 1_000;
/** Partitions that are added to a topic are unread, and in no lag, until it is asked about again: by kafkajs' default after five minutes. */
const METADATA_AGE_MS = 10_000;

export interface MemberOptions {
  readonly newKafka: (clientId?: string) => Kafka;
  readonly groupId: string;
  readonly handler: BatchHandler;
  readonly atOnce?: number;
  readonly leastBatch?: number;
  readonly retry: RetryTimes;
  readonly log: Log;
  readonly onFailure: (failure: PartitionFailure) => void;
  readonly onOutOfRange: (fault: OutOfRange) => Promise<number | 'stop'>;
  readonly onRebalanced: (rebalance: Rebalance) => void;
  /** Present when the caller keeps the positions. */
  readonly owner?: {
    readonly onAssigned: (partitions: readonly number[]) => Promise<ReadonlyMap<number, number | 'stop'>>;
    readonly onRevoked: (partitions: readonly number[]) => Promise<void>;
  };
}

/** One kafkajs consumer and the partitions it holds, for as long as its list of topics stays the same. */
export class KafkaMember {
  readonly #options: MemberOptions;
  readonly #onBroken: (error: unknown) => void;
  readonly #consumer: Consumer;
  #cluster: Cluster | undefined;
  readonly #held: HeldPartitions;
  /** Counts assignments: what was begun under an older one must not touch the partitions any more. */
  #assignment = 0;
  #loading: Promise<void> = Promise.resolve();
  #isClosing = false;
  #isBroken = false;
  #commitTimer: NodeJS.Timeout | undefined;
  #heardAt = -Infinity;
  #rebalancingSince: number | undefined;
  readonly #fetchRounds = new FetchRounds();
  /** Of this member alone, by which the group knows it. */
  readonly #clientId = `silowatch-${randomUUID()}`;

  /** `onBroken`: this member is of no more use; make another (after a crash of the consumer, or fenced). */
  constructor(options: MemberOptions, isPaused: boolean, onBroken: (error: unknown) => void) {
    this.#options = options;
    this.#onBroken = onBroken;
    this.#consumer = options.newKafka(this.#clientId).consumer({
      groupId: options.groupId,
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_AGE_MS,
      partitionAssigners: [
        (assignerOptions) => {
          this.#cluster = assignerOptions.cluster;
          return silowatchAssigner(assignerOptions);
        },
      ],
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytesPerPartition: MAX_PARTITION_BYTES,
      // How long the group waits for a member that ended without a word.
      sessionTimeout: 15_000,
      rebalanceTimeout: 30_000,
      // A rebalance is heard of at a heartbeat.
      heartbeatInterval: 1_000,
      // kafkajs would restart by itself for errors that are for us to judge.
      retry: { retries: 3, restartOnFailure: () => Promise.resolve(false) },
    });
    this.#held = new HeldPartitions(this.#consumer, options.log, isPaused);
  }

  get states(): Iterable<PartitionState> {
    return this.#held.states;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  get heardAgoMs(): number {
    return performance.now() - this.#heardAt;
  }

  async start(topics: readonly string[]): Promise<void> {
    const consumer = this.#consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#joined(payload.memberAssignment));
    consumer.on(consumer.events.REBALANCING, () => (this.#rebalancingSince ??= performance.now()));
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#break(payload.error));
    consumer.on(consumer.events.FETCH_START, ({ timestamp, payload }) =>
      this.#fetches(String(payload.nodeId), timestamp),
    );
    consumer.on(consumer.events.FETCH, ({ payload }) => {
      this.#heardAt = performance.now();
      this.#fetchRounds.answered(String(payload.nodeId));
    });
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      // Records of aborted transactions only: kafkajs passes over them without asking us.
      const state = this.#held.find(payload.topic, payload.partition);
      if (payload.batchSize === 0 && state !== undefined) state.position = Number(payload.lastOffset) + 1;
    });
    this.#rebalancingSince = performance.now();
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    this.#commitTimer = setInterval(() => void this.#held.commit(), COMMIT_EVERY_MS);
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#options.atOnce ?? AT_ONCE,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
  }

  pause(): void {
    this.#held.pause();
  }

  resume(): void {
    this.#held.resume();
  }

  /** Ends the batches in hand, commits, gives the partitions up and leaves the group. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#commitTimer);
    const { states } = this.#held;
    for (const state of states) clearTimeout(state.timer);
    await settled(states);
    await this.#loading;
    await this.#held.commit();
    await this.#revoke(states);
    this.#held.replace({});
    // A broker that is down must not hold up the end.
    const ended = Promise.all([this.#consumer.disconnect(), this.#isBroken ? this.#leave() : undefined]);
    await Promise.race([ended.catch((error: unknown) => this.#notLeft(error)), wait(5_000)]);
  }

  /** The group notices by itself, later: when the session ends. */
  #notLeft(error: unknown): void {
    this.#options.log.debug({ event: 'event_log.leave_failed', error: reasonOf(error) }, 'the group was not left');
  }

  /** After a crash kafkajs may end without leaving, and the group would wait for it until the session ends. */
  async #leave(): Promise<void> {
    await leaveGroup(this.#options.newKafka(), this.#options.groupId, this.#clientId);
  }

  #break(error: unknown): void {
    if (this.#isClosing) return;
    // Nothing more is delivered, until the close that follows.
    this.#isClosing = true;
    this.#isBroken = true;
    this.#onBroken(error);
  }

  #fetches(nodeId: string, startsMs: number): void {
    const readTo = this.#fetchRounds.started(nodeId, startsMs);
    if (readTo === undefined) return;
    for (const state of this.#held.states) {
      const wasFetched = this.#held.isRead(state) && state.readingSinceMs <= readTo;
      if (wasFetched && this.#leaderOf(state) === nodeId) state.endSeenMs = readTo;
    }
  }

  #leaderOf({ topic, partition }: PartitionState): string | undefined {
    return Object.keys(this.#requireCluster().findLeaderForPartitions(topic, [partition]))[0];
  }

  /** Called synchronously by kafkajs at every join: nothing may be fetched before its position is known, and kafkajs waits for nobody. */
  #joined(memberAssignment: Readonly<Record<string, readonly number[]>>): void {
    const before = this.#held.states;
    for (const state of before) clearTimeout(state.timer);
    this.#assignment += 1;
    this.#held.replace(memberAssignment);
    const now = this.#held.states;
    const assignment = this.#assignment;
    this.#inTurn(async () => {
      await settled(before);
      await this.#revoke(before.filter(({ topic, partition }) => this.#held.find(topic, partition) === undefined));
      await this.#load(now, assignment);
      this.#rebalanced(now, assignment);
    });
  }

  /** One after the other. While kafkajs crashes it lets nobody pause, seek or resume, some time before it tells. */
  #inTurn(work: () => Promise<void>): void {
    this.#loading = this.#loading.then(work).catch((error: unknown) => this.#break(error));
  }

  #rebalanced(held: readonly PartitionState[], assignment: number): void {
    if (assignment !== this.#assignment || this.#rebalancingSince === undefined) return;
    const seconds = (performance.now() - this.#rebalancingSince) / 1000;
    this.#rebalancingSince = undefined;
    const topics = [...new Set(held.map(({ topic }) => topic))];
    this.#options.onRebalanced({ group: this.#options.groupId, seconds, partitions: held.length, topics });
  }

  async #revoke(states: readonly PartitionState[]): Promise<void> {
    const lost = states.filter((state) => state.isOwned).map(({ partition }) => partition);
    if (lost.length === 0) return;
    await this.#options.owner?.onRevoked(lost).catch((error: unknown) => {
      this.#options.log.error({ event: 'event_log.revoke_failed', error }, 'partitions could not be given up cleanly');
    });
  }

  /** Finds where to read from, and lets the partitions go. Rejects only where kafkajs has crashed. */
  async #load(states: readonly PartitionState[], assignment: number): Promise<void> {
    const isOld = (): boolean => assignment !== this.#assignment || this.#isClosing;
    if (states.length === 0 || isOld()) return;
    try {
      const positions = await this.#startingPositions(states);
      // Asked after the positions: whatever was committed lies within.
      const askedMs = Date.now();
      const ranges = await this.#ranges(states);
      for (const state of states) {
        const at = partitionKey(state.topic, state.partition);
        const range = ranges.get(at);
        if (range === undefined) throw new Error(`Kafka does not tell the offsets of ${at}`);
        const position = positions.get(at) ?? range.start;
        if (isOld()) return;
        state.endSeenMs = askedMs;
        if (position === 'stop') stopByOwner(state);
        else await this.#begin(state, position, range, isOld);
      }
    } catch (error) {
      if (isOld()) return;
      if (error instanceof Fenced) {
        this.#break(error);
        return;
      }
      for (const state of states) this.#retryLater(state, fail(state, error, this.#options.retry));
    }
  }

  async #startingPositions(states: readonly PartitionState[]): Promise<ReadonlyMap<string, number | 'stop'>> {
    const { owner, groupId } = this.#options;
    if (owner === undefined) return committedPositions(this.#requireCluster(), groupId, states);
    for (const state of states) state.isOwned = true;
    const given = await owner.onAssigned(states.map(({ partition }) => partition));
    return new Map(
      states.map(({ topic, partition }) => {
        const position = given.get(partition);
        if (position === undefined) throw new Error(`onAssigned gave no position for partition ${partition}`);
        return [partitionKey(topic, partition), position];
      }),
    );
  }

  async #begin(state: PartitionState, position: number, range: PartitionOffsets, isOld: () => boolean): Promise<void> {
    state.position = position;
    state.highWatermark = range.end;
    if (isOutOfRange(position, range)) {
      const decision = await this.#options.onOutOfRange({
        topic: state.topic,
        partition: state.partition,
        position,
        start: range.start,
        end: range.end,
      });
      if (isOld()) return;
      if (decision === 'stop') {
        state.status = 'stopped';
        state.reason = `position ${position} lies outside the log (${range.start} to ${range.end})`;
        return;
      }
      state.position = decision;
    } else {
      state.committed = position;
    }
    this.#held.seek(state);
    this.#held.read(state);
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const state = this.#held.find(topic, partition);
    if (state === undefined || !this.#held.isRead(state) || this.#isClosing) return;
    const work = this.#readBatch(state, payload);
    state.inHand = work;
    try {
      await work;
    } catch (error) {
      // A heartbeat says that the group is rebalancing: what is done is still ours to commit.
      await this.#held.commit();
      throw error;
    } finally {
      state.inHand = undefined;
    }
  }

  async #readBatch(state: PartitionState, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const assignment = this.#assignment;
    const fetchedFrom = Number((batch as { fetchedOffset?: string }).fetchedOffset);
    if (fetchedFrom !== state.position) {
      await this.#realign(state);
      return;
    }
    const records = recordsOf(batch.messages, fetchedFrom);
    const mayGoOn = (): boolean =>
      payload.isRunning() && !this.#held.isPaused && !this.#isClosing && assignment === this.#assignment;
    const result = await deliver(state, records, Number(batch.highWatermark), {
      handler: this.#options.handler,
      retry: this.#options.retry,
      leastBatch: this.#options.leastBatch,
      mayGoOn,
      onHandled: async (offset) => {
        if (assignment !== this.#assignment) return;
        payload.resolveOffset(String(offset));
        // What a transaction leaves behind the last record is passed over with it.
        if (offset === Number(batch.messages.at(-1)?.offset)) state.position = Number(batch.lastOffset()) + 1;
        await payload.heartbeat();
      },
    });
    if (assignment !== this.#assignment) return;
    if (result.kind === 'fenced') {
      this.#break(new Fenced());
      // Else kafkajs fetches it again and again until the close.
      this.#held.pause();
    }
    if (result.kind === 'failed') this.#retryLater(state, result.failure);
    if (result.kind === 'postponed') this.#restFor(state, result.forMs);
  }

  /** What was fetched is not what comes next: kafkajs jumps to the log's start, without a word, when a position is not in the log. */
  async #realign(state: PartitionState): Promise<void> {
    const assignment = this.#assignment;
    const isOld = (): boolean => assignment !== this.#assignment || this.#isClosing;
    this.#held.rest(state);
    state.status = 'loading';
    try {
      const range = (await this.#ranges([state])).get(partitionKey(state.topic, state.partition));
      if (range === undefined) throw new Error('Kafka does not tell its offsets');
      if (!isOld()) await this.#begin(state, state.position, range, isOld);
      // kafkajs has committed its jump; put back what is true.
      state.committed = -1;
    } catch (error) {
      if (!isOld()) this.#retryLater(state, fail(state, error, this.#options.retry));
    }
  }

  #retryLater(state: PartitionState, failure: PartitionFailure): void {
    this.#options.onFailure(failure);
    this.#restFor(state, failure.retryInMs);
  }

  #restFor(state: PartitionState, forMs: number): void {
    const assignment = this.#assignment;
    this.#held.rest(state);
    state.timer = setTimeout(() => {
      this.#inTurn(async () => {
        if (assignment !== this.#assignment || this.#isClosing) return;
        // Without an owner the position in hand is the truth, once it is known at all.
        if (this.#options.owner === undefined && state.position >= 0) this.#held.read(state);
        else await this.#load([state], assignment);
      });
    }, forMs);
  }

  async #ranges(states: readonly PartitionState[]): Promise<ReadonlyMap<string, PartitionOffsets>> {
    return logRanges(this.#requireCluster(), states);
  }

  #requireCluster(): Cluster {
    if (this.#cluster === undefined) throw new Error('kafkajs did not make its assigners');
    return this.#cluster;
  }
}

/** Resolves when the batches in hand have ended, well or not. */
const settled = async (states: readonly PartitionState[]): Promise<void> => {
  for (const { inHand } of states) await inHand?.catch(() => undefined);
};

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
