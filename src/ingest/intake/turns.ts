import { setImmediate as nextTurn } from 'node:timers/promises';

const UNITS_A_TURN = 500;
const BYTES_A_TURN = 256 * 1024;

/** Measures work on records, which may be many or large. */
export class Stretch {
  #units = 0;
  #bytes = 0;

  /** Counts one more; whether others should have their turn now. */
  isOver(bytes: number): boolean {
    this.#units += 1;
    this.#bytes += bytes;
    if (this.#units < UNITS_A_TURN && this.#bytes < BYTES_A_TURN) return false;
    this.#units = 0;
    this.#bytes = 0;
    return true;
  }
}

/** Does work whose every `yield` is a place where others have their turn; `onTurn` hears what was yielded, and may throw to give up. */
export async function inTurns<T, R>(work: Generator<T, R>, onTurn?: (said: T) => void): Promise<R> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    onTurn?.(step.value);
    await nextTurn();
  }
}
