import type { ProgressMessage } from '../detect/signal-message.js';
import { ALLOWED_LATENESS_MS } from '../detect/source-clock.js';

/** A source that was not heard of for so long, by the time of the log, holds nothing back any more: its silo or its reader is gone. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;

/** Tenant, watermark, and the time of the log when it was last told; by source. */
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
  /** The time of the log when it was last told all of an instance; of what is stored, the latest. */
  #loggedMs: number;
  #isToldSince = false;
  /** As it was at some readings of the clock, ascending. */
  #kept: EventTime[] = [];
  #settled = UNKNOWN;
  #passedMs = 0;

  constructor(stored: StoredWatermarks = {}, clockMs = 0) {
    this.#sources = new Map(Object.entries(stored));
    this.#clockMs = clockMs;
    this.#loggedMs = Math.max(clockMs, ...Object.values(stored).map(([, , toldMs]) => toldMs));
  }

  /** The latest clock reading that progress carried, and none after the time of the log: the time by which groups age, the same in every replay of the signals. */
  get clockMs(): number {
    return this.#clockMs;
  }

  /**
   * `loggedMs`: when the log took it, which the clock is not ahead of. `goesOn`: other sources are told of next, as of the same moment. Until they
   * are the clock waits, or they might count as forgotten.
   */
  tell(
    { clockMs, watermarks, goesOn = false }: Pick<ProgressMessage, 'clockMs' | 'watermarks' | 'goesOn'>,
    loggedMs: number,
  ): void {
    this.#isToldSince = true;
    this.readAt(loggedMs);
    for (const [source, tenant, watermarkMs] of watermarks) {
      const known = this.#sources.get(source)?.[1] ?? 0;
      this.#sources.set(source, [tenant, Math.max(known, watermarkMs), loggedMs]);
    }
    this.#byTenant = undefined;
    if (goesOn) return;
    this.#loggedMs = loggedMs;
    this.#clockMs = Math.max(this.#clockMs, clockMs);
    const lastMs = this.#kept.at(-1)?.clockMs ?? this.#settled.clockMs;
    if (this.#kept.length < MOST_KEPT && this.#clockMs >= lastMs + KEEP_EVERY_MS) this.#kept.push(this.#asItIs());
  }

  /**
   * A record is read that the log took then. What lies after it, in memory or stored, was told by a clock that was ahead, or the log's own was:
   * it is not so.
   */
  readAt(loggedMs: number): void {
    if (loggedMs >= this.#loggedMs) return;
    for (const [source, [tenant, watermarkMs, toldMs]] of this.#sources) {
      const believedMs = Math.min(watermarkMs, loggedMs - ALLOWED_LATENESS_MS);
      this.#sources.set(source, [tenant, believedMs, Math.min(toldMs, loggedMs)]);
    }
    this.#byTenant = undefined;
    this.#loggedMs = loggedMs;
    this.#clockMs = Math.min(this.#clockMs, loggedMs);
    this.#kept = this.#kept.filter(({ clockMs }) => clockMs <= loggedMs);
    if (this.#settled.clockMs > loggedMs) this.#settled = UNKNOWN;
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
    this.#passedMs = passedMs;
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
      if (toldMs < this.#loggedMs - FORGOTTEN_AFTER_MS) {
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
