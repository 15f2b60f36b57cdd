/** What the commits of one transaction came to, in their order. A throw of `run` fails all of them. */
export interface SharedCommit<Job, Result> {
  readonly run: (jobs: readonly Job[]) => Promise<readonly PromiseSettledResult<Result>[]>;
  readonly partitionOf: (job: Job) => number;
  /** How much work a job is; jobs share a transaction until `mostWeight` is reached. */
  readonly weightOf: (job: Job) => number;
  readonly mostWeight: number;
}

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

  constructor(shared: SharedCommit<Job, Result>) {
    this.#shared = shared;
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
    const { partitionOf, weightOf, mostWeight } = this.#shared;
    const isSuspect = ({ job }: Waiting<Job, Result>): boolean => this.#suspects.has(partitionOf(job));
    const [first, ...others] = this.#waiting;
    if (first === undefined) return [];
    const taken = new Set([first]);
    let weight = weightOf(first.job);
    for (const one of isSuspect(first) ? [] : others) {
      if (isSuspect(one) || weight + weightOf(one.job) > mostWeight) continue;
      taken.add(one);
      weight += weightOf(one.job);
    }
    this.#waiting = this.#waiting.filter((one) => !taken.has(one));
    return [...taken];
  }

  async #run(taken: readonly Waiting<Job, Result>[]): Promise<void> {
    const partitions = taken.map(({ job }) => this.#shared.partitionOf(job));
    try {
      const results = await this.#shared.run(taken.map(({ job }) => job));
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
