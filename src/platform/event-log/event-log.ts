/**
 * The log that events travel on: topics of partitions of records, each with an offset. Two adapters, Kafka and a table in Postgres, keep
 * the same promises (test/integration/event-log/contract.ts). Offsets are plain numbers: 2^53 of them last any installation.
 */
export abstract class EventLog {
  /** Makes missing topics and waits until they can be used. A topic that exists with another partition count is an EVENT_LOG_TOPIC_DIFFERS. */
  abstract ensureTopics(specs: readonly TopicSpec[]): Promise<void>;

  /** Removes topics with their records and committed positions; unknown names are passed over. */
  abstract deleteTopics(names: readonly string[]): Promise<void>;

  /** Every topic that this principal may see, without the log's internal ones. */
  abstract listTopics(): Promise<readonly TopicInfo[]>;

  /** First and next offset of each partition, by partition. Throws EVENT_LOG_UNKNOWN_TOPIC. */
  abstract offsets(topic: string): Promise<readonly PartitionOffsets[]>;

  /**
   * Appends in the given order per partition and resolves when every replica that must have them has them (`acks=all`), with one position
   * per message. One batch is under way at a time; calls made meanwhile travel together in the next. A rejection says nothing about which
   * messages arrived: append them again and let the reader drop repeats. Rejects with EVENT_LOG_MESSAGE_TOO_LARGE (never retry),
   * EVENT_LOG_NOT_ALLOWED, EVENT_LOG_UNKNOWN_TOPIC or EVENT_LOG_UNAVAILABLE (`retryable`).
   */
  abstract append(messages: readonly OutgoingMessage[]): Promise<readonly Position[]>;

  /** Up to `limit` records from `from` on, at once and outside any group: for tools that look at or replay a stretch. Empty at the end. */
  abstract read(topic: string, partition: number, from: number, limit: number): Promise<readonly LogRecord[]>;

  /** Shared reading with positions that the log keeps. For work that is stateless between batches (detect, agents). */
  abstract consume(options: GroupOptions): Promise<LogReader>;

  /** Shared reading with positions that the caller keeps. For work whose state and position commit together (correlate). */
  abstract consumeAssigned(options: AssignedOptions): Promise<LogReader>;

  /**
   * What makes the log unfit to hold the only copy of events (fewer than 3 replicas, `min.insync.replicas` below 2, signals kept for less
   * than 7 days), a line each; the service refuses to start over them unless KAFKA_ALLOW_UNREPLICATED says so.
   */
  abstract weaknesses(): Promise<readonly string[]>;

  /** Whether the log answers, for /readyz. */
  abstract answers(): Promise<boolean>;

  /** Closes all readers (each ends the batch in hand), sends what is queued and disconnects. */
  abstract close(): Promise<void>;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Records are kept at least this long. Without it the log's default applies. */
  readonly retentionMs?: number;
  /** Largest record, with its headers, in bytes. Without it 1 MiB. */
  readonly maxMessageBytes?: number;
  /** `arrival`: a record's time is when the log took it (LogAppendTime), which silo topics need; `writer`: as the writer says. */
  readonly timestamps: 'arrival' | 'writer';
}

export interface TopicInfo {
  readonly name: string;
  readonly partitions: number;
}

export interface PartitionOffsets {
  readonly partition: number;
  /** Offset of the oldest record that is still kept. */
  readonly start: number;
  /** Offset that the next record will get. */
  readonly end: number;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key: string | Buffer | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface LogRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The last value of each name; use `headerText` to read one as text. */
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** Consecutive records of one partition, about 50 ms of the handler's work (sizes adapt to how long it takes). Never empty. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** The partition's next offset when the batch was fetched: the reader has caught up if the last record's offset is one below it. */
  readonly highWatermark: number;
  /** From 1; counts the handler's failures at this position since it last succeeded. From 3 on a batch is a single record, and so are those after it up to the end of the batch that failed: the record at fault then shows, failing alone. */
  readonly attempt: number;
}

/**
 * Resolves when the batch is done with; its records are then never delivered again to this group, unless the process dies before the
 * position is committed. A throw stops the partition, which is tried again from the batch's first record after a back-off (0.25 s
 * doubling to 30 s), while other partitions go on; one of Postponed is no failure. Batches of one partition never overlap; those of different partitions may.
 */
export type BatchHandler = (batch: RecordBatch) => Promise<void>;

