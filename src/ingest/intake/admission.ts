import { throttled } from './intake.errors.js';

export interface AdmissionBounds {
  readonly bytesInFlight: number;
  readonly siloBytesInFlight: number;
  readonly siloBytesPerSecond: number;
  /** Bytes that a silo may send at once before its rate holds. */
  readonly siloBurstBytes: number;
  /** The log has not acknowledged anything asked of it for so long: nothing more is asked. */
  readonly logSilentMs: number;
}

/** What a request counts for before its body is known, so that thousands of idle ones count too. */
export const REQUEST_BYTES = 64 * 1024;
/** A pause that lets the bytes in flight drain. */
const BUSY_WAIT_MS = 1_000;
const APPENDS_OF_A_SILO = 4;
/** Silos of whom nothing is remembered any more once so many are known. */
const MAX_REMEMBERED = 10_000;

interface SiloLoad {
  inFlight: number;
  /** Bodies that the log was given and has not acknowledged. */
  appending: number;
  readonly waiting: (() => void)[];
  /** Bytes that may be sent now; below zero after a body that was larger, which is waited for. */
  balance: number;
  atMs: number;
}

/**
 * Which requests are taken in, so that memory stays bounded, the log is not run over and no silo takes the others' place. Bodies are counted as they
 * arrive, unpacked; a silo's rate is charged for what it sent, and whoever is in debt waits.
 */
export class Admission {
  readonly #bounds: AdmissionBounds;
  readonly #silos = new Map<string, SiloLoad>();
  readonly #appends = new Set<{ readonly sinceMs: number }>();
  #inFlight = 0;

  constructor(bounds: AdmissionBounds) {
    this.#bounds = bounds;
  }

  get bytesInFlight(): number {
    return this.#inFlight;
  }

  /** Throws INTAKE_THROTTLED with the seconds to wait. */
  begin(tenant: string, nowMs: number): Admitted {
    const [oldest] = this.#appends;
    if (oldest !== undefined && nowMs - oldest.sinceMs > this.#bounds.logSilentMs)
      throw throttled('log_silent', 2 * BUSY_WAIT_MS);
    const load = this.#loadOf(tenant, nowMs);
    if (load.balance <= 0) {
      throw throttled('silo_rate', (-load.balance / this.#bounds.siloBytesPerSecond) * 1000);
    }
    const admitted = new Admitted((bytes) => this.#add(load, bytes));
    admitted.add(REQUEST_BYTES);
    return admitted;
  }

  /** Hands `append` to the log when it is its turn: each silo has a few places there, so that none fills the queue before all others. */
  async appending<T>(tenant: string, nowMs: () => number, append: () => Promise<T>): Promise<T> {
    const load = this.#loadOf(tenant, nowMs());
    if (load.appending >= APPENDS_OF_A_SILO) await new Promise<void>((resolve) => load.waiting.push(resolve));
    else load.appending += 1;
    const asked = { sinceMs: nowMs() };
    this.#appends.add(asked);
    try {
      return await append();
    } finally {
      this.#appends.delete(asked);
      // The place goes to whoever waited longest.
      const next = load.waiting.shift();
      if (next === undefined) load.appending -= 1;
      else next();
    }
  }

  /** Charges a body to its silo's rate. */
  charge(tenant: string, bytes: number, nowMs: number): void {
    this.#loadOf(tenant, nowMs).balance -= bytes;
  }

  #add(load: SiloLoad, bytes: number): void {
    if (bytes > 0) {
      if (this.#inFlight + bytes > this.#bounds.bytesInFlight) throw throttled('in_flight', BUSY_WAIT_MS);
      if (load.inFlight + bytes > this.#bounds.siloBytesInFlight) throw throttled('silo_in_flight', BUSY_WAIT_MS);
    }
    this.#inFlight += bytes;
    load.inFlight += bytes;
  }

  #loadOf(tenant: string, nowMs: number): SiloLoad {
    const { siloBytesPerSecond, siloBurstBytes } = this.#bounds;
    let load = this.#silos.get(tenant);
    if (load === undefined) {
      if (this.#silos.size >= MAX_REMEMBERED) this.#forget();
      load = { inFlight: 0, appending: 0, waiting: [], balance: siloBurstBytes, atMs: nowMs };
      this.#silos.set(tenant, load);
    }
    const earned = (Math.max(0, nowMs - load.atMs) / 1000) * siloBytesPerSecond;
    load.balance = Math.min(siloBurstBytes, load.balance + earned);
    load.atMs = nowMs;
    return load;
  }

  #forget(): void {
    for (const [tenant, { inFlight }] of this.#silos) if (inFlight === 0) this.#silos.delete(tenant);
  }
}

/** One request's share of the bytes in flight. */
export class Admitted {
  readonly #account: (bytes: number) => void;
  #bytes = 0;

  constructor(account: (bytes: number) => void) {
    this.#account = account;
  }

  /** Throws INTAKE_THROTTLED when there is no room for them. */
  add(bytes: number): void {
    this.#account(bytes);
    this.#bytes += bytes;
  }

  end(): void {
    this.#account(-this.#bytes);
    this.#bytes = 0;
  }
}
