/** A source that was not heard of for so long, by the progress clock, holds nothing back any more: its silo or its reader is gone. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;

/** Tenant, watermark, and the progress clock when it was last told; by source. */
export type StoredWatermarks = Readonly<Record<string, readonly [tenant: string, watermarkMs: number, toldMs: number]>>;

/** How far event time has come, as a group may see it. */
export interface EventTime {
  readonly clockMs: number;
  /** The watermark of what one silo feeds; of all silos for null. 0 when nothing is known. */
  of(tenant: string | null): number;
}

/** Event time is kept for those who see it later this often, and so many times. */
const KEEP_EVERY_MS = 2_000;
const MOST_KEPT = 8;

const UNKNOWN: EventTime = { clockMs: 0, of: () => 0 };

/** How far event time has come, from what the detecting instances tell. */
export class Watermarks implements EventTime {
  readonly #sources: Map<string, readonly [string, number, number]>;
  #byTenant: Map<string, number> | undefined;
  #fleet = 0;
  #clockMs: number;
  #isToldSince = false;
  /** As it was at some readings of the clock, ascending. */
  #kept: EventTime[] = [];
  #settled = UNKNOWN;
  #passedMs = 0;

  constructor(stored: StoredWatermarks = {}, clockMs = 0) {
    this.#sources = new Map(Object.entries(stored));
    this.#clockMs = clockMs;
  }

  /** The latest clock reading that progress carried: the time by which groups age, the same in every replay of the signals. */
  get clockMs(): number {
    return this.#clockMs;
  }

  /** `goesOn`: other sources are told of next, as of the same moment. Until they are the clock waits, or they might count as forgotten. */
  tell(clockMs: number, watermarks: readonly (readonly [string, string, number])[], goesOn = false): void {
    this.#isToldSince = true;
    for (const [source, tenant, watermarkMs] of watermarks) {
      const known = this.#sources.get(source)?.[1] ?? 0;
      this.#sources.set(source, [tenant, Math.max(known, watermarkMs), clockMs]);
    }
    this.#byTenant = undefined;
    if (goesOn) return;
    this.#clockMs = Math.max(this.#clockMs, clockMs);
    const lastMs = this.#kept.at(-1)?.clockMs ?? this.#settled.clockMs;
    if (this.#kept.length < MOST_KEPT && this.#clockMs >= lastMs + KEEP_EVERY_MS) this.#kept.push(this.#asItIs());
  }

  of(tenant: string | null): number {
    this.#byTenant ??= this.#minimums();
    return tenant === null ? this.#fleet : (this.#byTenant.get(tenant) ?? 0);
  }

  /** Event time as it was when everything that had been detected by then was counted, and all that it set off: see `RelayClock`. */
  get settled(): EventTime {
    return this.#settled;
  }

  /** `RelayClock.passedMs`, as last settled. The event time that is `settled` was kept at a reading somewhat before it. */
  get passedMs(): number {
    return this.#passedMs;
  }

  /** `passedMs`: `RelayClock.passedMs`. */
  settle(passedMs: number): void {
    this.#passedMs = Math.max(this.#passedMs, passedMs);
    while ((this.#kept[0]?.clockMs ?? Infinity) <= passedMs) this.#settled = this.#kept.shift() ?? this.#settled;
  }

  stored(): StoredWatermarks {
    return Object.fromEntries(this.#sources);
  }

  /** To be stored; undefined when nothing was told since the last call: with many sources they are large, and signals move none. */
  changes(): StoredWatermarks | undefined {
    if (!this.#isToldSince) return undefined;
    this.#isToldSince = false;
    return this.stored();
  }

  #asItIs(): EventTime {
    const byTenant = (this.#byTenant ??= this.#minimums());
    const fleet = this.#fleet;
    return { clockMs: this.#clockMs, of: (tenant) => (tenant === null ? fleet : (byTenant.get(tenant) ?? 0)) };
  }

  #minimums(): Map<string, number> {
    const byTenant = new Map<string, number>();
    let fleet: number | undefined;
    for (const [source, [tenant, watermarkMs, toldMs]] of this.#sources) {
      if (toldMs < this.#clockMs - FORGOTTEN_AFTER_MS) {
        this.#sources.delete(source);
        continue;
      }
      byTenant.set(tenant, Math.min(byTenant.get(tenant) ?? watermarkMs, watermarkMs));
      fleet = Math.min(fleet ?? watermarkMs, watermarkMs);
    }
    this.#fleet = fleet ?? 0;
    return byTenant;
  }
}
