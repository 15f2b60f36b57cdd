/** How far event times of one source may lie behind each other and still be counted in order. */
export const ALLOWED_LATENESS_MS = 60_000;
/** How far a record's time may lie after its arrival before it is not believed. */
const MAX_AHEAD_MS = 5 * 60_000;

/** The event time that is believed of a record: one far after its arrival moves nothing but its own silo, and that by 5 minutes at most. */
export const believableMs = (timeMs: number, arrivalMs: number): number => Math.min(timeMs, arrivalMs + MAX_AHEAD_MS);

/** The watermark of one source partition: no event before it is expected any more. It never goes back. */
export class SourceClock {
  #watermarkMs = 0;

  get watermarkMs(): number {
    return this.#watermarkMs;
  }

  /** Events up to this believable time were read, and their signals are acknowledged. */
  sawEvents(latestMs: number): void {
    this.#advance(latestMs);
  }

  /** Everything that the log held of this source at that time was read: it goes with the clock. */
  caughtUp(atMs: number): void {
    this.#advance(atMs);
  }

  #advance(timeMs: number): void {
    this.#watermarkMs = Math.max(this.#watermarkMs, timeMs - ALLOWED_LATENESS_MS);
  }
}
