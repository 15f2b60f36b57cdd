import { decodeMessage } from '../detect/signal-message.js';
import type { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { DomainError } from '../platform/errors/domain-error.js';
import type { EventLog } from '../platform/event-log/event-log.js';
import { platformTopics, SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import { SignalsLayoutRepository } from './signals-layout.repository.js';

const READ_AT_ONCE = 1_000;
const GONE_WITHIN_MS = 30_000;

/**
 * Gives `silowatch.signals` another number of partitions, in steps of which each may be repeated after a crash: nothing writes, everything
 * was counted, the books move in one transaction, the topic is made anew.
 */
export class SignalsResize {
  readonly #database: Database;
  readonly #eventLog: EventLog;
  readonly #layout = new SignalsLayoutRepository();

  constructor(database: Database, eventLog: EventLog) {
    this.#database = database;
    this.#eventLog = eventLog;
  }

  /** For how many partitions the books are kept; undefined before the first start. */
  recorded(): Promise<number | undefined> {
    return this.#database.transaction(system('correlate'), (tx) => this.#layout.recorded(tx));
  }

  /**
   * Throws if anything is written within `ms`: every detecting instance tells its progress once a second. `ms` beyond the readers' session
   * makes sure that one which sleeps now has lost its partitions, and its positions with them, when it wakes.
   */
  async requireSilence(ms: number): Promise<void> {
    const before = await this.#ends();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const after = await this.#ends();
    if (before === after) return;
    throw new DomainError('SIGNALS_IN_USE', 'Silowatch is running: stop every instance, then repeat this');
  }

  /**
   * What was not counted or not relayed yet, in words; undefined when nothing is left. What only tells progress need not be counted. Throws
   * SIGNALS_STOPPED where nothing will count it.
   */
  async left(): Promise<string | undefined> {
    const { books, outbox } = await this.#database.transaction(system('correlate'), async (tx) => {
      return { books: await this.#layout.partitions(tx), outbox: await this.#layout.outboxSize(tx) };
    });
    const stopped = books.filter(({ stoppedAt }) => stoppedAt !== undefined).map(({ partition }) => partition);
    if (stopped.length > 0) {
      const places = stopped.join(', ');
      throw new DomainError(
        'SIGNALS_STOPPED',
        `partitions are stopped (${places}): run silowatch signals resume first`,
      );
    }
    const positions = new Map(books.map(({ partition, position }) => [partition, position]));
    if (outbox > 0) return `firings or dead letters that were not sent on (${outbox})`;
    for (const { partition, start, end } of await this.#eventLog.offsets(SIGNALS_TOPIC)) {
      const position = Math.max(start, positions.get(partition) ?? start);
      for (let from = position; from < end;) {
        const records = await this.#eventLog.read(SIGNALS_TOPIC, partition, from, READ_AT_ONCE);
        const signal = records.find(({ value }) => (decodeMessage(value)?.kind ?? 'signals') === 'signals');
        if (signal !== undefined)
          return `signals of partition ${partition} from ${signal.offset} on (position ${position}, end ${end})`;
        from = (records.at(-1)?.offset ?? end) + 1;
      }
    }
    return undefined;
  }

  /** The books first: a start in between is refused, since the topic differs from them, until this is repeated. */
  async move(partitions: number): Promise<void> {
    await this.#database.transaction(system('correlate'), async (tx) => {
      const from = await this.#layout.recorded(tx);
      if (from !== undefined && from !== partitions) await this.#layout.move(tx, from, partitions);
    });
    await this.#eventLog.deleteTopics([SIGNALS_TOPIC]);
    for (const deadline = performance.now() + GONE_WITHIN_MS; await this.#exists();) {
      if (performance.now() > deadline) throw new DomainError('SIGNALS_NOT_DELETED', `${SIGNALS_TOPIC} is still there`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await this.#eventLog.ensureTopics(platformTopics(partitions).filter(({ name }) => name === SIGNALS_TOPIC));
  }

  /** The partitions that the topic has now; undefined where there is none. */
  async present(): Promise<number | undefined> {
    return (await this.#eventLog.listTopics()).find(({ name }) => name === SIGNALS_TOPIC)?.partitions;
  }

  async #exists(): Promise<boolean> {
    return (await this.present()) !== undefined;
  }

  async #ends(): Promise<string> {
    if (!(await this.#exists())) return '';
    return JSON.stringify((await this.#eventLog.offsets(SIGNALS_TOPIC)).map(({ end }) => end));
  }
}
