/** How far event times of one source may lie behind each other and still be counted in order. */
export const ALLOWED_LATENESS_MS = 60_000;
/** How far a record's time may lie after its arrival before it is not believed. */
const MAX_AHEAD_MS = 5 * 60_000;

/** The event time that is believed of a record: one far after its arrival moves nothing but its own silo, and that by 5 minutes at most. */
export const believableMs = (timeMs: number, arrivalMs: number): number => Math.min(timeMs, arrivalMs + MAX_AHEAD_MS);

/** The watermark of one source partition: no event before it is expected any more. It goes back only where the clock is set back. */
export class SourceClock {
  #seenMs = 0;
  #caughtUpMs = 0;

  get watermarkMs(): number {
    return Math.max(0, Math.max(this.#seenMs, this.#caughtUpMs) - ALLOWED_LATENESS_MS);
  }

  /** Events up to this believable time were read, and their signals are acknowledged. */
  sawEvents(latestMs: number): void {
    this.#seenMs = Math.max(this.#seenMs, latestMs);
  }

  /** Everything that the log held of this source at that time was read: it goes with the clock. */
  caughtUp(atMs: number): void {
    this.#caughtUpMs = Math.max(this.#caughtUpMs, atMs);
  }

  /** The clock says this now: where it was ahead before, nothing was caught up then. */
  clockSays(nowMs: number): void {
    this.#caughtUpMs = Math.min(this.#caughtUpMs, nowMs);
  }
}
