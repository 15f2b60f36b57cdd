/** So much of what one silo sent may wait to be counted, however slow the correlators are (messages). */
const LEAST_AHEAD = 50;
/** What waits in all is to be counted within this time. */
const AHEAD_SECONDS = 1;
/** Taken as the correlators' speed until it is known (messages a second). */
const FIRST_PER_SECOND = 1_000;
/** How fast an old speed is forgotten. */
const MEMORY_SECONDS = 5;
/** Correlators that leave nothing waiting for so long have time to spare: what they counted is what came, not what they can. */
const BUSY_FROM_MS = 500;
/** Nothing of a signals partition was counted for so long: nobody reads it, and that is no silo's fault. */
const STALLED_MS = 30_000;
/** The same while others are counted, the last within `COUNTED_JUST_NOW_MS`: it changes hands, or something in it fails again and again. */
const STALLED_ALONE_MS = 5_000;
const COUNTED_JUST_NOW_MS = 1_000;
/** Messages that are kept track of; those beyond are sent all the same. */
const MOST_TRACKED = 100_000;

/** A signals partition, and what waits in it, in order. */
interface Line {
  sent: { readonly tenant: string; readonly offset: number; readonly atMs: number }[];
  position: number;
  /** When it last moved, or began to wait. */
  movedMs: number;
  /** What is sent to it is not kept track of until it moves. */
  isStalled: boolean;
}

/**
 * Messages that this instance has sent to the correlators and that are not counted yet, by silo. All silos share the signals topic, in which
 * nobody overtakes: one whose records match faster than matches can be counted would make all others wait behind it. So each may have only so
 * many there; its other records wait in its own topic, where they hold up nobody.
 */
export class SignalBacklog {
  readonly #lines = new Map<number, Line>();
  readonly #waiting = new Map<string, number>();
  #total = 0;
  #perSecond = FIRST_PER_SECOND;
  /** When anything was counted last, or began to wait. */
  #movedMs = 0;
  /** When anything was counted last. */
  #countedMs = -Infinity;

  get total(): number {
    return this.#total;
  }

  sent(tenant: string, partition: number, offset: number, nowMs: number): void {
    if (this.#total >= MOST_TRACKED) return;
    if (this.#total === 0) this.#movedMs = nowMs;
    const line = this.#lines.get(partition) ?? { sent: [], position: 0, movedMs: nowMs, isStalled: false };
    this.#lines.set(partition, line);
    if (line.isStalled) return;
    if (line.sent.length === 0) line.movedMs = nowMs;
    line.sent.push({ tenant, offset, atMs: nowMs });
    this.#add(tenant, 1);
  }

  /** The correlators have counted up to these positions, by signals partition. */
  countedTo(positions: ReadonlyMap<number, number>, nowMs: number): void {
    const before = this.#total;
    for (const [partition, line] of this.#lines) this.#moved(line, positions.get(partition) ?? 0, nowMs);
    this.#learn(before - this.#total, nowMs);
  }

  /** To be called again and again, also while nobody can say how far the correlators are: then nobody is to wait for them for ever. */
  forgetStalled(nowMs: number): void {
    const stalledMs = nowMs - this.#countedMs < COUNTED_JUST_NOW_MS ? STALLED_ALONE_MS : STALLED_MS;
    for (const line of this.#lines.values()) {
      if (line.sent.length === 0 || nowMs - line.movedMs < stalledMs) continue;
      line.isStalled = true;
      for (const { tenant } of line.sent.splice(0)) this.#add(tenant, -1);
    }
  }

  /** Whether a look would tell nothing. */
  get isIdle(): boolean {
    return this.#total === 0 && ![...this.#lines.values()].some(({ isStalled }) => isStalled);
  }

  /** How many messages more the silo may send now. */
  roomFor(tenant: string): number {
    const waiting = this.#waiting.get(tenant) ?? 0;
    const most = this.#perSecond * AHEAD_SECONDS;
    const others = this.#total - waiting;
    // While little waits in all, nobody's share has to be reckoned.
    const share = this.#total < most / 2 ? most - others : this.#shareOf(tenant, most);
    return Math.max(LEAST_AHEAD, share) - waiting;
  }

  /** An equal part, and of what others leave of theirs again an equal part (max-min fairness). */
  #shareOf(tenant: string, most: number): number {
    const others = [...this.#waiting].filter(([silo]) => silo !== tenant).map(([, count]) => count);
    others.sort((a, b) => a - b);
    let left = most;
    for (const [at, count] of others.entries()) {
      const part = left / (others.length - at + 1);
      if (count >= part) return part;
      left -= count;
    }
    return left;
  }

  #moved(line: Line, position: number, nowMs: number): void {
    if (position === line.position) return;
    line.position = position;
    line.movedMs = nowMs;
    this.#countedMs = nowMs;
    line.isStalled = false;
    const rest = line.sent.findIndex(({ offset }) => offset >= position);
    for (const { tenant } of line.sent.splice(0, rest === -1 ? line.sent.length : rest)) this.#add(tenant, -1);
  }

  #add(tenant: string, count: number): void {
    this.#total += count;
    const waiting = (this.#waiting.get(tenant) ?? 0) + count;
    if (waiting === 0) this.#waiting.delete(tenant);
    else this.#waiting.set(tenant, waiting);
  }

  #learn(counted: number, nowMs: number): void {
    const seconds = (nowMs - this.#movedMs) / 1_000;
    if (counted === 0 || seconds <= 0) return;
    this.#movedMs = nowMs;
    const learned = this.#perSecond + (counted / seconds - this.#perSecond) * Math.min(1, seconds / MEMORY_SECONDS);
    this.#perSecond = this.#isBusy(nowMs) ? learned : Math.max(this.#perSecond, learned);
  }

  #isBusy(nowMs: number): boolean {
    return [...this.#lines.values()].some(({ sent: [oldest] }) => {
      return oldest !== undefined && nowMs - oldest.atMs >= BUSY_FROM_MS;
    });
  }
}
