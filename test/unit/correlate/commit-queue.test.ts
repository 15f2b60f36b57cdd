import { CommitQueue } from '../../../src/correlate/commit-queue.js';

interface Job {
  readonly partition: number;
  readonly weight: number;
}

const job = (partition: number, weight = 1): Job => ({ partition, weight });

/** A queue whose transactions are noted by the partitions in them, and end when the test says so. */
class Rig {
  readonly transactions: number[][] = [];
  readonly queue: CommitQueue<Job, string>;
  private endings: ((error?: Error) => void)[] = [];
  /** Partitions that are told to fail by themselves, in a transaction that holds. */
  readonly lost = new Set<number>();
  nowMs = 0;

  constructor(mostWeight = 10) {
    this.queue = new CommitQueue<Job, string>({
      partitionOf: ({ partition }) => partition,
      weightOf: ({ weight }) => weight,
      mostWeight,
      mostMs: 500,
      now: () => this.nowMs,
      run: async (jobs) => {
        this.transactions.push(jobs.map(({ partition }) => partition));
        await new Promise<void>((resolve, reject) =>
          this.endings.push((error) => (error === undefined ? resolve() : reject(error))),
        );
        return jobs.map(({ partition }) =>
          this.lost.has(partition)
            ? { status: 'rejected', reason: new Error('lost') }
            : { status: 'fulfilled', value: `committed ${partition}` },
        );
      },
    });
  }

  /** Ends transactions, each after so long, until `all` is over. */
  async endEach(all: Promise<unknown>, tookMs: number): Promise<void> {
    const isOver = all.then(() => true);
    const isNotYet = (): Promise<boolean> => new Promise((resolve) => setImmediate(resolve, false));
    while (!(await Promise.race([isOver, isNotYet()]))) {
      this.nowMs += this.endings.length > 0 ? tookMs : 0;
      this.endings.shift()?.();
    }
  }

  /** Ends the transaction under way, once there is one. */
  async end(error?: Error): Promise<void> {
    while (this.endings.length === 0) await new Promise(setImmediate);
    this.endings.shift()?.(error);
  }
}

describe('commits of several partitions', () => {
  it('share the next transaction when they come while one runs', async () => {
    const rig = new Rig();
    const first = rig.queue.commit(job(1));
    await new Promise(setImmediate);
    const others = [2, 3, 4].map((partition) => rig.queue.commit(job(partition)));
    await rig.end();
    await rig.end();
    expect(await Promise.all([first, ...others])).toEqual(['committed 1', 'committed 2', 'committed 3', 'committed 4']);
    expect(rig.transactions).toEqual([[1], [2, 3, 4]]);
  });

  it('are fewer at a time after a transaction that took long, and more again after quick ones', async () => {
    const rig = new Rig(1_000);
    const sharing = async (tookMs: number): Promise<number[]> => {
      const before = rig.transactions.length;
      await rig.endEach(Promise.all(Array.from({ length: 40 }, (_, at) => rig.queue.commit(job(at, 25)))), tookMs);
      return rig.transactions.slice(before).map(({ length }) => length);
    };
    expect(await sharing(5_000)).toEqual([40]);
    expect(await sharing(100)).toEqual([4, 8, 16, 12]);
    expect(await sharing(100)).toEqual([32, 8]);
  });

  it('are no more at a time than the weight allows, and one that is heavier goes alone', async () => {
    const rig = new Rig(10);
    const all = [job(1, 6), job(2, 6), job(3, 4), job(4, 30)].map((one) => rig.queue.commit(one));
    for (let i = 0; i < 3; i += 1) await rig.end();
    await Promise.all(all);
    expect(rig.transactions).toEqual([[1, 3], [2], [4]]);
  });

  it('fail together with a transaction, and go alone the next time, so that the one at fault shows', async () => {
    const rig = new Rig();
    const failed = [1, 2].map((partition) => rig.queue.commit(job(partition)));
    const outcomes = Promise.allSettled(failed);
    await rig.end(new Error('the database is gone'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = [1, 2, 3].map((partition) => rig.queue.commit(job(partition)));
    const ended = Promise.allSettled(again);
    await rig.end(new Error('the fault of 1'));
    await rig.end();
    await rig.end();
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(rig.transactions.slice(1)).toEqual([[1], [2], [3]]);
    const healthy = [2, 3].map((partition) => rig.queue.commit(job(partition)));
    await rig.end();
    await Promise.all(healthy);
    expect(rig.transactions.at(-1)).toEqual([2, 3]);
  });

  it('end each in its own way: one that has lost its partition takes none along', async () => {
    const rig = new Rig();
    rig.lost.add(2);
    const outcomes = Promise.allSettled([1, 2, 3].map((partition) => rig.queue.commit(job(partition))));
    await rig.end();
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
