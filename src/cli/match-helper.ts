import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Loaded } from '../sigma/index.js';
import { type LineBlock } from './line-blocks.js';
import { type BlockResult } from './match-block.js';

/** What the second thread is to load. */
export interface HelperTask {
  readonly places: readonly string[];
  readonly ignoreLogsource: boolean;
}

/** A block for it to match; `line` is the number of the first line. */
export interface HelperWork {
  readonly bytes: ArrayBuffer;
  readonly line: number;
  readonly isAfterOverlong: boolean;
}

/** So many blocks lie with the second thread at most: one being matched and one so that it need not wait for the next. */
const MOST_AT_ONCE = 2;

/** A second thread that matches blocks, where a second core is there for it. */
export class MatchHelper {
  readonly #worker: Worker;
  readonly #rules: string;
  readonly #waiting: { resolve: (result: BlockResult) => void; reject: (error: unknown) => void }[] = [];
  #isReady = false;
  #failure: unknown;

  constructor(task: HelperTask, loaded: Loaded) {
    this.#rules = loaded.rules.map(({ hash }) => hash).join();
    this.#worker = new Worker(new URL('match-worker.js', import.meta.url), { workerData: task });
    this.#worker.once('message', (rules: readonly string[]) => {
      // Rules that changed on the disk in between are not the ones that this run is about.
      this.#isReady = rules.join() === this.#rules;
      this.#worker.on('message', (result: BlockResult) => this.#waiting.shift()?.resolve(result));
    });
    this.#worker.on('error', (error) => {
      this.#failure = error;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
    // What it loads is of no use once the input is at its end.
    this.#worker.unref();
  }

  /** Whether this process may run on more than one core. */
  static isOfUse(): boolean {
    return availableParallelism() > 1;
  }

  get isFree(): boolean {
    return this.#isReady && this.#failure === undefined && this.#waiting.length < MOST_AT_ONCE;
  }

  /** Hands over a copy of the block. */
  match({ bytes, start, end, isAfterOverlong }: LineBlock, line: number): Promise<BlockResult> {
    const copy = new Uint8Array(bytes.subarray(start, end)).buffer;
    const work: HelperWork = { bytes: copy, line, isAfterOverlong };
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(work, [copy]);
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
