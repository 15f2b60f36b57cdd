import type { LogReader } from '../platform/event-log/event-log.js';
import type { Readiness } from '../platform/http/readiness.js';
import type { Log } from '../platform/logging/logging.js';

/** A stage's reader of the log, until the stage ends or has to leave the work to others. */
export class StageReader {
  readonly #stage: 'detect' | 'correlate';
  readonly #log: Log;
  readonly #readiness: Readiness;
  #reader: LogReader | undefined;
  #leaving: Promise<void> | undefined;
  #left = 0;

  constructor(stage: 'detect' | 'correlate', log: Log, readiness: Readiness) {
    this.#stage = stage;
    this.#log = log;
    this.#readiness = readiness;
  }

  open(reader: LogReader): void {
    this.#reader = reader;
  }

  /** Undefined before the start and after the end. */
  get present(): LogReader | undefined {
    return this.#reader;
  }

  /** Partitions that wait or stay stopped; after `leave` all that were left to others, since there may be none. */
  get stopped(): number {
    return this.#reader?.stopped().length ?? this.#left;
  }

  /** Gives the partitions up for good: this process is outdated, and others can do what it must not. */
  leave(error: unknown): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    this.#left = Math.max(1, reader.positions().length);
    this.#readiness.add(this.#stage, () => Promise.resolve(false));
    this.#log.error(
      { event: `${this.#stage}.outdated`, error },
      'this instance has left its partitions to others: start it anew',
    );
    this.#leaving = reader.close().catch((failure: unknown) => {
      this.#log.warn({ event: `${this.#stage}.leave_failed`, error: failure }, 'a reader was left open');
    });
  }

  /** Ends the batch in hand. Whether there was a reader to close. */
  async close(): Promise<boolean> {
    await this.#leaving;
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
    return reader !== undefined;
  }
}
