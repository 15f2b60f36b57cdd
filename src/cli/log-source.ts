import { type Event } from '../event/event.js';
import { auditdEvent, joinAuditd } from '../ingest/formats/join-auditd.js';
import { parseRecord, type ParseOptions } from '../ingest/formats/parse-record.js';
import { type RecordFault } from '../ingest/formats/parsed-record.js';
import { systemReason } from './cli-error.js';
import { type LogLine, logRecords, type RecordBatch } from './log-lines.js';

export interface LoggedEvent {
  readonly line: number;
  readonly event: Event;
}

/** What could not be read of one kind, and where it began. */
export interface Unreadable {
  count: number;
  readonly firstLine: number;
}

/** One log file being read: its events in batches, and an account of what was in it. */
export class LogSource {
  readonly file: string;
  readonly unreadable = new Map<RecordFault, Unreadable>();
  lines = 0;
  parsed = 0;
  /** Why reading stopped early, in words. */
  failure: string | undefined;
  readonly #batches: AsyncGenerator<RecordBatch>;
  readonly #options: ParseOptions;
  #batch: LoggedEvent[] = [];
  /** Lines of an auditd event at the end of what was read, which may go on. */
  #held: readonly LogLine[] = [];
  #at = 0;

  constructor(file: string, options: ParseOptions, onBytes: (count: number) => void) {
    this.file = file;
    this.#options = options;
    this.#batches = logRecords(file, onBytes);
  }

  /** The next event without taking it; undefined when the batch is used up and `fill` must be called. */
  peek(): LoggedEvent | undefined {
    return this.#batch[this.#at];
  }

  take(): void {
    this.#at += 1;
  }

  /** Reads on until there is an event; false at the end or when reading fails. */
  async fill(): Promise<boolean> {
    while (this.#at >= this.#batch.length) {
      const read = await this.#next();
      const all = this.#held.length === 0 ? (read ?? []) : [...this.#held, ...(read ?? [])];
      if (read === undefined && all.length === 0) return false;
      if (read === undefined) this.#held = [];
      this.#parse(read === undefined ? all : this.#settled(all));
    }
    return true;
  }

  /** The next records; undefined at the end or when reading fails. */
  async #next(): Promise<readonly LogLine[] | undefined> {
    try {
      const next = await this.#batches.next();
      if (next.done === true) return undefined;
      this.lines = next.value.lines;
      return next.value.records;
    } catch (error) {
      this.failure = systemReason(error);
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }

  /** The lines read so far without those that the next ones may belong to. */
  #settled(all: readonly LogLine[]): readonly LogLine[] {
    const event = eventOf(all.at(-1));
    let end = all.length;
    if (event !== undefined) while (end > 0 && eventOf(all[end - 1]) === event) end -= 1;
    this.#held = end < all.length && end > 0 ? all.slice(end) : [];
    return this.#held.length === 0 ? all : all.slice(0, end);
  }

  #parse(lines: readonly LogLine[]): void {
    this.#batch = [];
    this.#at = 0;
    for (const { number, bytes } of joinAuditd(lines)) {
      const result = bytes === undefined ? TOO_LARGE : parseRecord(bytes, this.#options);
      if (result.ok) this.#batch.push({ line: number, event: result.event });
      else this.#account(result.reason, number);
    }
    this.parsed += this.#batch.length;
  }

  #account(reason: RecordFault, line: number): void {
    const known = this.unreadable.get(reason);
    if (known === undefined) this.unreadable.set(reason, { count: 1, firstLine: line });
    else known.count += 1;
  }
}

const eventOf = (line: LogLine | undefined): string | undefined =>
  line?.bytes === undefined ? undefined : auditdEvent(line.bytes);

const TOO_LARGE = { ok: false, reason: 'too_large' } as const;

/**
 * Hands over the events of several logs in the order of their times, so that one attack seen in two logs is seen as it
 * happened. `onEvents` is told after each batch that was read.
 */
export async function mergeByTime(
  sources: readonly LogSource[],
  onEvent: (source: LogSource, logged: LoggedEvent) => void,
  onBatch: () => Promise<void>,
): Promise<void> {
  const open: LogSource[] = [];
  for (const source of sources) if (await source.fill()) open.push(source);
  while (open.length > 0) {
    const { index, untilMs } = earliest(open);
    const source = open[index];
    if (source === undefined) return;
    for (let next = source.peek(); next !== undefined && next.event.timeMs <= untilMs; next = source.peek()) {
      onEvent(source, next);
      source.take();
    }
    if (source.peek() !== undefined) continue;
    await onBatch();
    if (!(await source.fill())) open.splice(index, 1);
  }
}

/** The source whose next event is earliest, and the time until which it stays so. */
function earliest(open: readonly LogSource[]): { index: number; untilMs: number } {
  let index = 0;
  let firstMs = Infinity;
  let untilMs = Infinity;
  open.forEach((source, i) => {
    const timeMs = source.peek()?.event.timeMs ?? Infinity;
    if (timeMs < firstMs) {
      untilMs = firstMs;
      firstMs = timeMs;
      index = i;
    } else if (timeMs < untilMs) {
      untilMs = timeMs;
    }
  });
  return { index, untilMs };
}
