/** What the commits of one transaction came to, in their order. A throw of `run` fails all of them. */
export interface SharedCommit<Job, Result> {
  readonly run: (jobs: readonly Job[]) => Promise<readonly PromiseSettledResult<Result>[]>;
  readonly partitionOf: (job: Job) => number;
  /** How much work a job is; jobs share a transaction until `mostWeight` is reached. */
  readonly weightOf: (job: Job) => number;
  readonly mostWeight: number;
  /** A transaction that takes longer makes the next ones smaller. */
  readonly mostMs: number;
  /** Milliseconds, by any clock. */
  readonly now: () => number;
}

/** However slow: a transaction for each signal would be slower still. */
const LEAST_WEIGHT = 50;

interface Waiting<Job, Result> {
  readonly job: Job;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Group commit: what asks to be committed while a transaction runs goes into the next one together. A transaction is dear by itself, not by
 * what it carries, so the more there is to do the less each costs; and what comes alone waits for nothing.
 *
 * A partition that was in a transaction that failed is committed alone next, so that one at fault holds up no others for long.
 */
export class CommitQueue<Job, Result> {
  readonly #shared: SharedCommit<Job, Result>;
  readonly #suspects = new Set<number>();
  #waiting: Waiting<Job, Result>[] = [];
  #isRunning = false;
  /** What now fits into a transaction: its weight does not tell what its signals set off. */
  #fitting: number;

  constructor(shared: SharedCommit<Job, Result>) {
    this.#shared = shared;
    this.#fitting = shared.mostWeight;
  }

  commit(job: Job): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    // What was fetched together arrives within one turn of the event loop.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#run(this.#takeNext());
    this.#isRunning = false;
  }

  #takeNext(): readonly Waiting<Job, Result>[] {
    const { partitionOf, weightOf } = this.#shared;
    const isSuspect = ({ job }: Waiting<Job, Result>): boolean => this.#suspects.has(partitionOf(job));
    const [first, ...others] = this.#waiting;
    if (first === undefined) return [];
    const taken = new Set([first]);
    let weight = weightOf(first.job);
    for (const one of isSuspect(first) ? [] : others) {
      if (isSuspect(one) || weight + weightOf(one.job) > this.#fitting) continue;
      taken.add(one);
      weight += weightOf(one.job);
    }
    this.#waiting = this.#waiting.filter((one) => !taken.has(one));
    return [...taken];
  }

  #adapt(taken: readonly Waiting<Job, Result>[], tookMs: number): void {
    const { mostMs, mostWeight, weightOf } = this.#shared;
    const weight = taken.reduce((sum, { job }) => sum + weightOf(job), 0);
    const fitting = Math.min(weight, this.#fitting) * (mostMs / tookMs);
    if (tookMs > mostMs) this.#fitting = Math.min(mostWeight, Math.max(LEAST_WEIGHT, Math.floor(fitting)));
    else if (weight * 2 > this.#fitting) this.#fitting = Math.min(mostWeight, this.#fitting * 2);
  }

  async #run(taken: readonly Waiting<Job, Result>[]): Promise<void> {
    const partitions = taken.map(({ job }) => this.#shared.partitionOf(job));
    const startedMs = this.#shared.now();
    try {
      const results = await this.#shared.run(taken.map(({ job }) => job));
      this.#adapt(taken, this.#shared.now() - startedMs);
      for (const partition of partitions) this.#suspects.delete(partition);
      for (const [at, { resolve, reject }] of taken.entries()) {
        const result = results[at];
        if (result?.status === 'fulfilled') resolve(result.value);
        else reject(result?.reason);
      }
    } catch (error) {
      for (const partition of partitions) this.#suspects.add(partition);
      for (const { reject } of taken) reject(error);
    }
  }
}
