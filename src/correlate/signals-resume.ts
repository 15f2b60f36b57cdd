import type { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { isOutOfRange } from '../platform/event-log/delivery.js';
import { DomainError } from '../platform/errors/domain-error.js';
import type { EventLog } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { type Move, SignalsLayoutRepository } from './signals-layout.repository.js';

/** Where to read on: the oldest signal that there is, the recorded position (the log that belongs to it was put back), or what comes next. */
export const RESUME_FROM = ['start', 'position', 'end'] as const;
export type ResumeFrom = (typeof RESUME_FROM)[number];

export interface StoppedSignals {
  readonly partition: number;
  readonly position: number;
  /** Undefined where no correlator has met it yet. */
  readonly stoppedAt: Date | undefined;
  /** Of the log as it is now: oldest and next offset. */
  readonly start: number;
  readonly end: number;
}

/** Lets partitions of `silowatch.signals` be read again whose position was outside the log. */
export class SignalsResume {
  readonly #database: Database;
  readonly #eventLog: EventLog;
  readonly #layout = new SignalsLayoutRepository();

  constructor(database: Database, eventLog: EventLog) {
    this.#database = database;
    this.#eventLog = eventLog;
  }

  /** Partitions that are stopped, or will be as soon as they are taken up. */
  async stopped(): Promise<readonly StoppedSignals[]> {
    // Before the log's ends: a partition that is being read goes on meanwhile.
    const books = await this.#database.transaction(system('correlate'), (tx) => this.#layout.partitions(tx));
    const isThere = (await this.#eventLog.listTopics()).some(({ name }) => name === SIGNALS_TOPIC);
    const offsets = isThere ? await this.#eventLog.offsets(SIGNALS_TOPIC) : [];
    const ranges = new Map(offsets.map(({ partition, start, end }) => [partition, { start, end }]));
    return books
      .map((book) => ({ ...book, ...(ranges.get(book.partition) ?? { start: 0, end: 0 }) }))
      .filter((book) => book.stoppedAt !== undefined || isOutOfRange(book.position, book));
  }

  /** Moves all of them, and gives where each reads on. Marks stay: a signal that was counted is not counted again. */
  async resume(from: ResumeFrom): Promise<readonly Move[]> {
    const stopped = await this.stopped();
    const lost = stopped.filter((one) => isOutOfRange(one.position, one)).map(({ partition }) => partition);
    if (from === 'position' && lost.length > 0) {
      const places = lost.join(', ');
      throw new DomainError('SIGNALS_OUT_OF_RANGE', `the positions of these partitions are not in the log: ${places}`);
    }
    const moves = stopped.map((one) => ({ partition: one.partition, from: one.position, to: one[from] }));
    await this.#database.transaction(system('correlate'), (tx) => this.#layout.resume(tx, moves));
    return moves;
  }
}
