/** An instance whose clock is so far behind the latest one is gone, and others read its sources. */
const GONE_AFTER_MS = 60_000;
/** Who has just begun to read may not have heard of every instance yet; each tells once a second. */
const LISTEN_MS = 5_000;
/** Messages of one instance reach the partitions at slightly different times. */
const MARGIN_MS = 5_000;

/**
 * Up to which reading of the progress clock every signals partition has counted all it had, and has sent on what that set off. Until then a
 * correlation that others feed must not take event time for passed: their firings may still be on their way, from a partition that is read
 * more slowly. Each partition tells all others how far it has come.
 */
export class RelayClock {
  readonly #partitions: number;
  readonly #instances = new Map<string, number>();
  readonly #told = new Map<number, number>();
  #firstMs: number | undefined;
  #latestMs = 0;
  /** The time of the log, as of the message that was read last. */
  #loggedMs = 0;

  /** `partitions`: how many there are. */
  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** Progress of a detecting instance was read, which the log took at `loggedMs`: all signals that it detected before `clockMs` were counted. */
  heard(instance: string, clockMs: number, loggedMs: number): void {
    this.#readAt(loggedMs);
    this.#firstMs ??= clockMs;
    this.#latestMs = Math.max(this.#latestMs, clockMs);
    this.#instances.set(instance, Math.max(this.#instances.get(instance) ?? 0, clockMs));
    for (const [one, atMs] of this.#instances) {
      if (atMs < this.#latestMs - GONE_AFTER_MS) this.#instances.delete(one);
    }
  }

  /** How far this partition has come: to be told once what it counted is committed and sent on. 0 for not known. */
  get heardMs(): number {
    if (this.#firstMs === undefined || this.#latestMs < this.#firstMs + LISTEN_MS) return 0;
    return Math.min(...this.#instances.values());
  }

  /** A partition told how far it has come, which the log took at `loggedMs`. */
  told(partition: number, heardMs: number, loggedMs: number): void {
    this.#readAt(loggedMs);
    // Of one that there was before a resize.
    if (partition >= this.#partitions) return;
    this.#told.set(partition, Math.max(heardMs, this.#told.get(partition) ?? 0));
  }

  /** All firings that signals from before this have set off are here, and were read. */
  get passedMs(): number {
    return this.#told.size < this.#partitions ? 0 : Math.min(...this.#told.values()) - MARGIN_MS;
  }

  /** Where the log's own clock was ahead and is put right, what was told meanwhile would hold for as long as it was ahead: all is heard anew. */
  #readAt(loggedMs: number): void {
    if (loggedMs < this.#loggedMs - MARGIN_MS) {
      this.#instances.clear();
      this.#told.clear();
      this.#firstMs = undefined;
      this.#latestMs = 0;
    }
    this.#loggedMs = loggedMs;
  }
}
