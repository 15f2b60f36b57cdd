import type { Origin } from '../detect/signal-message.js';

/** The highest signal taken from one source by one consumer. */
export interface Mark {
  readonly incarnation: number;
  readonly source: string;
  readonly hash: string;
  readonly offset: number;
  readonly ordinal: number;
}

/**
 * Which signals of a partition were taken. A source partition is read in order and its signals are written in order, so the highest
 * (offset, ordinal) says it all: what is not above it was taken before.
 */
export class Marks {
  readonly #marks = new Map<string, Mark>();
  #changed = new Map<string, Mark>();

  constructor(marks: Iterable<Mark> = []) {
    for (const mark of marks) this.#marks.set(keyOf(mark.incarnation, mark.source, mark.hash), mark);
  }

  /** Takes the signal, or says that it was taken before. */
  take(origin: Origin, hash: string): boolean {
    const { incarnation, source, offset, ordinal } = origin;
    const key = keyOf(incarnation, source, hash);
    if (isTaken(this.#marks.get(key), origin)) return false;
    const mark = { incarnation, source, hash, offset, ordinal };
    this.#marks.set(key, mark);
    this.#changed.set(key, mark);
    return true;
  }

  get size(): number {
    return this.#marks.size;
  }

  /** Whether the signal was taken, as the mark kept under another source says. */
  has(origin: Origin, source: string, hash: string): boolean {
    return isTaken(this.#marks.get(keyOf(origin.incarnation, source, hash)), origin);
  }

  /** The marks that moved since the last call. */
  changes(): readonly Mark[] {
    const changed = [...this.#changed.values()];
    this.#changed = new Map();
    return changed;
  }
}

const isTaken = (known: Mark | undefined, { offset, ordinal }: Origin): boolean =>
  known !== undefined && (offset < known.offset || (offset === known.offset && ordinal <= known.ordinal));

const keyOf = (incarnation: number, source: string, hash: string): string => `${incarnation} ${source} ${hash}`;
