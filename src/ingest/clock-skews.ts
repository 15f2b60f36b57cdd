/** Beyond it a clock is wrong, or the log took long over a message. */
const MOST_MS = 10_000;
/** Each instance is heard of once a second. */
const GONE_AFTER_MS = 60_000;

/** How far the clocks of instances are from the log's. */
export class ClockSkews {
  readonly #instances = new Map<string, { readonly skewMs: number; readonly atMs: number }>();

  /** `skewMs`: how far the instance's clock was ahead of the log's. Whether it is too far, and was not when it was last heard of. */
  heard(instance: string, skewMs: number, nowMs: number): boolean {
    const before = this.#instances.get(instance)?.skewMs ?? 0;
    this.#instances.set(instance, { skewMs, atMs: nowMs });
    return Math.abs(skewMs) > MOST_MS && Math.abs(before) <= MOST_MS;
  }

  /** The furthest that one is ahead or behind. */
  furthestMs(nowMs: number): number {
    let most = 0;
    for (const [instance, { skewMs, atMs }] of this.#instances) {
      if (atMs < nowMs - GONE_AFTER_MS) this.#instances.delete(instance);
      else most = Math.max(most, Math.abs(skewMs));
    }
    return most;
  }
}