interface ReaderOptions {
  readonly handler: BatchHandler;
  /** Of how many partitions the handler is given batches at the same time; 4 by default. */
  readonly atOnce?: number;
  /** A batch is never cut to fewer records than these, though they take longer than 50 ms; 20 by default. */
  readonly leastBatch?: number;
  /** A partition was stopped by a throw, for logs and metrics; it goes on by itself after `retryInMs`. */
  readonly onFailure?: (failure: PartitionFailure) => void;
  /**
   * A position lies outside the log: retention overtook the reader, or the topic is another than it was. Return the offset to go on from, or
   * `stop` (what happens without this callback): the partition then stays stopped and `LogReader.stopped()` lists it.
   */
  readonly onOutOfRange?: (fault: OutOfRange) => Promise<number | 'stop'>;
  /** The group shared its partitions out anew, and this reader's may be read again; for metrics. */
  readonly onRebalanced?: (rebalance: Rebalance) => void;
}

export interface GroupOptions extends ReaderOptions {
  /** Name of the consumer group; with `groups` above 1 a prefix, to which `-<number>` is added. */
  readonly group: string;
  /**
   * Topics are spread over this many groups by a hash of their name up to the last dot (so that a silo's topics share one), since a group of
   * thousands of topics is slow. Default 1. Changing it later starts every topic at its oldest record.
   */
  readonly groups?: number;
  /** Which topics to read now; asked again and again, so that new ones are read without a restart. Names that do not exist yet are waited for. */
  readonly topics: () => Promise<readonly string[]>;
}

export interface AssignedOptions extends ReaderOptions {
  readonly group: string;
  readonly topic: string;
  /**
   * These partitions are now this reader's (also called for kept ones at every rebalance, and for one partition after its handler threw): load
   * their state and return where to read from for each, or `stop`: it then stays stopped, as after `onOutOfRange`. No batch of them is delivered before. Take ownership in the database here
   * (raise the epoch): the group's own fencing is not enough, since a paused process may still hold a batch.
   */
  readonly onAssigned: (partitions: readonly number[]) => Promise<ReadonlyMap<number, number | 'stop'>>;
  /** These partitions are no longer this reader's: forget their state. Write nothing more for them. Called after the batch in hand ended. */
  readonly onRevoked: (partitions: readonly number[]) => Promise<void>;
}

/**
 * Thrown by a handler or `onAssigned` that found another owner in the database, or that the topic is another than the one that was taken up:
 * the reader leaves the group and joins again, all positions and state are loaded anew.
 */
export class Fenced extends Error {
  constructor(message = 'Another instance owns this partition') {
    super(message);
    this.name = 'Fenced';
  }
}

/** Thrown by a handler that takes the batch, or what is left of it, later: the partition rests, and others go on. */
export class Postponed extends Error {
  /** `doneTo`: records up to this offset are done with, as if they had been a batch; undefined for none. */
  constructor(
    readonly forMs: number,
    readonly doneTo?: number,
  ) {
    super(`Put off for ${forMs} ms`);
    this.name = 'Postponed';
  }
}

export interface PartitionFailure {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly attempt: number;
  readonly retryInMs: number;
  readonly error: unknown;
}

export interface OutOfRange {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly start: number;
  readonly end: number;
}

export interface ReaderPosition {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record to be handled. */
  readonly position: number;
  /** The log's next offset, as last seen: the lag is the difference. */
  readonly highWatermark: number;
  /**
   * When it was last known to be that, in milliseconds since the epoch. Where there is no lag, everything that the log took before then was
   * handled; what came later may not have been looked for yet.
   */
  readonly endSeenMs: number;
  /** How long ago the log last answered this reader: beyond some seconds, the end of the log is a memory. */
  readonly heardAgoMs: number;
}

export interface Rebalance {
  readonly group: string;
  /** From the word that partitions move until this reader's positions were found. */
  readonly seconds: number;
  /** Partitions that this reader holds since. */
  readonly partitions: number;
  /** Their topics, each once. */
  readonly topics: readonly string[];
}

/** A running reader. */
export interface LogReader {
  /** Partitions that this reader holds now. */
  positions(): readonly ReaderPosition[];
  /** Partitions that wait after a failure or stay stopped, and why. Empty is healthy. */
  stopped(): readonly { readonly topic: string; readonly partition: number; readonly reason: string }[];
  /** Delivers nothing more until `resume`; the batch in hand ends. */
  pause(): void;
  resume(): void;
  /** Looks for new topics now, instead of at the next round. */
  refresh(): Promise<void>;
  /** Ends the batch in hand, commits, leaves the group. */
  close(): Promise<void>;
}

/** A header as text, or undefined where there is none. */
export function headerText(record: LogRecord, name: string): string | undefined {
  return record.headers[name]?.toString('utf8');
}
